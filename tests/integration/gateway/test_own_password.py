"""Whose password was made up by somebody else chooses his own before anything else."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.auth import guard

OWN = "her-own-choice"


@pytest.fixture(autouse=True)
def _no_remembered_keys() -> None:
    guard._exchanged.clear()


@pytest.fixture
def anna(gateway: Any) -> dict[str, Any]:
    """A user who may manage people, with a password that somebody made up."""
    role = gateway.make_role("people", "users.manage", "keys.manage")
    return gateway.make("users", username="anna", name="Anna", role_ids=[role["id"]])


def signed_in(gateway: Any, anna: dict[str, Any]) -> dict[str, Any]:
    return gateway.sign_in("anna", anna["initial_password"]).json


def change(gateway: Any, anna: dict[str, Any], token: str) -> Any:
    return gateway.call("POST", "/api/auth/password", {"current": anna["initial_password"], "new": OWN}, token=token)


def refused(answer: Any) -> bool:
    return (answer.status_code, answer.json["code"]) == (403, "password_must_change")


def test_before_the_change_only_the_own_account_is_open(gateway: Any, anna: dict[str, Any]) -> None:
    tokens = signed_in(gateway, anna)
    token = tokens["access_token"]
    assert refused(gateway.call("GET", "users", token=token))
    assert refused(gateway.call("POST", "users", {"username": "eve", "name": "Eve"}, token=token))
    assert refused(gateway.call("GET", "people", token=token))
    assert gateway.call("GET", "/api/auth/me", token=token).json["must_change_password"] is True
    assert gateway.call("PATCH", "/api/auth/me", {"locale": "zh-CN"}, token=token).status_code == 200
    assert gateway.call("POST", "/api/auth/logout", {}, token=token).status_code == 204


def test_the_refusal_says_what_to_do_in_both_languages(gateway: Any, anna: dict[str, Any]) -> None:
    token = signed_in(gateway, anna)["access_token"]
    said = [gateway.call("GET", "users", token=token, headers={"Accept-Language": locale}).json["title"]
            for locale in ("en", "zh-CN")]
    assert said == ["Please choose a password of your own first", "请先设置您自己的密码"]


def test_the_answer_to_the_change_is_a_token_that_opens_everything(gateway: Any, anna: dict[str, Any]) -> None:
    tokens = signed_in(gateway, anna)
    changed = change(gateway, anna, tokens["access_token"])
    assert changed.status_code == 200
    assert gateway.call("GET", "users", token=changed.json["access_token"]).status_code == 200
    assert gateway.sign_in("anna", OWN).status_code == 200
    renewed = gateway.call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, by=None).json
    assert gateway.call("GET", "users", token=renewed["access_token"]).status_code == 200


def test_the_new_token_belongs_to_the_same_session(gateway: Any, anna: dict[str, Any]) -> None:
    token = change(gateway, anna, signed_in(gateway, anna)["access_token"]).json["access_token"]
    assert gateway.call("POST", "/api/auth/logout", {}, token=token).status_code == 204
    assert gateway.call("GET", "users", token=token).status_code == 401


def test_renewing_does_not_lead_around_the_change(gateway: Any, anna: dict[str, Any]) -> None:
    refresh_token = signed_in(gateway, anna)["refresh_token"]
    renewed = gateway.call("POST", "/api/auth/refresh", {"refresh_token": refresh_token}, by=None).json
    assert refused(gateway.call("GET", "users", token=renewed["access_token"]))


def test_a_change_that_is_refused_opens_nothing(gateway: Any, anna: dict[str, Any]) -> None:
    token = signed_in(gateway, anna)["access_token"]
    same = {"current": anna["initial_password"], "new": anna["initial_password"]}
    assert gateway.call("POST", "/api/auth/password", same, token=token).status_code == 422
    assert refused(gateway.call("GET", "users", token=token))


def test_api_keys_rest_from_the_reset_until_the_change(gateway: Any) -> None:
    user = gateway.make_user("anna", role_ids=[gateway.make_role("people", "users.manage")["id"]])
    key = gateway.make("keys", name="robot", scopes=["gateway:read"], user_id=user["id"])["key"]
    assert gateway.call("GET", "users", token=key).status_code == 200
    reset = gateway.call("POST", f"users/{user['id']}/reset-password").json
    guard._exchanged.clear()
    assert refused(gateway.call("GET", "users", token=key))
    assert refused(gateway.call("GET", "/api/auth/me", token=key))
    assert change(gateway, reset, signed_in(gateway, reset)["access_token"]).status_code == 200
    assert gateway.call("GET", "users", token=key).status_code == 200


def test_a_password_that_an_administrator_and_the_user_agreed_on_need_not_be_changed(gateway: Any) -> None:
    gateway.make_user("anna", role_ids=[gateway.make_role("people", "users.manage")["id"]])
    assert gateway.call("GET", "users", by="anna").status_code == 200

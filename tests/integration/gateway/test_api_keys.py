"""API keys: within their scopes, in the name of their user, until they are revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.auth import guard
from chassis.auth.directory import SESSION_REVOKED
from chassis.clock import to_wire, utcnow
from gateway.store.tables import api_key


@pytest.fixture(autouse=True)
def _no_remembered_keys() -> None:
    guard._exchanged.clear()


def exchange(gateway: Any, key: str) -> Any:
    return gateway.call("POST", "/v1/keys/exchange", {"key": key}, token=gateway.service.own_token())


def test_a_key_is_shown_once_and_stored_as_a_digest(gateway: Any) -> None:
    made = gateway.make("keys", name="robot", scopes=["gateway:read"])
    assert made["key"].startswith("fhk_")
    assert all("key" not in item for item in gateway.call("GET", "keys").json["items"])
    with gateway.service.db.read() as connection:
        assert connection.execute(select(api_key.c.secret_hash)).scalar_one() not in made["key"]


def test_a_key_works_as_bearer_token_within_its_scopes(gateway: Any) -> None:
    key = gateway.make("keys", name="robot", scopes=["gateway:read"])["key"]
    assert gateway.call("GET", "users", token=key).status_code == 200
    refused = gateway.call("POST", "users", {"username": "x1", "name": "X"}, token=key)
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    other = gateway.make("keys", name="customer only", scopes=["customer:read", "customer:write"])["key"]
    assert gateway.call("GET", "users", token=other).json["code"] == "scope_missing"


def test_a_key_cannot_grow_beyond_its_scopes(gateway: Any) -> None:
    key = gateway.make("keys", name="robot", scopes=["gateway:read", "gateway:write"])["key"]
    me = gateway.call("GET", "/api/auth/me").json["id"]
    for path, body in (("keys", {"name": "more", "scopes": ["customer:write"]}), (f"users/{me}/reset-password", None),
                       ("/api/auth/password", {"current": "a", "new": "b"}), ("/api/auth/logout", {})):
        assert gateway.call("POST", path, body, token=key).json["code"] == "people_only"


def test_revoking_a_key_voids_the_tokens_made_from_it(gateway: Any) -> None:
    made = gateway.make("keys", name="robot", scopes=["gateway:read"])
    token = exchange(gateway, made["key"]).json["access_token"]
    assert gateway.call("GET", "users", token=token).status_code == 200
    assert gateway.call("DELETE", f"keys/{made['id']}").status_code == 204
    assert gateway.call("GET", "users", token=token).status_code == 401
    assert gateway.call("GET", "users", token=made["key"]).status_code == 401
    assert gateway.published(SESSION_REVOKED)[-1].data["sessions"] == [made["id"]]
    assert gateway.call("DELETE", f"keys/{made['id']}").status_code == 404


def test_a_key_ends_with_its_time_and_with_its_user(gateway: Any) -> None:
    soon = to_wire(utcnow() + timedelta(seconds=30))
    short = gateway.make("keys", name="short", scopes=["gateway:read"], expires_at=soon)
    assert exchange(gateway, short["key"]).json["expires_in"] <= 30
    with gateway.service.db.unit_of_work() as uow:
        uow.execute(update(api_key).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert exchange(gateway, short["key"]).status_code == 404
    user = gateway.make_user("anna")
    hers = gateway.make("keys", name="hers", scopes=["gateway:read"], user_id=user["id"])
    assert exchange(gateway, hers["key"]).status_code == 200
    gateway.call("DELETE", f"users/{user['id']}")
    assert exchange(gateway, hers["key"]).status_code == 404


def test_unknown_keys_are_all_the_same(gateway: Any) -> None:
    for key in ("fhk_", "fhk_x_y", "nothing", "fhk_" + "0" * 32 + "_" + "a" * 43):
        assert exchange(gateway, key).status_code == 404
        assert gateway.call("GET", "users", token=key).status_code == 401


def test_only_services_exchange_keys(gateway: Any) -> None:
    assert gateway.call("POST", "/v1/keys/exchange", {"key": "fhk_x"}).json["code"] == "services_only"


def test_nobody_makes_a_key_for_somebody_more_powerful(gateway: Any) -> None:
    admin = gateway.call("GET", "/api/auth/me").json
    role = gateway.make_role("keymaster", "keys.manage")
    gateway.make_user("anna", role_ids=[role["id"]])
    wanted = {"name": "x", "scopes": ["gateway:write"]}
    refused = gateway.call("POST", "keys", wanted | {"user_id": admin["id"]}, by="anna")
    assert refused.json["code"] == "more_powerful_user"
    assert gateway.call("POST", "keys", wanted, by="anna").status_code == 201


def test_wrong_keys_are_refused(gateway: Any) -> None:
    for body in ({"name": "x", "scopes": []}, {"name": "x", "scopes": ["moon:read"]}, {"name": "x"},
                 {"name": "x", "scopes": ["gateway:read"], "expires_at": "2020-01-01T00:00:00Z"},
                 {"name": "x", "scopes": ["gateway:read"], "expires_at": "2030-01-01T00:00:00"}):
        assert gateway.call("POST", "keys", body).status_code == 422, body

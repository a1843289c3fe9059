"""The HTTP edge that all services share: callers, problems, idempotency."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select

from chassis.auth.tokens import AUDIENCE
from chassis.ids import new_id
from chassis.jsonio import dump_bytes
from chassis.service import ServiceSpec
from chassis.testkit.harness import Harness

from .conftest import metadata, thing


@pytest.fixture
def house(spec: ServiceSpec, tmp_path: Path, database_url: str) -> Iterator[Harness]:
    house = Harness(spec, tmp_path / "home", database_url)
    with house.service.db.unit_of_work() as uow:
        metadata.create_all(uow.connection)
    yield house
    house.close()


def count(house: Harness) -> int:
    with house.service.db.read() as connection:
        return connection.execute(select(func.count()).select_from(thing)).scalar() or 0


def claims(house: Harness, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": "freehold.gateway", "aud": AUDIENCE, "sub": house.user("X"), "sid": new_id(), "type": "access",
            "jti": new_id(), "iat": now, "nbf": now, "exp": now + 600}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(house: Harness, payload: dict[str, Any], **headers: Any) -> str:
    key_id, key = house._gateway.signer.signing()
    return jwt.encode(payload, key, algorithm="RS256", headers={"kid": key_id} | headers)


def _with_public_key_as_secret(payload: dict[str, Any], pem: bytes, key_id: str) -> str:
    """Forge by hand what PyJWT refuses to sign."""
    parts = [base64.urlsafe_b64encode(dump_bytes(part)).rstrip(b"=")
             for part in ({"alg": "HS256", "typ": "JWT", "kid": key_id}, payload)]
    mac = hmac.new(pem, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def ask(house: Harness, token: str) -> Any:
    return house.client.post("/v1/things", json={"name": "x"}, headers={"Authorization": f"Bearer {token}"})


def test_a_good_token_is_let_in(house: Harness) -> None:
    assert ask(house, signed(house, claims(house))).status_code == 201


@pytest.mark.parametrize("wrong", [
    {"aud": "elsewhere"}, {"aud": None}, {"iss": "freehold.customer"}, {"iss": "somebody"}, {"iss": None},
    {"exp": 1_600_000_000}, {"exp": None}, {"nbf": 9_999_999_999}, {"type": "refresh"}, {"sub": None}, {"sub": 7},
    {"sub": "service:workflow"}, {"iss": "freehold.workflow", "sub": "service:workflow"}])
def test_a_wrong_claim_is_a_401(house: Harness, wrong: dict[str, Any]) -> None:
    answer = ask(house, signed(house, claims(house, **wrong)))
    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


def test_other_algorithms_and_keys_are_a_401(house: Harness) -> None:
    payload, key_id = claims(house), house._gateway.signer.signing()[0]
    pem = house._gateway.signer.public(key_id).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = signed(house, payload)
    head, body, signature = good.split(".")
    for token in (jwt.encode(payload, "", algorithm="none", headers={"kid": key_id}),
                  _with_public_key_as_secret(payload, pem, key_id),
                  jwt.encode(payload, stranger, algorithm="RS256", headers={"kid": key_id}),
                  signed(house, payload, kid="unknown"), signed(house, payload, kid="../../etc/passwd"),
                  f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[:-3]}abc", f"{head}.{body}.",
                  "x", "a.b.c", good + "x", "ä"):
        answer = ask(house, token.encode("utf-8").decode("latin-1"))
        assert answer.status_code == 401, token
    assert ask(house, good).status_code == 201


def test_a_revoked_session_and_a_user_who_left_are_a_401(house: Harness) -> None:
    user, session = house.user("X"), new_id()
    token = house.token(user, session)
    assert ask(house, token).status_code == 201
    house.deliver(house.message("freehold.gateway.session.revoked.v1", {
        "sessions": [session], "user_id": user, "at": "2026-01-01T00:00:00Z"}))
    house.service.directory.snapshot(fresh=True)
    assert ask(house, token).status_code == 401
    left = house.user("Y", active=False)
    assert house.call(left, "POST", "/v1/things", {"name": "x"}).status_code == 401


def test_an_unknown_user_is_asked_for_at_the_gateway(house: Harness) -> None:
    user, version = new_id(), 99
    house.neighbours["gateway", "GET", "/v1/directory"] = lambda _: (200, {
        "version": version, "departments": [], "roles": [], "users": [{
            "id": user, "version": version, "name": "New", "username": "new", "active": True, "role_ids": []}]})
    assert house.call(user, "POST", "/v1/things", {"name": "x"}).status_code == 201


def test_the_same_idempotency_key_has_one_effect_and_one_answer(house: Harness) -> None:
    user = house.user("X")
    headers = {"Idempotency-Key": "import-7"}
    first, again = (house.call(user, "POST", "/v1/things", {"name": "a"}, headers) for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = house.call(user, "POST", "/v1/things", {"name": "b"}, headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert house.call(house.user("Y"), "POST", "/v1/things", {"name": "c"}, headers).status_code == 201
    assert count(house) == 2


def test_a_refused_call_may_be_repeated_with_its_key(house: Harness) -> None:
    user, headers = house.user("X"), {"Idempotency-Key": "k"}
    assert house.call(user, "POST", "/v1/things", {"name": "a" * 21}, headers).status_code == 422
    assert house.call(user, "POST", "/v1/things", {"name": "a"}, headers).status_code == 201


def test_calls_at_the_same_moment_with_one_key_have_one_effect(house: Harness) -> None:
    user, answers = house.user("X"), []
    token = house.token(user)

    def call() -> None:
        client = house.app.test_client()
        answers.append(client.post("/v1/things", json={"name": "a"}, headers={
            "Authorization": f"Bearer {token}", "Idempotency-Key": "k"}).status_code)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 6
    assert count(house) == 1


@pytest.mark.parametrize(("body", "content_type", "status", "code"), [
    (b'{"name":', "application/json", 400, "malformed_json"),
    (b'{"name":"\xff\xfe"}', "application/json", 400, "malformed_json"),
    (b'{"name":"\\ud800"}', "application/json", 400, "malformed_json"),
    (b'{"name":NaN}', "application/json", 400, "malformed_json"),
    (b'{"name":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400, "json_too_deep"),
    (b"[" * 100_000, "application/json", 400, "malformed_json"),
    (b"name=x", "application/x-www-form-urlencoded", 415, "content_type_unsupported"),
    (b"<x/>", "text/xml", 415, "content_type_unsupported"),
    (b'{"name":"' + b"x" * 2_000_000 + b'"}', "application/json", 413, "body_too_large"),
    (b'["x"]', "application/json", 422, "invalid_request"),
    (b'{"name":"a\\u0000b"}', "application/json", 422, "invalid_request"),
    (b'{"name":1}', "application/json", 422, "invalid_request"),
    (b'{"name":null}', "application/json", 422, "invalid_request"),
    (b'{"name":"x","more":1}', "application/json", 422, "invalid_request")])
def test_bad_bodies_are_refused_readably_and_write_nothing(
        house: Harness, body: bytes, content_type: str, status: int, code: str) -> None:
    answer = house.call(house.user("X"), "POST", "/v1/things", data=body, headers={
        "Content-Type": content_type, "Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) >= {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json["title"])
    assert count(house) == 0


def test_a_request_id_is_taken_over_when_it_is_harmless(house: Harness) -> None:
    assert house.client.get("/healthz/live", headers={"X-Request-ID": "click-1"}).headers["X-Request-ID"] == "click-1"
    made = house.client.get("/healthz/live", headers={"X-Request-ID": "a b<script>"}).headers["X-Request-ID"]
    assert len(made) == 36


def test_only_services_may_say_where_their_work_comes_from(house: Harness) -> None:
    pretended = {"X-Freehold-Depth": "7", "X-Freehold-Origin": "rule:1", "X-Freehold-Bulk": "b"}
    house.call(house.user("X"), "POST", "/v1/things", {"name": "a"}, pretended)
    house.call_as_service("customer", "POST", "/v1/things", {"name": "b"}, pretended)
    mine, services = house.published("freehold.customer.thing.made.v1")
    assert (mine.depth, services.depth) == (0, 7)

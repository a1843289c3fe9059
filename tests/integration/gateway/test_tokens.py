"""Access tokens: only what the gateway signed, for us, in time, with a key that still counts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.testkit.databases import OwnDatabase
from gateway.usecases.signing_keys import rotate_signing_key, rotate_when_old

from .conftest import Gateway, build_gateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, signing_keys: Path) -> Iterator[Gateway]:
    """One gateway for all of these: they only ask."""
    folder = tmp_path_factory.mktemp("tokens")
    shutil.copytree(signing_keys, folder / "keys")
    made = build_gateway(folder, f"sqlite:///{folder}/gateway.db")
    yield made
    made.service.close()


@pytest.fixture
def own_database(sqlite_database: OwnDatabase) -> OwnDatabase:
    """What is proven here does not depend on the database."""
    return sqlite_database


def claims(gateway: Any, **changes: Any) -> dict[str, Any]:
    good = jwt.decode(gateway.token(), options={"verify_signature": False})
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(gateway: Any, **changes: Any) -> str:
    return gateway.service.signer.sign(claims(gateway, **changes))


def status(gateway: Any, token: str) -> int:
    answer = gateway.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200 or answer.json["code"] in ("token_invalid", "token_missing")
    return answer.status_code


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_what_the_gateway_signs_is_accepted(gateway: Any) -> None:
    assert status(gateway, gateway.token()) == 200
    assert status(gateway, signed(gateway)) == 200


@pytest.mark.parametrize("changes", [
    {"exp": -60}, {"exp": None}, {"nbf": 600}, {"aud": "another"}, {"aud": None},
    {"iss": "freehold.customer"}, {"iss": "freehold.elsewhere"}, {"iss": None}, {"type": "refresh"},
    {"sub": None}, {"sub": 1}, {"sub": "service:customer"}, {"sub": "0192e4a0-0000-7000-8000-000000000000"}])
def test_claims_that_are_wrong_are_refused(gateway: Any, changes: dict[str, Any]) -> None:
    times = {name: int(time.time()) + changes[name] for name in ("exp", "nbf") if changes.get(name) is not None}
    assert status(gateway, signed(gateway, **changes | times)) == 401


def test_a_token_without_signature_is_refused(gateway: Any) -> None:
    body = encoded(claims(gateway))
    for algorithm in ("none", "None", "NONE"):
        head = encoded({"alg": algorithm, "typ": "JWT", "kid": gateway.service.signer.signing()[0]})
        assert status(gateway, f"{head}.{body}.") == 401


def test_the_public_key_is_no_shared_secret(gateway: Any) -> None:
    key_id = gateway.service.signer.signing()[0]
    public = gateway.service.signer.public(key_id).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    unsigned = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': key_id})}.{encoded(claims(gateway))}"
    mac = base64.urlsafe_b64encode(hmac.new(public, unsigned.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    assert status(gateway, f"{unsigned}.{mac}") == 401


def test_a_foreign_key_is_refused_even_under_our_key_id(gateway: Any) -> None:
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for key_id in (gateway.service.signer.signing()[0], "unknown", None):
        headers = {"kid": key_id} if key_id else {}
        assert status(gateway, jwt.encode(claims(gateway), foreign, algorithm="RS256", headers=headers)) == 401


def test_a_key_in_the_header_is_not_believed(gateway: Any) -> None:
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(foreign.public_key()))
    token = jwt.encode(claims(gateway), foreign, algorithm="RS256",
                       headers={"jwk": own, "jku": "https://example.com/keys", "kid": "x"})
    assert status(gateway, token) == 401


def test_a_tampered_token_is_refused(gateway: Any) -> None:
    head, body, signature = gateway.token().split(".")
    assert status(gateway, f"{head}.{encoded(claims(gateway, sub='0' * 36))}.{signature}") == 401
    assert status(gateway, f"{head}.{body}.{signature[:-8]}AAAAAAAA") == 401
    assert status(gateway, f"{head}.{body}") == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWRtaW46eA==", "Bearer x", "Bearer ..",
                                    "Bearer a.b.c", "bearer \xff", "Bearer fhk_", "Bearer " + "x" * 6000])
def test_broken_headers_are_a_401(gateway: Any, header: str) -> None:
    answer = gateway.client.get("/api/auth/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_after_rotation_old_tokens_hold_until_their_key_is_retired(make_gateway: Any) -> None:
    gateway = make_gateway()
    first = gateway.token()
    rotate_signing_key(gateway.service)
    second = signed(gateway)
    assert status(gateway, first) == status(gateway, second) == 200
    assert len(gateway.client.get("/.well-known/jwks.json").json["keys"]) == 2
    rotate_signing_key(gateway.service)
    gateway.service.verifier._remembered.clear()
    assert status(gateway, first) == 401
    assert status(gateway, second) == 200


def test_a_young_signing_key_is_left_alone(gateway: Any) -> None:
    before = gateway.service.signer.signing()[0]
    rotate_when_old(gateway.service)
    assert gateway.service.signer.signing()[0] == before


def test_published_keys_hold_nothing_private(gateway: Any) -> None:
    for key in gateway.client.get("/.well-known/jwks.json").json["keys"]:
        assert set(key) <= {"kty", "n", "e", "kid", "use", "alg", "key_ops"}

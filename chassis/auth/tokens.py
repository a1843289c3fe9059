"""Access tokens: RS256 JWTs, verified by each service itself with the issuer's published keys.

`iss` names the issuer: `freehold.gateway` signs for people, `freehold.<service>` for itself. The keys of others are
fetched from their `/.well-known/jwks.json` when an unknown key id turns up, at most every few seconds. A verified
token is remembered for up to 30 seconds within its life.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import jwt
from flask import Flask
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.algorithms import RSAAlgorithm

from chassis.ids import new_id

if TYPE_CHECKING:
    from chassis.service import Service

AUDIENCE = "freehold"
MUST_CHANGE_PASSWORD = "must_change_password"  # noqa: S105 - the name of a claim
SERVICES = ("gateway", "customer", "workflow", "notify", "report")
_REMEMBER_SECONDS = 30.0
_REFETCH_SECONDS = 5.0
_MAX_REMEMBERED = 20_000
_SERVICE_TOKEN_SECONDS = 60


class InvalidToken(Exception):
    """The token is broken, expired, tampered with, or for another audience."""


class Verifier:
    """Verifies tokens of all issuers for one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._keys: dict[tuple[str, str], Any] = {}
        self._fetched_at: dict[str, float] = {}
        self._remembered: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def configure(self, app: Flask) -> None:
        """Make Flask-JWT-Extended verify the way that this installation needs."""
        app.config.update(JWT_ALGORITHM="RS256", JWT_DECODE_ALGORITHMS=["RS256"], JWT_DECODE_AUDIENCE=AUDIENCE,
                          JWT_TOKEN_LOCATION=["headers"], JWT_DECODE_LEEWAY=2)
        manager = JWTManager(app)
        manager.decode_key_loader(self._key)

    def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid access token; raises InvalidToken."""
        now = time.monotonic()
        known = self._remembered.get(token)
        if known is not None and now < known[0]:
            return known[1]
        try:
            claims = decode_token(token)
        except (jwt.PyJWTError, JWTExtendedException, ValueError, TypeError, KeyError) as error:
            raise InvalidToken(type(error).__name__) from error
        if claims.get("type") != "access" or "exp" not in claims or not isinstance(claims.get("sub"), str):
            raise InvalidToken("not an access token")
        self._remember(token, claims, now)
        return claims

    def _remember(self, token: str, claims: dict[str, Any], now: float) -> None:
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered = {}
        self._remembered[token] = (now + min(_REMEMBER_SECONDS, claims["exp"] - time.time()), claims)

    def _key(self, header: dict[str, Any], payload: dict[str, Any]) -> Any:
        issuer, key_id = payload.get("iss"), header.get("kid")
        service = issuer.removeprefix("freehold.") if isinstance(issuer, str) else None
        if service not in SERVICES or not isinstance(key_id, str) or issuer != f"freehold.{service}":
            raise jwt.InvalidIssuerError("unknown issuer")
        subject = str(payload.get("sub"))
        if subject != f"service:{service}" and (service != "gateway" or subject.startswith("service:")):
            raise jwt.InvalidIssuerError("a service speaks only for itself")
        key = self._own(service, key_id) or self._keys.get((service, key_id)) or self._fetch(service, key_id)
        if key is None:
            raise jwt.InvalidKeyError("unknown key")
        return key

    def _own(self, service: str, key_id: str) -> Any:
        return self._service.signer.public(key_id) if service == self._service.name else None

    def _fetch(self, service: str, key_id: str) -> Any:
        with self._lock:
            if time.monotonic() - self._fetched_at.get(service, -_REFETCH_SECONDS) >= _REFETCH_SECONDS:
                answer = self._service.calls.request(service, "GET", "/.well-known/jwks.json", anonymous=True)
                if answer.status == 200:
                    self._fetched_at[service] = time.monotonic()
                    self._keys = {known: key for known, key in self._keys.items() if known[0] != service} | {
                        (service, key["kid"]): RSAAlgorithm.from_jwk(key) for key in answer.json["keys"]}
            return self._keys.get((service, key_id))


def service_token(service: Service) -> str:
    """Return a short-lived token with which a service speaks for itself."""
    now = int(time.time())
    return service.signer.sign({
        "iss": f"freehold.{service.name}", "aud": AUDIENCE, "sub": f"service:{service.name}", "type": "access",
        "jti": new_id(), "iat": now, "nbf": now, "exp": now + _SERVICE_TOKEN_SECONDS})


def access_token(service: Service, user_id: str, session_id: str, seconds: int, **extra: Any) -> str:
    """Return an access token of a user; only the gateway signs these."""
    now = int(time.time())
    return service.signer.sign({
        "iss": "freehold.gateway", "aud": AUDIENCE, "sub": user_id, "sid": session_id, "type": "access",
        "jti": new_id(), "iat": now, "nbf": now, "exp": now + seconds} | extra)

"""The guard of a service: every view needs a verified caller unless it is marked public.

A bearer token is an access token, or an API key (`fhk_…`) that the guard exchanges at the gateway for one.

A token of somebody who must first choose a password of his own says so in a claim. It opens only the views that are
marked for that; his API keys open none. Changing the password gives a token without the claim.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app, g, request

from chassis.auth.people import principal_of
from chassis.auth.principal import Principal
from chassis.auth.tokens import MUST_CHANGE_PASSWORD, InvalidToken
from chassis.http.current import current_service
from chassis.http.problem import Problem
from chassis.i18n import negotiate

if TYPE_CHECKING:
    from chassis.service import Service

F = TypeVar("F", bound=Callable[..., Any])

API_KEY_PREFIX = "fhk_"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_READING_POSTS = frozenset({"query", "funnel", "export", "duplicates", "preview", "kanban", "calendar",
                            "totals"})
_KEY_SECONDS = 30.0


def public(view: F) -> F:
    """Mark a view that needs no caller."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def before_own_password(view: F) -> F:
    """Mark a view that people may use before they have chosen a password of their own."""
    view.is_before_own_password = True  # type: ignore[attr-defined]
    return view


def asked_view() -> Any:
    """Return the view function that answers the present request, or None."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(getattr(view, "view_class", None), request.method.lower(), view)


def requires(permission: str) -> Callable[[F], F]:
    """Let only callers with this permission through; others get 403."""
    return requires_any(permission)


def requires_any(*permissions: str) -> Callable[[F], F]:
    """Let only callers with one of these permissions through; others get 403 that names the first."""

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            principal = current_principal()
            if not any(principal.can(permission) for permission in permissions):
                raise Problem(403, "permission_missing", params={"permission": permissions[0]})
            return view(*args, **kwargs)

        guarded.permission = permissions[0]  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def service_only(view: F) -> F:
    """Let only other services through."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_principal().kind != "service":
            raise Problem(403, "services_only")
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def current_principal() -> Principal:
    """Return the verified caller of this request; raises 401 when there is none."""
    if "principal" not in g:
        g.principal = authenticate(current_service())
    return g.principal


def authenticate(service: Service) -> Principal:
    """Verify the bearer token of the present request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii():
        raise Problem(401, "token_missing", headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = service.verifier.claims(_exchange(service, token) if token.startswith(API_KEY_PREFIX) else token)
        principal = _principal(service, claims)
    except InvalidToken as error:
        raise Problem(401, "token_invalid", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
    if claims.get(MUST_CHANGE_PASSWORD):
        _exchanged.pop(token, None)  # after the change the key shall work at once
        _check_before_own_password(principal)
    _check_scope(service, principal)
    return principal


def _check_before_own_password(principal: Principal) -> None:
    if principal.kind != "user" or not getattr(asked_view(), "is_before_own_password", False):
        raise Problem(403, "password_must_change")


def _principal(service: Service, claims: dict[str, Any]) -> Principal:
    subject: str = claims["sub"]
    if subject.startswith("service:"):
        return Principal(kind="service", name=subject.removeprefix("service:"), locale=_locale(service, None),
                         timezone="UTC", departments_below=service.directory.snapshot().departments_below)
    user = service.directory.user(subject)
    directory = service.directory.snapshot()
    if user is None or not user["active"] or claims.get("sid") in directory.revoked:
        raise InvalidToken("the user or the session has ended")
    return principal_of(
        directory, service.settings, user, kind="key" if "scopes" in claims else "user",
        locale=_locale(service, user.get("locale")), session_id=claims.get("sid"),
        scopes=frozenset(claims["scopes"]) if "scopes" in claims else None)


def _locale(service: Service, own: str | None) -> str:
    return negotiate(request.headers.get("Accept-Language"), own or service.settings.default_locale)


def _check_scope(service: Service, principal: Principal) -> None:
    if principal.scopes is None:
        return
    reading = request.method in _READING or request.path.rsplit("/", 1)[-1] in _READING_POSTS
    needed = f"{service.name}:{'read' if reading else 'write'}"
    if needed not in principal.scopes:
        raise Problem(403, "scope_missing", params={"scope": needed})


_exchanged: dict[str, tuple[float, str]] = {}


def _exchange(service: Service, key: str) -> str:
    known = _exchanged.get(key)
    if known is not None and time.monotonic() < known[0]:
        return known[1]
    token = service.directory.token_for_key(key)
    if len(_exchanged) > 10_000:
        _exchanged.clear()
    _exchanged[key] = (time.monotonic() + _KEY_SECONDS, token)
    return token

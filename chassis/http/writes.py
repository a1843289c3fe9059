"""Writing views: one unit of work around the view and its answer, with `Idempotency-Key`.

The remembered answer commits with the effect. So a repeated call gets the first answer again, whatever crashed in
between; the same key with another request is a 422. Answers that are errors are not remembered.

A view whose answer holds a secret sets `g.remember_instead` to the body that a repeated call shall get.

The decorator stands outermost, just below the route; the view gets the unit of work as the keyword `uow`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, make_response, request
from sqlalchemy import and_, select, update

from chassis.auth.guard import current_principal
from chassis.clock import utcnow
from chassis.db import insert_or
from chassis.db.tables import idempotency
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.current import current_service
from chassis.http.problem import FieldProblem, Problem

F = TypeVar("F", bound=Callable[..., Any])

_KEPT_HEADERS = ("Location", "ETag", "Content-Type")
_MAX_KEY = 200


def writes(view: F) -> F:
    """Run a view inside a unit of work of its service."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        current_principal()
        service = current_service()
        key = request.headers.get("Idempotency-Key")
        with service.db.unit_of_work() as uow:
            if key is None:
                return make_response(view(*args, uow=uow, **kwargs))
            return _once(uow, key, lambda: make_response(view(*args, uow=uow, **kwargs)))

    return wrapped  # type: ignore[return-value]


def answer_once(uow: UnitOfWork, digest: str, answer: Callable[[], Any]) -> Response:
    """Do what `writes` does for a view that opens its unit of work late; `digest` stands for the body it has read."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return make_response(answer())
    return _once(uow, key, lambda: make_response(answer()), digest)


def _once(uow: UnitOfWork, key: str, answer: Callable[[], Response], digest: str | None = None) -> Response:
    if not 0 < len(key) <= _MAX_KEY or not key.isprintable():
        raise Problem(422, "invalid_request", errors=[FieldProblem("Idempotency-Key", "header_invalid")])
    caller, digest = current_principal().key, digest or _digest()
    if not _claim(uow, caller, key, digest):
        return _replay(uow, caller, key, digest)
    response = answer()
    uow.execute(update(idempotency).where(_is(caller, key)).values(
        status=response.status_code, body=g.pop("remember_instead", None) or response.get_data(as_text=True),
        headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}))
    return response


def _claim(uow: UnitOfWork, caller: str, key: str, digest: str) -> bool:
    claim = insert_or(uow, idempotency).values(caller=caller, key=key, request=digest, created_at=utcnow())
    return uow.execute(claim.on_conflict_do_nothing().returning(idempotency.c.key)).scalar() is not None


def _replay(uow: UnitOfWork, caller: str, key: str, digest: str) -> Response:
    known = uow.execute(select(idempotency).where(_is(caller, key))).one()
    if known.request != digest:
        raise Problem(422, "idempotency_key_reused")
    response = Response(known.body, known.status)
    response.headers.update(known.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _is(caller: str, key: str) -> Any:
    return and_(idempotency.c.caller == caller, idempotency.c.key == key)


def _digest() -> str:
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(request.get_data(cache=True))
    return digest.hexdigest()

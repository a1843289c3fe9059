"""Errors on the wire: RFC 9457 problem details, in the caller's language.

`code` is for programs and never changes; `title` and `detail` are for people; `errors` point into the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, g, has_app_context, request

from chassis.context import current_cause
from chassis.http.current import current_service
from chassis.i18n import negotiate, t
from chassis.jsonio import dump_bytes

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with the request: `pointer` is a JSON pointer into the body, or `?name` for a query parameter."""

    pointer: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    detail: str | None = None

    def to_wire(self, locale: str) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code,
                "detail": self.detail or own_sentence(self.params, locale) or t(f"error.{self.code}", locale,
                                                                                 **self.params)}


def own_sentence(params: Mapping[str, Any], locale: str) -> str | None:
    """The sentence that somebody wrote for this error instead of ours: `params["said"]`, by language."""
    said = params.get("said")
    return said.get(locale) or next(iter(said.values()), None) if said else None


class Problem(Exception):
    """Raise it anywhere below a view; it becomes the answer."""

    def __init__(self, status: int, code: str, detail: str | None = None, *, params: Mapping[str, Any] | None = None,
                 errors: Sequence[FieldProblem] = (), headers: Mapping[str, str] | None = None,
                 extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.params, self.errors, self.headers = dict(params or {}), tuple(errors), dict(headers or {})
        self.extra = dict(extra or {})

    def to_wire(self, locale: str, instance: str, request_id: str) -> dict[str, Any]:
        """Render the body, in `locale`."""
        body = {"type": f"urn:freehold:problem:{self.code}", "title": t(f"problem.{self.code}", locale, **self.params),
                "status": self.status,
                "detail": self.detail or own_sentence(self.params, locale) or t(
                    f"problem.{self.code}.detail", locale, **self.params),
                "instance": instance, "code": self.code, "request_id": request_id,
                "errors": [error.to_wire(locale) for error in self.errors]}
        if body["detail"] == f"problem.{self.code}.detail":
            body["detail"] = body["title"]
        return body | self.extra


def invalid(*errors: FieldProblem) -> Problem:
    """Return the 422 problem for a request that is wrong in these places."""
    return Problem(422, "invalid_request", errors=errors)


def not_found(noun: str = "record") -> Problem:
    """Return the 404 problem; also for what exists but must not be seen."""
    return Problem(404, "not_found", params={"noun": noun})


def caller_locale() -> str:
    """Return the language of the present caller, known or not."""
    principal = g.get("principal")
    if principal is not None:
        return principal.locale
    fallback = current_service().settings.default_locale if has_app_context() else "en"
    return negotiate(request.headers.get("Accept-Language"), fallback)


def problem_response(problem: Problem) -> Response:
    """Turn a problem into the answer of the present request."""
    body = problem.to_wire(caller_locale(), _asked_path(), current_cause().request_id)
    response = Response(dump_bytes(body), problem.status, content_type=MEDIA_TYPE)
    response.headers.update(problem.headers)
    return response


def _asked_path() -> str:
    """Return the path as the caller knows it: an edge that took `/api/<service>` off says so."""
    prefix = request.root_path or request.headers.get("X-Forwarded-Prefix", "")
    own = f"/api/{current_app.extensions['freehold'].name}"
    return own + request.path if prefix.rstrip("/") == own else request.path

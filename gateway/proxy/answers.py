"""Problems answered before any Flask app is reached, in the same form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from chassis.http.problem import MEDIA_TYPE, Problem
from chassis.i18n import negotiate
from chassis.jsonio import dump_bytes

StartResponse = Callable[..., Any]


def answer_problem(problem: Problem, environ: dict[str, Any], start_response: StartResponse,
                   fallback_locale: str) -> Iterable[bytes]:
    """Answer with a problem in the caller's language."""
    locale = negotiate(environ.get("HTTP_ACCEPT_LANGUAGE"), fallback_locale)
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")
    request_id = environ["HTTP_X_REQUEST_ID"]
    body = dump_bytes(problem.to_wire(locale, path[:300], request_id))
    headers = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body))), ("X-Request-ID", request_id),
               ("Cache-Control", "no-store"), *problem.headers.items()]
    start_response(f"{problem.status} {HTTPStatus(problem.status).phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

"""The app factory: a service's Flask app with everything that all services share.

Per request: a request id (taken over or made), the cause, the caller, the time taken; one error form; one log line.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flask import Flask, Response, current_app, g, request
from flask.json.provider import JSONProvider
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from chassis import jsonio
from chassis.auth.guard import asked_view, current_principal
from chassis.context import Cause, Origin, _current
from chassis.http import admin, health
from chassis.http.openapi import make_api
from chassis.http.problem import Problem, problem_response
from chassis.ids import new_id
from chassis.metrics import REQUEST_SECONDS, REQUESTS

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger("freehold.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}\Z")
_KEY = re.compile(r"(?<=^/[lsu]/).+")  # the address of such a page is its key: it is told to nobody, nor to the log
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


class OrjsonProvider(JSONProvider):
    """Flask's JSON through chassis.jsonio."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return jsonio.dumps(obj)

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return jsonio.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        return Response(jsonio.dump_bytes(self._prepare_response_obj(args, kwargs)), content_type="application/json")


class LateRule(Rule):
    """A route that learns to build its address when one is first asked for.

    Werkzeug compiles two functions for each route when it is added. That was most of an application's start, and of its
    hundreds of routes only a few are ever asked for an address.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            name = "_build_unknown" if append_unknown else "_build"
            setattr(self, name, Rule._compile_builder(self, append_unknown).__get__(self, None))
            return getattr(self, name)(**values)

        return build


class ServiceFlask(Flask):
    """Flask with fast, strict JSON and a short start."""

    json_provider_class = OrjsonProvider
    url_rule_class = LateRule


def create_app(service: Service) -> Flask:
    """Build the WSGI app of a service."""
    app = ServiceFlask(f"freehold.{service.name}", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=service.settings.max_body_bytes, MAX_FORM_MEMORY_SIZE=262_144)
    app.extensions["freehold"] = service
    app.url_map.strict_slashes = False
    service.verifier.configure(app)
    app.before_request(_open)
    app.after_request(_close)
    app.teardown_request(_forget)
    _register_errors(app)
    app.register_blueprint(health.blueprint(service))
    api = make_api(app, service.name)
    for blueprint in (*service.spec.blueprints, admin.blueprint()):
        api.register_blueprint(blueprint)
    for extend in service.spec.extend_app:
        extend(service, app, api)
    return app


def _open() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    request_id = given if _REQUEST_ID.match(given) else new_id()
    trace = request.headers.get("traceparent", "")
    g.cause_token = _current.set(Cause(request_id=request_id, origin=Origin("person"),
                                       traceparent=trace if _TRACEPARENT.match(trace) else None))
    if not _is_public():
        _current.set(_cause_of_caller(request_id))


def _is_public() -> bool:
    if request.method == "OPTIONS" or request.url_rule is None:
        return True
    return getattr(asked_view(), "is_public", False) or (request.endpoint or "").startswith("api-docs")


def _cause_of_caller(request_id: str) -> Cause:
    """Only services may hand on where their work comes from."""
    principal, cause = current_principal(), _current.get()
    assert cause is not None
    if principal.kind != "service":
        return cause.because_of(origin=Origin("person", principal.user_id, principal.name))
    headers = request.headers
    kind, _, rest = headers.get("X-Freehold-Origin", f"system:{principal.name}").partition(":")
    depth = headers.get("X-Freehold-Depth", "0")
    name = unquote(headers.get("X-Freehold-Origin-Name", ""))[:200]
    return cause.because_of(origin=Origin(kind, rest or None, name or None),
                            causation_id=headers.get("X-Freehold-Causation"),
                            depth=int(depth) if depth.isdigit() else 0, bulk_id=headers.get("X-Freehold-Bulk"))


def _close(response: Response) -> Response:
    cause = _current.get()
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else "none"
    service = _service_name()
    if cause is not None:
        response.headers["X-Request-ID"] = cause.request_id
    response.headers.setdefault("Cache-Control", "no-store")
    REQUESTS.labels(service, request.method, route, response.status_code).inc()
    REQUEST_SECONDS.labels(service, request.method, route).observe(seconds)
    path = _KEY.sub("…", request.path[:300])
    log.log(_level(route, response.status_code), "%s %s %s", request.method, path, response.status_code,
            extra={"status": response.status_code, "ms": round(seconds * 1000, 2), "route": route})
    return response


def _level(route: str, status: int) -> int:
    """What went wrong here is a warning; that a proxy or a supervisor asked and all was well is worth no line."""
    if status >= 500:
        return logging.WARNING
    return logging.DEBUG if route.startswith("/healthz/") else logging.INFO


def _service_name() -> str:
    return current_app.extensions["freehold"].name


def _forget(_: BaseException | None) -> None:
    token = g.pop("cause_token", None)
    if token is not None:
        _current.reset(token)


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, lambda _: problem_response(Problem(422, "value_not_storable")))
    app.register_error_handler(OperationalError, _database_trouble)
    app.register_error_handler(DBAPIError, _database_trouble)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(Exception, _unexpected)


_HTTP_CODES = {400: "malformed_request", 404: "no_such_address", 405: "method_not_allowed", 406: "not_acceptable",
               413: "body_too_large", 414: "address_too_long", 415: "content_type_unsupported",
               429: "too_many_requests"}


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = _HTTP_CODES.get(status, "request_refused" if status < 500 else "internal")
    allowed = getattr(error, "valid_methods", None)
    return problem_response(Problem(status, code, headers={"Allow": ", ".join(allowed)} if allowed else None))


def _database_trouble(error: DBAPIError) -> Response:
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return _unavailable(error)
    return _unexpected(error)


def _unavailable(error: Exception) -> Response:
    log.warning("unavailable: %s", type(error).__name__, exc_info=error)
    return problem_response(Problem(503, "unavailable", headers={"Retry-After": "1"}))


def _unexpected(error: Exception) -> Response:
    log.error("unexpected: %s", type(error).__name__, exc_info=error)
    return problem_response(Problem(500, "internal"))

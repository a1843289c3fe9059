"""The WSGI middleware that every request from outside passes before anything else.

Order: who asks, a request id, a safe path, what only services may say, limits, and then the gateway's own app or the
service's. Paths below `/v1/` are calls between services; they reach the gateway's own app as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from chassis.http.problem import Problem
from chassis.ids import new_id
from chassis.service import Service
from gateway.caller import from_address
from gateway.limits import Limits
from gateway.proxy.addresses import believe_proxies, is_refused
from gateway.proxy.answers import answer_problem
from gateway.proxy.bodies import announced_length
from gateway.proxy.headers import strip_internal
from gateway.proxy.wsgi_upstreams import Wsgi, inner_environ
from gateway.routing import Route, find_route
from gateway.security import PREFLIGHT_HEADERS, allowed_origins, with_cors_headers, with_security_headers

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}\Z")
_INTERNAL = ("/v1/", "/healthz/")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Upstreams(Protocol):
    """Hands a request to another service."""

    def forward(self, route: Route, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer through the route's service; raises Problem when it does not answer."""


class Front:
    """The gateway's own app with everything that stands before it."""

    def __init__(self, service: Service, app: Wsgi) -> None:
        self._service, self._app = service, app
        self._origins = allowed_origins(service.settings.cors_origins)
        self._hops = service.settings.forwarded_hops

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        believe_proxies(environ, self._hops)
        if not _REQUEST_ID.match(environ.get("HTTP_X_REQUEST_ID", "")):
            environ["HTTP_X_REQUEST_ID"] = new_id()
        start = self._dressed(environ, start_response)
        try:
            return self._answer(environ, start)
        except Problem as problem:
            return answer_problem(problem, environ, start, self._service.settings.default_locale)

    def _answer(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if is_refused(environ):
            raise Problem(400, "path_refused")
        path = environ["PATH_INFO"]
        if path.startswith(_INTERNAL):
            return self._own(environ, start)
        if self._is_preflight(environ):
            start("204 No Content", list(PREFLIGHT_HEADERS))
            return []
        strip_internal(environ)
        route = find_route(path)
        if route is None:
            return self._own(environ, start)
        self._check(route, environ)
        if route.service == self._service.name:
            return self._own(inner_environ(environ, route) if route.stripped else environ, start)
        upstreams: Upstreams = self._service.parts["upstreams"]
        return upstreams.forward(route, environ, start)

    def _own(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        with from_address(environ.get("REMOTE_ADDR")):
            return self._app(environ, start)

    def _check(self, route: Route, environ: Environ) -> None:
        limits: Limits = self._service.parts["limits"]
        limits.check(route.rate, environ.get("REMOTE_ADDR", ""), environ.get("HTTP_AUTHORIZATION", ""))
        try:
            length = announced_length(environ)
        except ValueError:
            raise Problem(400, "malformed_request") from None
        if length is not None and length > route.body_bytes:
            raise Problem(413, "body_too_large")

    def _is_preflight(self, environ: Environ) -> bool:
        return (environ["REQUEST_METHOD"] == "OPTIONS" and environ.get("HTTP_ORIGIN") in self._origins
                and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ)

    def _dressed(self, environ: Environ, start_response: StartResponse) -> StartResponse:
        https = environ["wsgi.url_scheme"] == "https"
        origin = environ.get("HTTP_ORIGIN")

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            dressed = with_security_headers(headers, https)
            if origin in self._origins:
                dressed = with_cors_headers(dressed, origin)
            return start_response(status, dressed, *more)

        return start

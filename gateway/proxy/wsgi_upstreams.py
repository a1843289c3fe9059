"""The way to services that live in this process: straight into their WSGI apps, with nothing in between.

Bodies, answers and streams pass untouched: what the other app yields is what the server sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chassis.http.problem import Problem
from gateway.proxy.headers import forwarded_headers
from gateway.routing import Route

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiUpstreams:
    """Services by name."""

    def __init__(self, apps: Mapping[str, Wsgi]) -> None:
        self._apps = apps

    def forward(self, route: Route, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request through the app of the route's service."""
        app = self._apps.get(route.service)
        if app is None:
            raise Problem(502, "service_unreachable", params={"service": route.service})
        return app(inner_environ(environ, route), start_response)


def inner_environ(environ: dict[str, Any], route: Route) -> dict[str, Any]:
    """Return a copy of `environ` in which the service's prefix is no longer part of the path."""
    kept = {name: value for name, value in environ.items() if not name.startswith(("werkzeug.", "flask."))}
    prefix = route.stripped
    forwarded = {f"HTTP_{name.upper().replace('-', '_')}": value
                 for name, value in forwarded_headers(environ, prefix).items()}
    return kept | forwarded | {"SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
                               "PATH_INFO": environ["PATH_INFO"][len(prefix):]}

"""Where requests go: one table for the Flask proxy and for nginx.

The longest path that a request begins with decides. A service gets the path without `/api/<service>`. Nothing but
`/v1/` of a service, and its pages for everybody below `/f/`, `/l/`, `/s/` and `/u/`, can be reached from outside: no
health, no keys, no metrics.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Route:
    """One line of the table; limits are outer walls, services have narrower ones of their own."""

    path: str  # prefix of the public path; one without a slash at its end is that path alone
    service: str
    body_bytes: int = 8 * MIB
    read_seconds: int = 60  # longest silence of the service
    rate: str = "api"  # api, sign_in, link
    streaming: bool = False  # bytes are handed on as they come, in both directions
    embeddable: bool = False  # the service says itself which pages may embed its answers

    @property
    def is_prefix(self) -> bool:
        return self.path.endswith("/")

    @property
    def stripped(self) -> str:
        """What the service does not see of the path."""
        return f"/api/{self.service}" if self.path.startswith(f"/api/{self.service}/") else ""


ROUTES: tuple[Route, ...] = (
    Route("/api/auth/login", "gateway", body_bytes=16 * KIB, rate="sign_in"),
    Route("/api/auth/refresh", "gateway", body_bytes=16 * KIB, rate="sign_in"),
    Route("/api/auth/", "gateway", body_bytes=64 * KIB),
    Route("/api/gateway/v1/", "gateway", body_bytes=MIB),
    Route("/api/gateway/v1/packs/", "gateway", body_bytes=32 * MIB, read_seconds=300),
    Route("/api/openapi.json", "gateway", body_bytes=KIB),
    Route("/.well-known/jwks.json", "gateway", body_bytes=KIB),
    Route("/api/customer/v1/imports", "customer", body_bytes=64 * MIB, read_seconds=120, streaming=True),
    Route("/api/customer/v1/files", "customer", body_bytes=64 * MIB, read_seconds=120, streaming=True),
    Route("/api/customer/v1/files/", "customer", body_bytes=KIB, read_seconds=120, streaming=True),
    Route("/api/customer/v1/", "customer", read_seconds=120),
    Route("/f/", "customer", body_bytes=64 * KIB, embeddable=True),  # public forms
    Route("/s/", "customer", body_bytes=64 * KIB, rate="sign_in"),  # surveys by link
    Route("/u/", "notify", body_bytes=64 * KIB),  # no more messages; mail services click for many people
    Route("/l/", "notify", body_bytes=KIB, rate="link"),  # links and pictures of campaigns
    Route("/api/workflow/v1/", "workflow"),
    Route("/api/notify/v1/inbox/stream", "notify", body_bytes=KIB, read_seconds=900, streaming=True),
    Route("/api/notify/v1/", "notify"),
    Route("/api/report/v1/", "report", read_seconds=120),
)
SERVICES = tuple(dict.fromkeys(route.service for route in ROUTES))

_EXACT = {route.path: route for route in ROUTES if not route.is_prefix}
_PREFIXES = sorted((route for route in ROUTES if route.is_prefix), key=lambda route: -len(route.path))


def find_route(path: str) -> Route | None:
    """Return the route of a public path, None for what the gateway answers by itself (console, health)."""
    exact = _EXACT.get(path)
    return exact or next((route for route in _PREFIXES if path.startswith(route.path)), None)

"""Calls between services: as the service itself, with its own short-lived token, carrying the present cause.

Two transports: HTTP through a connection pool, and in process through the other service's WSGI app with the same
checks. A call that cannot hurt when repeated (reading, or with an idempotency key) is tried again briefly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import urllib3

from chassis import traces
from chassis.context import current_cause
from chassis.jsonio import dump_bytes, loads
from chassis.metrics import CALLS

if TYPE_CHECKING:
    from chassis.service import Service

_TRIES = 4
_PAUSE = 0.15


def outgoing_headers() -> dict[str, str]:
    """Return the headers that carry the present cause to another service."""
    cause = current_cause()
    headers = {"X-Request-ID": cause.request_id, "X-Freehold-Depth": str(cause.depth),
               "X-Freehold-Origin": f"{cause.origin.kind}:{cause.origin.id or ''}",
               "X-Freehold-Origin-Name": quote(cause.origin.name or ""),
               "X-Freehold-Causation": cause.causation_id, "X-Freehold-Bulk": cause.bulk_id,
               "traceparent": traces.traceparent() or cause.traceparent}
    return {name: value for name, value in headers.items() if value}


class CallFailed(Exception):
    """Another service did not answer, or answered with an error."""

    def __init__(self, target: str, status: int, body: Any) -> None:
        code = body.get("code") if isinstance(body, dict) else None
        super().__init__(f"{target} answered {status} {code or ''}".strip())
        self.target, self.status, self.body = target, status, body


@dataclass(frozen=True)
class Answer:
    """What another service answered; status 599 stands for no answer at all."""

    target: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        try:
            return loads(self.body) if self.body else None
        except ValueError:
            return None

    def raise_for_status(self) -> Answer:
        """Return itself, or raise CallFailed for a status from 400 on."""
        if self.status >= 400:
            raise CallFailed(self.target, self.status, self.json)
        return self


class Transport(Protocol):
    """Carries one request to a service."""

    def send(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None,
             timeout: float) -> Answer:
        """Send and wait; no answer is status 599."""


class HttpTransport:
    """Over the network; addresses come from the settings `<service>_url`."""

    def __init__(self, address_of: Callable[[str], str]) -> None:
        self._address_of = address_of
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=16, retries=False)

    def send(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None,
             timeout: float) -> Answer:
        try:
            response = self._pool.request(method, self._address_of(target) + path, body=body, headers=dict(headers),
                                          timeout=urllib3.Timeout(connect=2.0, read=timeout), redirect=False)
        except urllib3.exceptions.HTTPError:
            return Answer(target, 599, b"")
        return Answer(target, response.status, response.data, response.headers)


class Calls:
    """One service's way to the others."""

    def __init__(self, service: Service, transport: Transport) -> None:
        self._service, self._transport = service, transport

    def request(self, target: str, method: str, path: str, *, json: Any = None, idempotency_key: str | None = None,
                headers: Mapping[str, str] | None = None, anonymous: bool = False, timeout: float | None = None,
                content: bytes | None = None) -> Answer:
        """Call `target`; `path` is the service's own (`/v1/…`). Returns any answer; only raises for bad arguments.

        `content` are the bytes of a file, in place of `json`.
        """
        repeatable = method in ("GET", "HEAD") or idempotency_key is not None
        sent = outgoing_headers() | dict(headers or {})
        if json is not None:
            sent["Content-Type"] = "application/json"
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        if content is not None:
            sent["Content-Type"] = "application/octet-stream"
        body = dump_bytes(json) if json is not None else content
        return self._try(target, method, path, sent, body, _TRIES if repeatable else 1, anonymous,
                         timeout or self._service.settings.call_timeout_seconds)

    def _try(self, target: str, method: str, path: str, headers: dict[str, str], body: bytes | None, tries: int,
             anonymous: bool, timeout: float) -> Answer:
        for attempt in range(1, tries + 1):
            if not anonymous:
                headers["Authorization"] = f"Bearer {self._service.own_token()}"
            started = time.perf_counter()
            answer = self._transport.send(target, method, path, headers, body, timeout)
            CALLS.labels(self._service.name, target, answer.status).observe(time.perf_counter() - started)
            if answer.status not in (502, 503, 504, 599) or attempt == tries:
                break
            time.sleep(_PAUSE * attempt)
        return answer

"""The way to services on other machines: HTTP through pools of kept connections, streaming in both directions.

A request without a body that only reads is sent again once when a kept connection turns out dead; everything else is
sent once. Time-outs: two seconds to connect, the route's for each silence of the service.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

from chassis.http.problem import Problem
from gateway.metrics import UPSTREAM_FAILURES
from gateway.proxy.bodies import Body, BodyTooLarge, ClientGone, announced_length
from gateway.proxy.headers import answer_headers, request_headers
from gateway.routing import Route

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 2.0
_PIECE = 65_536
_SAFE = "/:@!$&'()*+,;=~-._"


class HttpUpstreams:
    """Services by address; `address_of` gives `http://host:port` for a name."""

    def __init__(self, address_of: Callable[[str], str], pool: int = 32) -> None:
        self._address_of, self._size = address_of, pool
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def forward(self, route: Route, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request by what the route's service answers; raises Problem 502 or 504 when it does not."""
        answer = self._ask(route, environ)
        headers = answer_headers(answer.headers.iteritems(), answer.headers.get("Connection", ""))
        start_response(f"{answer.status} {answer.reason or 'Unknown'}", headers)
        return AnswerStream(answer, route.service)

    def _ask(self, route: Route, environ: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        length = announced_length(environ)
        may_repeat = length == 0 and environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
        try:
            try:
                return self._send(route, environ, length)
            except ProtocolError:
                if not may_repeat:
                    raise
                return self._send(route, environ, length)
        except BodyTooLarge:
            raise Problem(413, "body_too_large") from None
        except ClientGone:
            raise Problem(400, "malformed_request") from None
        except HTTPError as error:
            raise _no_answer(route, error) from error

    def _send(self, route: Route, environ: dict[str, Any], length: int | None) -> urllib3.BaseHTTPResponse:
        return self._pool(route.service).urlopen(
            environ["REQUEST_METHOD"], _target(environ, route.stripped),
            body=Body(environ, length, route.body_bytes) if length != 0 else None,  # type: ignore[arg-type]
            headers=request_headers(environ, route.stripped), chunked=length is None, preload_content=False,
            decode_content=False, redirect=False, retries=False, assert_same_host=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=route.read_seconds))

    def _pool(self, service: str) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if service not in self._pools:
                self._pools[service] = urllib3.connection_from_url(self._address_of(service), maxsize=self._size)
            return self._pools[service]


class AnswerStream:
    """A service's answer, piece by piece as it comes; an unfinished one costs its connection."""

    def __init__(self, answer: urllib3.BaseHTTPResponse, service: str) -> None:
        self._answer, self._service = answer, service
        self._finished = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._answer.read1(_PIECE, decode_content=False):
                yield piece
        except HTTPError as error:
            UPSTREAM_FAILURES.labels(self._service, "broken_answer").inc()
            log.warning("%s broke off its answer: %s", self._service, type(error).__name__)
            raise
        self._finished = True

    def close(self) -> None:
        """Give the connection back, or drop it when the answer was not read to its end."""
        if self._finished:
            self._answer.release_conn()
        else:
            self._answer.close()


def _target(environ: dict[str, Any], prefix: str) -> str:
    path = quote(environ["PATH_INFO"][len(prefix):].encode("latin-1"), safe=_SAFE)
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _no_answer(route: Route, error: HTTPError) -> Problem:
    late = isinstance(error, ReadTimeoutError)
    unreachable = isinstance(error, NewConnectionError | ConnectTimeoutError)
    reason = "time_out" if late else "unreachable" if unreachable else "broken_answer"
    UPSTREAM_FAILURES.labels(route.service, reason).inc()
    log.warning("%s does not answer: %s", route.service, type(error).__name__)
    code = "service_too_slow" if late else "service_unreachable"
    return Problem(504 if late else 502, code, params={"service": route.service}, headers={"Retry-After": "2"})

"""Embedded mode: the gateway, all services and their workers in one process.

The same WSGI apps, consumers and checks as on servers; only the carriers differ: SQLite files, the local broker, and
calls that go through the other app in this process.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from chassis.calls import Answer
from chassis.events.local import LocalBroker
from chassis.http.app import create_app
from chassis.service import Service, build
from chassis.settings import load_settings
from chassis.worker import Worker
from freehold.services import PACKAGES, spec_of

log = logging.getLogger(__name__)

Wsgi = Callable[..., Iterable[bytes]]


class InProcess:
    """Calls between services through their WSGI apps; the same tokens and checks as over a network."""

    def __init__(self) -> None:
        self.apps: dict[str, Wsgi] = {}

    def send(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None,
             timeout: float) -> Answer:
        status, answer_headers, answer = call_wsgi(self.apps[target], method, path, headers, body or b"")
        return Answer(target, status, answer, answer_headers)


def call_wsgi(app: Wsgi, method: str, address: str, headers: Mapping[str, str],
              body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send one request through a WSGI app; returns (status, headers, body)."""
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "RAW_URI": address, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False}
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    answered: list[Any] = []

    def start_response(status: str, answer_headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], Any]:
        answered[:] = [status, dict(answer_headers)]
        return lambda _: None

    parts = app(environ, start_response)
    try:
        content = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return int(answered[0].split(" ", 1)[0]), answered[1], content


class Embedded:
    """The whole product in this process."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self.settings = load_settings("gateway", env=env)
        self.broker = LocalBroker(self.settings.broker_url.removeprefix("local:"))
        self.transport = InProcess()
        self.services: dict[str, Service] = {
            name: build(spec_of(name), env=env, broker=self.broker, transport=self.transport) for name in PACKAGES}
        self.workers: list[Worker] = []

    @property
    def gateway(self) -> Service:
        return self.services["gateway"]

    def prepare(self) -> None:
        """Make keys, tables and queues of all services."""
        for service in self.services.values():
            service.prepare()

    def start(self) -> Wsgi:
        """Start all services and their workers; returns the WSGI app of the whole product."""
        for service in self.services.values():
            service.start()
        self.transport.apps = {name: create_app(service) for name, service in self.services.items()}
        self.workers = [Worker(service) for service in self.services.values()]
        for worker in self.workers:
            worker.start()
        return self._front()

    def stop(self) -> None:
        """Finish what is in hand and give everything back."""
        for worker in self.workers:
            worker.request_stop()
        deadline = time.monotonic() + self.settings.stop_seconds
        for worker in self.workers:
            worker.stop(max(0.0, deadline - time.monotonic()))
        for service in self.services.values():
            service.db.close()
        self.broker.close()

    def _front(self) -> Wsgi:
        from gateway.proxy import front

        return front(self.gateway, self.transport.apps)

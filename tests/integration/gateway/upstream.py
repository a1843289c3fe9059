"""Dummy services behind the front, and a real server for any WSGI app."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app on a free port; gives `127.0.0.1:port`."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


class Dummy:
    """A service that tells what it was asked; `go` lets a stream continue."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[str] = []
        self.go = threading.Event()
        self.received = 0
        self.first_bytes = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.seen.append(f"{environ['REQUEST_METHOD']} {path}")
        kind = path.rsplit("/", 1)[-1]
        return getattr(self, f"_{kind}", self._echo)(environ, start)

    def _echo(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
        body = json.dumps({"service": self.name, "method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"],
                           "query": environ["QUERY_STRING"], "headers": headers,
                           "client": environ["REMOTE_ADDR"], "body": self._read(environ)}).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body))),
                         ("X-Request-ID", headers.get("X_REQUEST_ID", "")), ("Set-Cookie", "a=1"),
                         ("Set-Cookie", "b=2")])
        return [body]

    def _stream(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")])
        return self._events()

    def _events(self) -> Iterator[bytes]:
        yield b"event: inbox\ndata: 1\n\n"
        self.go.wait(10)
        yield b"event: inbox\ndata: 2\n\n"

    def _imports(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        stream = get_input_stream(environ)
        while piece := stream.read(65_536):
            self.received += len(piece)
            self.first_bytes.set()
        return self._answer(start, "201 Created", str(self.received).encode())

    def _embedded(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "2"), ("Referrer-Policy", "origin"),
                         ("Content-Security-Policy", "frame-ancestors https://www.example.com")])
        return [b"hi"]

    def _refuses(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self._read(environ)
        start("409 Conflict", [("Content-Type", "application/problem+json"), ("Content-Length", "15")])
        return [b'{"code":"mine"}']

    def _empty(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("204 No Content", [("ETag", '"7"')])
        return []

    def _breaks(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self._read(environ)
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return self._answer(start, "200 OK", b"never seen")

    def _answer(self, start: Any, status: str, body: bytes) -> Iterable[bytes]:
        start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    def _read(self, environ: dict[str, Any]) -> str:
        return get_input_stream(environ).read().decode()

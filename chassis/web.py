"""The web role: gunicorn with threads, and a separate admin port for metrics and health.

The admin port belongs to gunicorn's master, so it answers while workers are busy, and adds up the metrics of all
workers through prometheus_client's multiprocess folder (`PROMETHEUS_MULTIPROC_DIR`, set by the command line before
anything is imported).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from gunicorn.app.base import BaseApplication
from prometheus_client import REGISTRY as ONE_PROCESS
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST

log = logging.getLogger(__name__)

Wsgi = Callable[..., Any]


class WebServer(BaseApplication):
    """gunicorn over an app that `load` makes in each worker; `hooks` are gunicorn's server hooks."""

    def __init__(self, make_app: Callable[[], Wsgi], *, listen: str, workers: int, threads: int, stop_seconds: int,
                 hooks: dict[str, Callable[..., None]] | None = None) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": listen, "workers": workers, "threads": threads, "worker_class": "gthread", "timeout": 120,
            "graceful_timeout": stop_seconds, "keepalive": 30, "worker_tmp_dir": "/dev/shm",  # noqa: S108
            "limit_request_line": 8190, "limit_request_field_size": 16380, "loglevel": "warning",
            "proc_name": "freehold", "control_socket_disable": True} | (hooks or {})
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Wsgi:
        return self._make_app()


def start_admin_port(listen: str, ready: Callable[[], bool]) -> None:
    """Serve `/metrics`, `/healthz/live` and `/healthz/ready` on a thread; port 0 starts nothing."""
    host, _, port = listen.rpartition(":")
    if port == "0":
        return
    server = make_server(host, int(port), _admin_app(ready), WSGIServer, _QuietHandler)
    threading.Thread(target=server.serve_forever, name="admin-port", daemon=True).start()


def _admin_app(ready: Callable[[], bool]) -> Wsgi:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return _answer(start_response, "200 OK", CONTENT_TYPE_LATEST, generate_latest(_registry()))
        if path in ("/healthz/live", "/healthz/ready"):
            well = path.endswith("live") or ready()
            status = "200 OK" if well else "503 Service Unavailable"
            return _answer(start_response, status, "application/json", b'{"status":"%s"}' % (b"ok" if well else b"no"))
        return _answer(start_response, "404 Not Found", "text/plain", b"")

    return app


def _answer(start_response: Callable[..., Any], status: str, content_type: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def _registry() -> Any:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return ONE_PROCESS
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


def forget_process(pid: int) -> None:
    """Drop the gauges of a worker that has ended."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(pid)


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Probes are not worth a log line."""

"""The admin port of a process: metrics and health, on a thread of its own, so that it answers while workers are busy.

A web role's port belongs to the process above its workers and adds up the metrics of all of them through
prometheus_client's multiprocess folder (`PROMETHEUS_MULTIPROC_DIR`, set by the command line before anything is
imported).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import REGISTRY as ONE_PROCESS
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST

Wsgi = Callable[..., Any]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


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
    if _FOLDER not in os.environ:
        return ONE_PROCESS
    _forget_ended(Path(os.environ[_FOLDER]))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


def _forget_ended(folder: Path) -> None:
    """Drop the gauges of workers that have ended, however they did; their counters stay."""
    for pid in {file.stem.rpartition("_")[2] for file in folder.glob("gauge_live*.db")}:
        if not Path("/proc", pid).exists():
            multiprocess.mark_process_dead(pid)


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Probes are not worth a log line."""

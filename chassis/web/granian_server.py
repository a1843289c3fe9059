"""Granian: HTTP is read and written outside of Python, so a short request costs a third less than under gunicorn.

Each worker has a socket of its own on the same address (SO_REUSEPORT). A worker that dies is replaced; a worker that
is asked to end finishes the requests that it has. It takes no part in what is done beside requests, so a role that
works events in its web process keeps gunicorn.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from chassis.web.role import WebRole

# Granian's own lines go where all logs of the process go.
_LOGS = {"version": 1, "disable_existing_loggers": False, "formatters": {}, "handlers": {}, "loggers": {
    "_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": [], "propagate": True}}}
_LARGEST_HEAD = 65_536


def serve_with_granian(role: WebRole) -> None:
    """Serve until SIGTERM."""
    host, _, port = role.listen.rpartition(":")
    server = Granian(
        "freehold", address=host, port=int(port), interface=Interfaces.WSGI, http=HTTPModes.http1, websockets=False,
        workers=role.workers, blocking_threads=role.threads, backlog=2048, respawn_failed_workers=True,
        workers_kill_timeout=role.stop_seconds, http1_settings=HTTP1Settings(max_buffer_size=_LARGEST_HEAD),
        log_dictconfig=_LOGS, log_level=LogLevels.warning)
    server.on_startup(role.when_ready)
    server.serve(target_loader=lambda: _app_of(role), wrap_loader=False)


def _app_of(role: WebRole) -> Any:
    """Make the app in the worker; what looks like a request header must not come from the process's environment."""
    for name in [name for name in os.environ if name.startswith("HTTP_")]:
        del os.environ[name]
    app = role.make_app()
    logging.getLogger("_granian").setLevel(logging.WARNING)
    return app

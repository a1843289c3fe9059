"""The web role: an app in several processes of several threads, behind one of two servers, with an admin port."""

from __future__ import annotations

from chassis.web.admin_port import start_admin_port
from chassis.web.role import WebRole

__all__ = ["SERVERS", "WebRole", "serve", "start_admin_port"]

SERVERS = ("granian", "gunicorn")


def serve(role: WebRole, server: str) -> None:
    """Serve a role until SIGTERM; blocks. `server` is one of `SERVERS`, whose libraries are loaded only when used."""
    if server == "granian":
        from chassis.web.granian_server import serve_with_granian

        serve_with_granian(role)
    else:
        from chassis.web.gunicorn_server import GunicornServer

        GunicornServer(role).run()

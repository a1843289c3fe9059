"""`freehold run`: the whole product in one process, ready to be signed in to.

The first start makes an administrator with a generated password, installs the CRM pack and the demo company through
the public API, and prints address, user and password. Only one process may use a home folder at a time.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import click

from chassis.garbage import spare_what_stands
from chassis.service import configure_process
from chassis.web import WebRole, serve, start_admin_port
from freehold.embedded import Embedded
from freehold.first_start import FirstStart

log = logging.getLogger(__name__)

_THREADS = 48
_FIRST_PORT = 8400


def run_embedded(*, demo: bool) -> None:
    """Serve until SIGTERM or Ctrl-C; blocks."""
    os.environ.setdefault("FREEHOLD_LOG_FORMAT", "text")
    os.environ.setdefault("FREEHOLD_LOG_LEVEL", "WARNING")
    os.environ.setdefault("FREEHOLD_LISTEN", f"127.0.0.1:{_free_port()}")
    os.environ.setdefault("FREEHOLD_PUBLIC_URL", f"http://{os.environ['FREEHOLD_LISTEN']}")
    home = Path(os.environ.get("FREEHOLD_HOME", "var"))
    started, _held = time.monotonic(), lock_home(home)
    product: list[Embedded] = []

    def make_app() -> Any:
        embedded = Embedded()
        product.append(embedded)
        configure_process(embedded.gateway)
        embedded.prepare()
        app = embedded.start()
        start_admin_port(embedded.settings.admin_listen, lambda: all(worker.alive() for worker in embedded.workers))
        spare_what_stands()
        threading.Thread(target=_finish_start, args=(embedded, app, home, demo, started), daemon=True).start()
        return app

    def stop() -> None:
        for embedded in product:
            embedded.stop()

    serve(WebRole(make_app, os.environ["FREEHOLD_LISTEN"], workers=1, threads=_THREADS, stop_seconds=5,
                  worker_exit=stop), "gunicorn")


def _finish_start(embedded: Embedded, app: Any, home: Path, demo: bool, started: float) -> None:
    try:
        first = FirstStart(embedded.gateway, app, home)
        password = first.administrator()
        first.install(demo=demo, report=lambda line: click.echo(f"  {line}", err=True))
        click.echo(banner(embedded.settings.public_url, password, home, time.monotonic() - started))
        sys.stdout.flush()
    except Exception:
        log.exception("the first start did not finish; it continues at the next start")


def banner(address: str, password: str | None, home: Path, seconds: float) -> str:
    """Return what people need to sign in; a password that is not known here is the one set last."""
    lines = [f"Freehold is ready after {seconds:.1f} s.", "", f"  Address   {address}", "  User      admin"]
    if password is not None:
        lines += [f"  Password  {password}", f"            (kept in {home / 'admin-password'})"]
    demo_password = home / "demo-password"
    if demo_password.is_file():
        lines += [f"  Demo people sign in with the password in {demo_password}"]
    return "\n".join([*lines, "", "  Stop with Ctrl-C.", ""])


def lock_home(home: Path) -> IO[str]:
    """Hold a home folder for this process; raises ClickException when another one has it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = (home / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise click.ClickException(f"another Freehold runs with the folder {home}") from None
    return held


def _free_port() -> int:
    for port in range(_FIRST_PORT, _FIRST_PORT + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException("no free port was found; name one with FREEHOLD_LISTEN")

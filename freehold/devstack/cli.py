"""`freehold run-full`: a full stack for people, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

import click

from chassis.service import build
from chassis.testkit.servers import ServerError
from freehold.devstack.roles import is_taken
from freehold.devstack.stack import FullStack
from freehold.first_start import FirstStart
from freehold.remote import RemoteApp
from freehold.run import banner
from freehold.services import spec_of

PORTS_FOR_PEOPLE = range(8400, 8450)


def run_full(*, demo: bool) -> None:
    """Start the stack, print address, user and password, and serve until a signal asks to end."""
    started = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    home = Path(os.environ.get("FREEHOLD_HOME", "var"))
    stack = FullStack(
        home, listen=_listen(), env=_own_settings(), report=lambda line: click.echo(f"  {line}", err=True)
    )
    try:
        stack.start()
        password = first_start(stack, demo=demo)
        click.echo(banner(stack.address, password, stack.layout.folder, time.monotonic() - started))
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopping …", err=True)
    except ServerError as error:
        raise click.ClickException(str(error)) from None
    finally:
        stack.stop()


def first_start(stack: FullStack, *, demo: bool) -> str | None:
    """Make the administrator, install the pack and, with `demo`, the demo company.

    Returns the first password, or None when it has been reset since.
    """
    gateway = build(spec_of("gateway"), env=stack.env)
    try:
        first = FirstStart(gateway, RemoteApp(stack.gateway_address), stack.layout.folder)
        password = first.administrator()
        first.install(demo=demo, report=lambda line: click.echo(f"  {line}", err=True))
        return password
    finally:
        gateway.close()


def _interrupt(_: int, __: FrameType | None) -> None:
    """End what the main thread does, at any point; a second signal does not disturb the stopping."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _listen() -> str:
    wished = os.environ.get("FREEHOLD_LISTEN")
    candidates = [wished] if wished else [f"127.0.0.1:{port}" for port in PORTS_FOR_PEOPLE]
    for address in candidates:
        if not is_taken(address):
            return address
    raise click.ClickException(f"somebody listens at {candidates[0]} already")


def _own_settings() -> dict[str, str]:
    """Settings of the caller's environment that hold for every role; addresses and secrets are the stack's."""
    decided = ("_URL", "_FILE", "_LISTEN", "FREEHOLD_HOME", "FREEHOLD_MODE", "FREEHOLD_KEYS_DIR")
    own = {name: value for name, value in os.environ.items() if name.startswith("FREEHOLD_")}
    public = {name: value for name, value in own.items() if name == "FREEHOLD_PUBLIC_URL"}
    return {name: value for name, value in own.items() if not name.endswith(decided)} | public

"""`freehold wait`: what has to be there before a process may start, for installations that start many at once.

A role must not serve before the migrations of its service have run; a schema that is ahead of the code is fine, because
migrations only add, so the roles of the old version go on while the new one is rolled out. Trouble with the database is
waited out like a missing migration: it may be starting as well.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import click

PAUSE = 1.0


@click.group()
def wait() -> None:
    """Wait for keys, migrations and answers; ends with 1 when the time is over."""


@wait.command()
@click.argument("services", nargs=-1, required=True)
@click.option("--timeout", default=300.0, show_default=True, help="Seconds.")
def schema(services: tuple[str, ...], timeout: float) -> None:
    """Wait until the named services have keys, and databases that are not behind this version."""
    deadline = time.monotonic() + timeout
    for name in services:
        until_prepared(name, deadline - time.monotonic())
        click.echo(f"{name}: ready")


@wait.command()
@click.argument("urls", nargs=-1, required=True)
@click.option("--timeout", default=60.0, show_default=True, help="Seconds.")
@click.option("--ca-file", type=click.Path(dir_okay=False, exists=True), help="Authority of the certificates.")
@click.option("--any-certificate", is_flag=True, help="Ask for the answer alone, whoever signed the certificate.")
def answers(urls: tuple[str, ...], timeout: float, ca_file: str | None, any_certificate: bool) -> None:
    """Wait until each address answers a GET with 200."""
    deadline = time.monotonic() + timeout
    trust = {"cert_reqs": "CERT_NONE"} if any_certificate else {"ca_certs": ca_file}
    for url in urls:
        until(lambda url=url: no_answer(url, trust), deadline)
        click.echo(f"{url}: answers")


@wait.command()
@click.argument("seconds", type=float)
def pause(seconds: float) -> None:
    """Wait so long: a web role that ends goes on answering until the way to it is closed."""
    time.sleep(seconds)


def until_prepared(name: str, seconds: float) -> None:
    """Wait until a service has what its roles need; a role that asks itself is there sooner than one behind another."""
    until(lambda: missing(name), time.monotonic() + seconds)


def until(complaint: Callable[[], str], deadline: float) -> None:
    """Ask again and again until there is nothing to complain about; raises ClickException at the deadline."""
    while said := complaint():
        if time.monotonic() > deadline:
            raise click.ClickException(said)
        time.sleep(PAUSE)


def missing(name: str) -> str:
    """Say what a service still lacks before it may start; empty when nothing."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.db.migrate import is_behind
    from chassis.service import build
    from freehold.services import spec_of

    service = build(spec_of(name))
    try:
        if is_behind(service.db, service.spec.migrations):
            return f"{name}: the database lacks migrations of this version"
        service.signer.signing()
    except SQLAlchemyError as error:
        return f"{name}: the database does not answer ({type(error).__name__})"
    except (OSError, ValueError):
        return f"{name}: there are no signing keys in {service.settings.keys_dir}"
    finally:
        service.db.close()
    return ""


def no_answer(url: str, trust: Mapping[str, Any]) -> str:
    """Say what is wrong with the answer of an address; empty when it is a 200."""
    import urllib3

    with urllib3.PoolManager(retries=False, timeout=5, **trust) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        try:
            status = pool.request("GET", url, redirect=False).status
        except urllib3.exceptions.HTTPError as error:
            return f"{url}: {type(error).__name__}"
    return "" if status == 200 else f"{url} answered {status}"

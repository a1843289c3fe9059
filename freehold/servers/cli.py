"""`freehold servers …` and `freehold first-start`: what an installation needs once, repeatable."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import click


@click.group()
def servers() -> None:
    """Secrets and databases of an installation on servers."""


@servers.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, help="Where the secrets go, a folder for each part."
)
@click.option("--postgres-host", default="postgres", show_default=True)
@click.option("--postgres-port", default=5432, show_default=True)
@click.option("--broker-host", default="rabbitmq", show_default=True)
@click.option("--broker-port", default=5672, show_default=True)
@click.option("--host", default="localhost", show_default=True, help="Name that people use, for the first certificate.")
@click.option("--group", "groups", multiple=True, metavar="PART=GID", help="Group that may read the secrets of a part.")
@click.option("--authority", default="", help="File with who signs the servers' certificates: TLS.")
@click.option("--prefix", default="", help="Stands before the names of logins and databases.")
@click.option("--external", is_flag=True, help="The servers are the company's: no superuser is made.")
def secrets(
    folder: Path,
    postgres_host: str,
    postgres_port: int,
    broker_host: str,
    broker_port: int,
    host: str,
    groups: tuple[str, ...],
    authority: str,
    prefix: str,
    external: bool,
) -> None:
    """Generate every secret that is missing; those that exist are never changed."""
    from freehold.servers.secrets import Places, make_secrets

    places = Places(
        f"{postgres_host}:{postgres_port}",
        f"{broker_host}:{broker_port}",
        host,
        dict(_part_and_group(text) for text in groups),
        authority,
        prefix,
        external,
    )
    made = make_secrets(folder, places)
    click.echo("\n".join(f"made {name}" for name in made) or "every secret is there already")


@servers.command()
@click.option(
    "--admin-url-file",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="File with the SQLAlchemy URL of PostgreSQL's superuser.",
)
@click.option("--folder", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the secrets.")
@click.option("--wait", "patience", default=60.0, show_default=True, help="Seconds to wait for the server.")
def databases(admin_url_file: Path, folder: Path, patience: float) -> None:
    """Make a login and a database for each service."""
    from freehold.servers.databases import UnreachableError, make_databases
    from freehold.services import PACKAGES

    urls = [(folder / service / "database-url").read_text(encoding="utf-8").strip() for service in PACKAGES]
    try:
        make_databases(admin_url_file.read_text(encoding="utf-8").strip(), urls, patience)
    except UnreachableError as error:
        raise click.ClickException(f"PostgreSQL does not let the superuser in: {error}") from None
    click.echo(f"databases of {len(urls)} services are ready")


@servers.command()
@click.option("--folder", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the secrets.")
def handover(folder: Path) -> None:
    """Print what an administrator of the company's PostgreSQL runs; it holds no password."""
    from freehold.servers.handover import database_script
    from freehold.services import PACKAGES

    click.echo(database_script(_address(folder, service, "database") for service in PACKAGES), nl=False)


@servers.command()
@click.option("--folder", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the secrets.")
@click.option("--connections", default=300, show_default=True, help="Connections that PostgreSQL must allow.")
@click.option("--tls/--no-tls", default=True, show_default=True, help="Whether connections must be encrypted.")
def look(folder: Path, connections: int, tls: bool) -> None:
    """Ask the company's own PostgreSQL and RabbitMQ whether every service can work with them; 1 when not."""
    from freehold.servers.looking import Wanted, complaints
    from freehold.services import PACKAGES

    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells each refusal ten times
    wanted = Wanted(connections, tls)
    found = [line for service in PACKAGES for line in complaints(
        service, _address(folder, service, "database"), _address(folder, service, "broker"), wanted)]
    if found:
        raise click.ClickException("\n".join(found))
    click.echo(f"{len(PACKAGES)} services can work with PostgreSQL and RabbitMQ")


def _address(folder: Path, service: str, what: str) -> str:
    return (folder / service / f"{what}-url").read_text(encoding="utf-8").strip()


@click.command("first-start")
@click.option("--demo/--no-demo", default=False, show_default=True, help="Install the demo company as well.")
@click.option(
    "--wait", "patience", default=180.0, show_default=True, help="Seconds to wait until every service answers."
)
@click.option(
    "--show-password", is_flag=True, help="Print the administrator's first password, where no shell can read the file."
)
def first_start(demo: bool, patience: float, show_password: bool) -> None:
    """Make the administrator and install the CRM pack, once every web role answers."""
    from chassis.service import build
    from freehold.first_start import FirstStart
    from freehold.remote import RemoteApp
    from freehold.services import PACKAGES, spec_of

    gateway = build(spec_of("gateway"))
    try:
        settings, deadline = gateway.settings, time.monotonic() + patience
        for service in PACKAGES:
            _wait_for(f"{getattr(settings, f'{service}_url')}/healthz/ready", deadline)
        first = FirstStart(gateway, RemoteApp(settings.gateway_url), Path(settings.home))
        password = first.administrator()
        first.install(demo=demo, report=click.echo)
        click.echo(f"Freehold is ready at {settings.public_url}; the administrator is `admin`.")
        click.echo(_about_password(password, show_password, f"{settings.home}/admin-password"))
    finally:
        gateway.close()


def _about_password(password: str | None, shown: bool, file: str) -> str:
    if password is None:
        return "The first password has been changed since."
    return f"The first password is {password}" if shown else f"The first password is in {file}"


def _wait_for(url: str, deadline: float) -> None:
    import urllib3

    while True:
        try:
            if urllib3.request("GET", url, retries=False, timeout=3).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise click.ClickException(f"{url} does not answer")
        time.sleep(0.5)


def _part_and_group(text: str) -> tuple[str, int]:
    part, _, group = text.partition("=")
    if not group.isdigit():
        raise click.BadParameter(f"{text!r} is not PART=GID")
    return part, int(group)

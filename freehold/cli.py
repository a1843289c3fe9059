"""The `freehold` command: roles, migrations, packs, demo, dead letters, keys, documentation.

Commands import what they need when they run, so that each process of an installation loads only its own service.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

import click

from freehold import __version__

SERVICES = ("gateway", "customer", "workflow", "notify", "report")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Freehold: customer management that a company owns outright."""


@main.command()
@click.option("--demo/--no-demo", default=True, help="Install the demo company on the first start.")
def run(demo: bool) -> None:
    """Run the whole product in this one process (embedded mode)."""
    from freehold.run import run_embedded

    run_embedded(demo=demo)


@main.command("run-full")
@click.option("--demo/--no-demo", default=True, help="Install the demo company on the first start.")
def run_full(demo: bool) -> None:
    """Run every role as its own process, with a private PostgreSQL and RabbitMQ, as servers do."""
    from freehold.devstack.cli import run_full as serve

    serve(demo=demo)


@main.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def prepare(services: tuple[str, ...]) -> None:
    """Make keys, tables and queues of the named services (of all when none is named); repeatable."""
    from freehold.roles import prepare as prepare_one

    for name in services or SERVICES:
        prepare_one(name).close()
        click.echo(f"{name}: ready")


@main.command("move-to-postgres")
@click.option("--from-home", required=True, help="Folder of the embedded installation, which must be stopped.")
def move_to_postgres(from_home: str) -> None:
    """Copy the data of an embedded installation into the databases that the settings name."""
    from freehold.move import move

    for line in move(from_home):
        click.echo(line)


def _service_group(name: str) -> click.Group:
    @click.group(name, help=f"Roles and operations of the {name} service.")
    def group() -> None:
        """Hold the commands of one service."""

    patient = click.option("--wait", "patience", default=0.0, metavar="SECONDS",
                           help="Wait so long for keys and for migrations of this version.")

    @group.command()
    @patient
    def web(patience: float) -> None:
        """Serve the API; blocks until SIGTERM."""
        _share_metrics()
        _wait(patience)
        from freehold.roles import run_web

        run_web(name)

    @group.command()
    @patient
    def worker(patience: float) -> None:
        """Work events, jobs and schedules; blocks until SIGTERM."""
        _wait(patience)
        from freehold.roles import run_worker

        run_worker(name)

    def _wait(patience: float) -> None:
        if patience:
            from freehold.wait import until_prepared

            until_prepared(name, patience)

    group.add_command(_dead_letters(name))
    return group


def _dead_letters(name: str) -> click.Group:
    @click.group("dead-letters")
    def group() -> None:
        """Show, replay and discard the events that this service could not handle."""

    @group.command("list")
    def list_all() -> None:
        """List those that wait for a decision, newest first."""
        from chassis.events.dead_letters import list_dead_letters

        with _service(name).db.read() as connection:
            for row in list_dead_letters(connection):
                click.echo(f"{row.id}  {row.dead_at:%Y-%m-%d %H:%M:%S}Z  {row.queue}  {row.type}  {row.error[:160]}")

    @group.command()
    @click.argument("id")
    def show(id: str) -> None:
        """Print one with its error and body."""
        from chassis.events.dead_letters import find_dead_letter

        with _service(name).db.read() as connection:
            row = find_dead_letter(connection, _checked_id(id))
        if row is None:
            raise click.ClickException("there is no such dead letter")
        click.echo(f"queue: {row.queue}\nattempts: {row.attempts}\nerror: {row.error}\n{row.body}")

    @group.command()
    @click.argument("ids", nargs=-1, required=True)
    def replay(ids: tuple[str, ...]) -> None:
        """Send dead letters to their queue again; `all` for every one that waits."""
        service = _service(name)
        for id in _waiting(service) if ids == ("all",) else ids:
            from chassis.events.dead_letters import replay as send_again

            with service.db.unit_of_work() as uow:
                done = send_again(uow, _checked_id(id))
            click.echo(f"{id}: {'sent again' if done else 'nothing to replay'}")

    @group.command()
    @click.argument("ids", nargs=-1, required=True)
    def discard(ids: tuple[str, ...]) -> None:
        """Remove dead letters for good."""
        from chassis.events.dead_letters import discard as remove

        service = _service(name)
        for id in ids:
            with service.db.unit_of_work() as uow:
                done = remove(uow, _checked_id(id))
            click.echo(f"{id}: {'discarded' if done else 'there is no such dead letter'}")

    return group


def _waiting(service: Any) -> list[str]:
    from chassis.events.dead_letters import list_dead_letters

    with service.db.read() as connection:
        return [row.id for row in list_dead_letters(connection, limit=10_000)]


def _checked_id(text: str) -> str:
    from chassis.ids import is_id

    if not is_id(text):
        raise click.BadParameter(f"{text!r} is not an id")
    return text


def _service(name: str) -> Any:
    from chassis.service import build
    from freehold.services import spec_of

    return build(spec_of(name))


def _share_metrics() -> None:
    """Let the processes of a web role share their metrics; must come before prometheus_client is imported."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder, owner = tempfile.mkdtemp(prefix="freehold-metrics-"), os.getpid()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)


for _name in SERVICES:
    main.add_command(_service_group(_name))


def _add(module: str, attribute: str) -> None:
    """Add a group of commands kept beside what it does; loaded only when the command line asks for it."""
    from importlib import import_module

    main.add_command(getattr(import_module(module), attribute))


_LAZY = {"pack": ("freehold.packs.cli", "pack"), "demo": ("freehold.demo.cli", "demo"),
         "admin": ("freehold.admin", "admin"), "edge": ("freehold.edge", "edge"),
         "servers": ("freehold.servers.cli", "servers"), "first-start": ("freehold.servers.cli", "first_start"),
         "docs": ("freehold.docs", "docs"), "wait": ("freehold.wait", "wait"),
         "backup": ("freehold.backup.cli", "backup"), "soak": ("freehold.soak", "soak"),
         "support-bundle": ("freehold.support.cli", "support_bundle")}


def _load_wanted() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, (module, attribute) in _LAZY.items():
        if wanted in (name, "", "-h", "--help"):
            _add(module, attribute)


_load_wanted()

if __name__ == "__main__":
    main()

"""`freehold backup …`: what timers and playbooks of a server call, and an operator in need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from freehold.backup.errors import BackupError
from freehold.backup.plan import DEFAULT_FILE, Plan, read_plan


@click.group()
@click.option("--plan", "file", type=click.Path(path_type=Path), default=DEFAULT_FILE, show_default=True,
              help="What is backed up and where to.")
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Back up a server, prove that it can be restored, restore it."""
    context.obj = file


@backup.command("recovery-key")
@click.option("--private", type=click.Path(path_type=Path), required=True, help="File of the half for a safe.")
@click.option("--public", type=click.Path(path_type=Path), required=True, help="File of the half for the server.")
def recovery_key(private: Path, public: Path) -> None:
    """Make the key without which nobody reads a repository; never on the server itself."""
    from freehold.backup.keys import make_recovery_key

    with _said():
        make_recovery_key(private, public)
    click.echo(f"{private} opens every repository sealed to {public}. Keep it off the server and off the repository.")


@backup.command("configure")
@click.pass_obj
def configure_(file: Path) -> None:
    """Let this server know the repository, which is made with its key when there is none; repeatable."""
    from freehold.backup.repository import configure

    with _working(file) as plan:
        configure(plan)
    click.echo("this server knows the repository")


@backup.command("begin")
@click.pass_obj
def begin_(file: Path) -> None:
    """Make the repository and see that PostgreSQL's log arrives there; repeatable."""
    from freehold.backup.making import begin

    with _working(file) as plan:
        begin(plan)
    click.echo("the repository is ready")


@backup.command("make")
@click.option("--type", "kind", type=click.Choice(["full", "diff", "incr"]), default="incr", show_default=True)
@click.option("--patience", default=600.0, show_default=True, help="Seconds to wait for an instant without a writer.")
@click.pass_obj
def make_(file: Path, kind: str, patience: float) -> None:
    """Make a backup of everything and seal it."""
    from freehold.backup.making import make

    with _working(file) as plan:
        if _follows(plan):
            return
        made = make(plan, kind, patience)
    click.echo(f"backup {made.label} and {made.snapshot.files} files, sealed as {made.seal.name}, "
               f"in {made.seconds:.1f} s")


@backup.command()
@click.pass_obj
def files(file: Path) -> None:
    """Take a snapshot of attached files, keys, settings and secrets."""
    from freehold.backup.making import keep_contents
    from freehold.backup.repository import open_repository

    with _working(file) as plan:
        if _follows(plan):
            return
        snapshot = keep_contents(plan, open_repository(plan))
    click.echo(f"{snapshot.files} files are in the repository")


@backup.command("list")
@click.pass_obj
def list_(file: Path) -> None:
    """Show backups, seals, snapshots, and from when to when any second can be had back."""
    from freehold.backup.repository import open_repository

    with _said():
        repository = open_repository(read_plan(file))
        for line in _lines(repository.postgres.backups()):
            click.echo(line)
        click.echo(f"seals: {', '.join(repository.seal_names()[-5:]) or 'none'}")
        click.echo(f"snapshots of files: {len(repository.contents.names())}, last {repository.contents.names()[-1:]}")


@backup.command("drill")
@click.pass_obj
def drill_(file: Path) -> None:
    """Restore the newest seal into a place of its own and compare every table and file."""
    from freehold.backup.drill import drill

    with _working(file) as plan:
        if _follows(plan):
            return
        found = drill(plan)
    click.echo(f"verified: {found.seal.name} gives back {found.rows} rows of {found.tables} tables and {found.files} "
               f"files, in {found.seconds:.1f} s")


@backup.command()
@click.option("--recovery-key", "key", type=click.Path(path_type=Path), required=True, help="Private half.")
@click.option("--secrets/--no-secrets", default=True, help="Bring back /etc/freehold's secrets and settings as well.")
@click.pass_obj
def recover(file: Path, key: Path, secrets: bool) -> None:
    """Give a machine the repository's key, and the secrets that were backed up; the first step on a bare machine."""
    from freehold.backup.repository import recover as open_with

    with _said():
        plan = read_plan(file)
        repository = open_with(plan, key)
        count = repository.restore_contents(_configuration(plan), None) if secrets else 0
    click.echo(f"the repository is open, {count} files of settings and secrets came back")


@backup.command("restore")
@click.option("--to", "moment", metavar="MOMENT", help="RFC 3339, such as 2026-11-29T08:15:00Z; without it: the last.")
@click.pass_obj
def restore_(file: Path, moment: str | None) -> None:
    """Bring back databases and files; PostgreSQL and the processes must be stopped."""
    from freehold.backup.restoring import restore

    with _said():
        done = restore(read_plan(file), _moment(moment))
    click.echo(f"{done.files} files came back; start PostgreSQL, which plays its log up to "
               f"{done.when.isoformat() if done.when else 'its end'}")


def _follows(plan: Plan) -> bool:
    """Whether this server is a standby, which then reports what its primary has done."""
    from freehold.backup.standby import follow, is_standby

    if standby := is_standby(plan):
        follow(plan)
        click.echo("this server is a standby: its primary does that")
    return standby


def _configuration(plan: Plan) -> tuple[Path, ...]:
    return tuple(folder for folder in plan.folders if folder.is_relative_to("/etc"))


def _moment(text: str | None) -> datetime | None:
    from chassis.clock import from_wire

    try:
        moment = from_wire(text) if text else None
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: {error}") from None
    if moment and moment > datetime.now(UTC):
        raise click.BadParameter(f"{text} is still to come")
    return moment


def _lines(backups: list[dict[str, object]]) -> Iterator[str]:
    for one in backups:
        times, info = one["timestamp"], one["info"]
        stop = datetime.fromtimestamp(times["stop"], UTC)  # type: ignore[index]
        size = int(info["repository"]["delta"]) / 1e6  # type: ignore[index]
        yield f"{one['label']}  {one['type']}  ended {stop:%Y-%m-%dT%H:%M:%SZ}  {size:.1f} MB"
    if backups:
        first = datetime.fromtimestamp(backups[0]["timestamp"]["stop"], UTC)  # type: ignore[index]
        yield f"any second from {first:%Y-%m-%dT%H:%M:%SZ} on can be had back"


@contextmanager
def _working(file: Path) -> Iterator[Plan]:
    """The plan, while nobody else works on the repository."""
    from freehold.backup.repository import alone

    with _said():
        plan = read_plan(file)
        with alone(plan):
            yield plan


@contextmanager
def _said() -> Iterator[None]:
    """Turn what goes wrong into one line and exit status 1."""
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from None

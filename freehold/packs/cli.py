"""`freehold pack preview|install <folder or name of a shipped pack>`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from urllib3.exceptions import HTTPError

from freehold.packs.client import Client, http_send
from freehold.packs.writing import write_files
from gateway.packs.api import Api, ApiError
from gateway.packs.archive import load_archive
from gateway.packs.errors import PackError
from gateway.packs.export import export_pack
from gateway.packs.files import load_pack, shipped_pack
from gateway.packs.installer import install_pack
from gateway.packs.model import Pack
from gateway.packs.preview import change_line, preview_lines, removal_lines
from gateway.packs.requirements import missing
from gateway.packs.state import PACKS, ApiMemory


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the API is and who asks; the command gets a `client` and the `home`."""

    @click.option("--url", envvar="FREEHOLD_PUBLIC_URL", default="http://127.0.0.1:8400", show_default=True,
                  help="Address of Freehold.")
    @click.option("--user", envvar="FREEHOLD_ADMIN_USER", default="admin", show_default=True,
                  help="User name of an administrator.")
    @click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
                  help="File with the password; asked for when neither file nor key is given.")
    @click.option("--key", envvar="FREEHOLD_API_KEY", help="An API key instead of user and password.")
    @click.option("--ca-file", envvar="FREEHOLD_CA_FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True),
                  help="Certificate of the authority that signed Freehold's own, when it is not a public one.")
    @click.option("--home", envvar="FREEHOLD_HOME", default="var", show_default=True,
                  type=click.Path(path_type=Path, file_okay=False), help="Folder of the installation's own files.")
    @wraps(command)
    def with_client(*args: Any, url: str, user: str, password_file: Path | None, key: str | None, ca_file: Path | None,
                    home: Path, **kwargs: Any) -> Any:
        password = "" if key else _password(password_file, home)
        client = Client(http_send(url, ca_file), user, password, key or "")
        try:
            return command(*args, client=client, home=home, **kwargs)
        except (PackError, ApiError) as error:
            raise click.ClickException(str(error)) from error
        except HTTPError as error:
            raise click.ClickException(f"{url} does not answer: {error}") from error

    return with_client


def _password(file: Path | None, home: Path) -> str:
    for path in (file, home / "admin-password"):
        if path is not None and path.is_file():
            return path.read_text(encoding="utf-8").strip()
    return click.prompt("Password", hide_input=True, err=True)


def _load(_: click.Context, __: click.Parameter, value: str) -> Pack:
    path = Path(value)
    try:
        if path.is_file():
            return load_archive(path.read_bytes())
        return load_pack(path if path.is_dir() else shipped_pack(value))
    except PackError as error:
        raise click.BadParameter("\n" + str(error)) from error


@click.group()
def pack() -> None:
    """Install configuration that is kept as readable files."""


@pack.command("preview")
@click.argument("source", callback=_load, metavar="FOLDER")
@click.option("--all", "everything", is_flag=True, help="List unchanged items too.")
@connection_options
def preview_command(source: Pack, client: Client, home: Path, everything: bool) -> None:
    """Show what installing the pack in FOLDER would change."""
    changes = install_pack(client, source, preview=True, memory=ApiMemory(Api(client), home))
    for line in preview_lines(changes, everything=everything):
        click.echo(line)


@pack.command("install")
@click.argument("source", callback=_load, metavar="FOLDER")
@connection_options
def install_command(source: Pack, client: Client, home: Path) -> None:
    """Install the pack in FOLDER, or bring it up to date."""
    memory = ApiMemory(Api(client), home)
    if lacks := missing(Api(client), memory, source):
        raise click.ClickException(f"the pack needs what is not here: {', '.join(lacks)}")
    changes = install_pack(client, source, memory=memory,
                           told=lambda change: click.echo(change_line(change)))
    click.echo(list(preview_lines(changes))[-1])


@pack.command("export")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--name", default="configuration", show_default=True, help="Name of the pack.")
@click.option("--version", default="1.0.0", show_default=True, help="Version of the pack.")
@click.option("--object", "objects", multiple=True, help="Only this object and what belongs to it; may be repeated.")
@connection_options
def export_command(out: Path, name: str, version: str, objects: tuple[str, ...], client: Client, home: Path) -> None:
    """Write the configuration to OUT: a folder, or one file when it ends with .zip."""
    label = {"en": name.replace("-", " ").capitalize()}
    made = export_pack(client, name=name, version=version, label=label, objects=objects)
    write_files(made, out)
    click.echo(f"{len(made.files)} files in {out}")
    for kind, key in made.left_out:
        click.echo(f"left out, because it names people or records of this installation: {kind} {key}")


@pack.command("remove")
@click.argument("name")
@click.option("--also", multiple=True, metavar="KIND/KEY",
              help="Remove this item although it was changed or has records; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@connection_options
def remove_command(name: str, also: tuple[str, ...], yes: bool, client: Client, home: Path) -> None:
    """Take the pack NAME away, after a look at what goes and what stays."""
    api, body = Api(client), {"also": list(also)}
    plan = api.call("POST", f"{PACKS}/{name}/removal/preview", body)
    for line in removal_lines(plan):
        click.echo(line)
    if not yes:
        click.confirm("Remove it?", abort=True)
    run = api.call("POST", f"{PACKS}/{name}/removal", body)
    while run["state"] == "removing":
        time.sleep(0.5)
        run = api.call("GET", f"{PACKS}/runs/{run['id']}")
    if run["state"] == "failed":
        raise click.ClickException(run["problem"])
    for one in run["left"]:
        if one["told"]:
            click.echo(f"stayed: {one['kind']} {one['key']}: {one['told']}")
    click.echo(f"{name} {run['version']} is removed")


@pack.command("check")
@click.argument("source", callback=_load, metavar="FOLDER")
def check_command(source: Pack) -> None:
    """Check the files of the pack in FOLDER without asking any server."""
    click.echo(f"{source.name} {source.version}: {len(source.items)} items, no fault found")

"""`freehold demo install|remove|sheet`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from freehold.demo.install import install_demo
from freehold.demo.messy import make_sheet, write_sheet
from freehold.demo.packs import install_pack_demo, packs_with_demo, remove_pack_demo
from freehold.demo.records import DemoError, Removal
from freehold.demo.remove import remove_demo
from freehold.packs.cli import connection_options
from freehold.packs.client import Client
from gateway.packs.files import load_pack, shipped_pack


@click.group()
def demo() -> None:
    """A company to try things on, and spreadsheets to import."""


@demo.command("install")
@click.argument("pack", required=False)
@click.option("--seed", default=20, show_default=True, help="Equal seeds make equal companies.")
@click.option("--customers", default=2000, show_default=True, type=click.IntRange(1, 20_000), help="How many.")
@connection_options
def install_command(client: Client, home: Path, pack: str | None, seed: int, customers: int) -> None:
    """Install the demo company (needs the CRM pack), or the demo data of PACK, a folder or a shipped pack's name."""
    try:
        if pack is not None:
            made = install_pack_demo(client, home, _folder(pack), report=click.echo)
            click.echo(f"`freehold demo remove {pack}` takes it back." if made else "It is there already.")
            return
        fresh = install_demo(client, home, seed=seed, customers=customers, report=click.echo)
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The password of its people is in {home / 'demo-password'}." if fresh else "It is there already.")


@demo.command("remove")
@click.argument("pack", required=False)
@click.confirmation_option(prompt="Remove everything that the demo brought?")
@connection_options
def remove_command(client: Client, home: Path, pack: str | None) -> None:
    """Remove exactly what the demo company and all demo data of packs brought, or only that of PACK."""
    wanted = pack and (load_pack(Path(pack)).name if Path(pack).is_dir() else pack)
    removals = [remove_pack_demo(client, home, name, report=click.echo)
                for name in packs_with_demo(home) if wanted in (None, name)]
    if wanted is None:
        removals.append(remove_demo(client, home, report=click.echo))
    removal = Removal({kind: sum(one.removed.get(kind, 0) for one in removals)
                       for one in removals for kind in one.removed}, [kept for one in removals for kept in one.kept])
    click.echo(", ".join(f"{count} {kind}" for kind, count in removal.removed.items()) or "There is no demo here.")
    for kind, count in Counter(kind for kind, _ in removal.kept).items():
        click.echo(f"{count} × {kind} stay: something that is not of the demo uses them")


def _folder(pack: str) -> Path:
    return Path(pack) if Path(pack).is_dir() else shipped_pack(pack)


@demo.command("sheet")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rows", default=5000, show_default=True, type=click.IntRange(1, 200_000), help="Filled rows.")
@click.option("--wrong", default=400, show_default=True, type=click.IntRange(0), help="How many of them are wrong.")
@click.option("--seed", default=7, show_default=True, help="Equal seeds make equal sheets.")
@click.option("--encoding", default="utf-8", show_default=True, type=click.Choice(["utf-8", "gb18030"]),
              help="Of a .csv file.")
@click.option("--expected", type=click.Path(path_type=Path, dir_okay=False),
              help="Write what an import must come to, as JSON.")
def sheet_command(out: Path, rows: int, wrong: int, seed: int, encoding: str, expected: Path | None) -> None:
    """Write a messy spreadsheet of leads to OUT (.xlsx or .csv)."""
    if wrong > rows:
        raise click.BadParameter("there cannot be more wrong rows than rows", param_hint="--wrong")
    sheet = make_sheet(rows, wrong, seed=seed)
    write_sheet(sheet, out, encoding=encoding)
    if expected:
        expected.write_text(json.dumps(sheet.expected(), ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(f"{len(sheet.rows)} rows: {sheet.unique_valid} leads, {len(sheet.repeated)} repeated, "
               f"{len(sheet.wrong)} wrong; {sheet.east_large} of the leads are large ones in the East")

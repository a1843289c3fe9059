"""`freehold support-bundle`: make the file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("support-bundle")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file, .tar.gz.")
@click.option("--hours", default=24, show_default=True, help="How much of the logs.")
def support_bundle(output: Path, hours: int) -> None:
    """Collect what support needs to know of this server, without secrets and without personal data."""
    from freehold.support.facts import Server
    from freehold.support.packing import LeakError, pack

    try:
        names = pack(Server(), output, hours)
    except LeakError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{output}: {len(names)} files; look at them before you send it")

"""`freehold admin`: what the operator of an installation does at the command line, without signing in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.group()
def admin() -> None:
    """Passwords, lock-outs, signing keys, the audit log."""


@admin.command("reset-password")
@click.argument("username", default="admin")
def reset_password(username: str) -> None:
    """Give a user a new password, which is printed once and must be changed at the next sign-in."""
    from gateway.usecases.passwords import reset_password_of

    service = _gateway()
    try:
        click.echo(reset_password_of(service, username))
    except LookupError:
        raise click.ClickException(f"there is no user {username!r}") from None
    if username == "admin":
        (Path(service.settings.home) / "admin-password").unlink(missing_ok=True)


@admin.command()
@click.argument("username")
def unlock(username: str) -> None:
    """Let a locked-out user try again at once."""
    from gateway.usecases.lockouts import unlock as forgive

    click.echo("unlocked" if forgive(_gateway(), username) else "was not locked out")


@admin.command("rotate-keys")
def rotate_keys() -> None:
    """Sign access tokens with a new key from now on; people stay signed in."""
    from gateway.usecases.signing_keys import rotate_signing_key

    click.echo(rotate_signing_key(_gateway()))


@admin.command("verify-audit")
def verify_audit() -> None:
    """Check the chain of the audit log; ends with 1 when somebody has changed it."""
    from gateway.usecases.audit import verify

    found = verify(_gateway())
    click.echo(str(found))
    if not found.intact:
        raise SystemExit(1)


def _gateway() -> Any:
    from chassis.service import build
    from freehold.services import spec_of

    return build(spec_of("gateway"))

"""The first start of an installation: an administrator with a generated password, the CRM pack, the demo company.

Everything goes through the public API, signed in as the administrator. Each step may be repeated, so a start that was
cut short is finished by the next one; a mark in the home folder lets later starts skip the work.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.auth.tokens import access_token
from chassis.ids import new_id
from chassis.service import Service

Request = Callable[..., tuple[int, Any]]
PACK = "crm"


class FirstStart:
    """The steps of a first start over one gateway; `app` answers the public API."""

    def __init__(self, gateway: Service, app: Any, home: Path) -> None:
        self._gateway, self._app, self._home = gateway, app, home

    def administrator(self) -> str | None:
        """Make the first administrator unless there is one; returns the password as it was generated.

        None when it is not known here, because somebody has reset it since.
        """
        from gateway.usecases.first_start import ensure_administrator, has_administrator

        file = self._home / "admin-password"
        if not file.is_file():
            if has_administrator(self._gateway):
                return None
            write_secret(file, secrets.token_urlsafe(12))
        password = file.read_text(encoding="utf-8").strip()
        ensure_administrator(self._gateway, password)
        return password

    def install(self, *, demo: bool, report: Callable[[str], None]) -> None:
        """Install the shipped pack and, when it is wished for, the demo company; what is there already is skipped."""

        self._once("pack-installed", "installing the CRM pack …", report,
                   self._install_pack)
        if demo:
            from freehold.demo import install_demo

            self._once("demo-installed", "making the demo company …", report,
                       lambda: install_demo(self.request(), self._home, report=report))

    def _install_pack(self) -> None:
        from gateway.packs import install_pack, shipped_pack
        from gateway.packs.api import Api
        from gateway.packs.state import ApiMemory

        request = self.request()
        install_pack(request, shipped_pack(PACK), memory=ApiMemory(Api(request), self._home))

    def _once(self, name: str, line: str, report: Callable[[str], None], step: Callable[[], Any]) -> None:
        mark = self._home / name
        if not mark.is_file():
            report(line)
            step()
            mark.touch()

    def request(self) -> Request:
        """Return a caller of the public API in the administrator's name, who waits while something is busy."""
        from freehold.packs.client import Client, wsgi_send
        from gateway.queries.users import find_by_username

        with self._gateway.db.read() as connection:
            user_id = find_by_username(connection, "admin")["id"]
        session = new_id()
        return Client(wsgi_send(self._app), fresh_token=lambda: access_token(self._gateway, user_id, session, 600))


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text + "\n")

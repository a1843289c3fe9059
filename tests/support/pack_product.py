"""The product in this process, asked by its administrator, on SQLite or PostgreSQL: what tests of packs share."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.auth.tokens import access_token
from chassis.ids import new_id
from chassis.service import Service
from freehold.embedded import Embedded
from freehold.first_start import FirstStart
from freehold.packs.client import Client, wsgi_send
from freehold.services import PACKAGES

PACKS = "/api/gateway/v1/packs"


class Product:
    """All services and their workers; `databases` are URLs by service, files of the home otherwise."""

    def __init__(self, home: Path, databases: Mapping[str, str] | None = None) -> None:
        env = {f"FREEHOLD_{name.upper()}_DATABASE_URL": url for name, url in (databases or {}).items()}
        self._embedded = Embedded({"FREEHOLD_HOME": str(home), "FREEHOLD_LOG_LEVEL": "ERROR", **env})
        self._embedded.prepare()
        app = self._embedded.start()
        self.first = FirstStart(self._embedded.gateway, app, home)
        self.first.administrator()
        self.call, self._send = self.first.request(), wsgi_send(app)
        self._others: dict[str, Client] = {}

    @property
    def gateway(self) -> Service:
        """The gateway itself."""
        return self._embedded.gateway

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request that must succeed."""
        status, answer = self.call(method, path, body)
        assert 200 <= status < 300, f"{method} {path} answered {status}: {answer}"
        return answer

    def call_as(self, user_id: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The answer to somebody else."""
        if user_id not in self._others:
            session = new_id()
            self._others[user_id] = Client(self._send, fresh_token=lambda: access_token(
                self.gateway, user_id, session, 600))
        return self._others[user_id](method, path, body)

    def raw(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send bytes, get bytes."""
        headers = {"Authorization": f"Bearer {self.call.fresh_token()}", "Content-Type": "application/zip"}
        status, _, content = self._send(method, path, headers, body)
        return status, content

    def upload(self, archive: bytes) -> tuple[int, Any]:
        """Send a pack, get what it would do."""
        status, content = self.raw("POST", f"{PACKS}/uploads", archive)
        return status, json.loads(content)

    def install(self, id: str, **body: Any) -> dict[str, Any]:
        """Install what was uploaded, until it is there."""
        run = self.finished(self.ok("POST", f"{PACKS}/runs/{id}/install", body))
        assert run["state"] == "finished", run
        return run

    def finished(self, run: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a run."""
        until = time.monotonic() + 180
        while run["state"] not in ("finished", "failed") and time.monotonic() < until:
            time.sleep(0.1)
            run = self.ok("GET", f"{PACKS}/runs/{run['id']}")
        return run

    def bring_in(self, archive: bytes, **body: Any) -> dict[str, Any]:
        """Upload a pack and install it; returns what it was going to do."""
        status, shown = self.upload(archive)
        assert status == 201, shown
        self.install(shown["id"], **body)
        return shown

    def items(self, path: str) -> list[dict[str, Any]]:
        """The items of a short list."""
        return self.ok("GET", path + ("&" if "?" in path else "?") + "limit=200")["items"]

    def export(self, **query: str) -> bytes:
        """The configuration as a zip."""
        status, content = self.raw("GET", f"{PACKS}/export?" + "&".join(f"{k}={v}" for k, v in query.items()))
        assert status == 200, content
        return content

    def stop(self) -> None:
        """End it."""
        self._embedded.stop()


def zipped(files: Mapping[str, Any]) -> bytes:
    """Bodies by their place as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, json.dumps(content))
    return out.getvalue()


def unpacked(archive: bytes) -> dict[str, Any]:
    """The bodies in a zip by their place."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: json.loads(opened.read(name)) for name in opened.namelist()}


def folder(place: Path) -> bytes:
    """A pack's folder as a zip."""
    return zipped({path.relative_to(place).as_posix(): json.loads(path.read_text(encoding="utf-8"))
                   for path in place.rglob("*.json")})


def services() -> tuple[str, ...]:
    """The names of those that have a database."""
    return tuple(PACKAGES)

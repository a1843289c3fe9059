"""The roles of a full stack, their ports, and the settings each process gets.

A process gets its own secrets only: the addresses of its database and its broker login, as files that only the owner
may read (`FREEHOLD_DATABASE_URL_FILE`). What all share are modes, folders and the addresses of the other services.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.testkit.servers import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "customer", "workflow", "notify", "report")
STOP_SECONDS = 4


@dataclass(frozen=True)
class Role:
    """One process: `freehold <service> <kind>`."""

    service: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.service}-{self.kind}"


# The report service owns its DuckDB file alone, so its web role does the worker's part too.
ROLES = (
    *(Role(service, "worker") for service in SERVICES if service != "report"),
    *(Role(service, "web") for service in SERVICES),
)


class Ports:
    """An address per role, per admin port and for the edge; kept in a file so that they survive a restart.

    `wishes` are addresses (`host:port`) for some of the names, taken as they are.
    """

    def __init__(self, file: Path, wishes: Mapping[str, str] | None = None) -> None:
        known = json.loads(file.read_text()) if file.exists() else {}
        names = ["edge", *(role.name for role in ROLES), *(f"{role.name}.admin" for role in ROLES)]
        self._addresses = {name: _usable(known.get(name)) for name in names} | dict(wishes or {})
        file.write_text(json.dumps(self._addresses, indent=1))

    def address(self, name: str) -> str:
        """`host:port` of a role, of `<role>.admin` or of `edge`."""
        return self._addresses[name]


def _usable(address: str | None) -> str:
    if address is not None and not is_taken(address):
        return address
    return f"127.0.0.1:{free_port()}"


def is_taken(address: str) -> bool:
    """Whether somebody listens at `host:port`."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@dataclass(frozen=True)
class Layout:
    """Where a stack keeps its things, below one folder."""

    folder: Path

    def make(self) -> None:
        """Make the folders, closed to others; the servers' users may pass through the outermost to their own."""
        for path in (self.folder, self.secrets, self.keys, self.data, self.logs):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o711 if path == self.folder else 0o700)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    def write_secret(self, name: str, value: str) -> Path:
        """Write a file that only its owner may read; returns its path."""
        path = self.secrets / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        return path


def shared_environment(layout: Layout, ports: Ports, public_url: str) -> dict[str, str]:
    """Settings that every role gets."""
    urls = {
        f"FREEHOLD_{service.upper()}_URL": f"http://{ports.address(f'{service}-web')}" for service in SERVICES
    }
    return urls | {
        "FREEHOLD_MODE": "servers",
        "FREEHOLD_HOME": str(layout.data),
        "FREEHOLD_KEYS_DIR": str(layout.keys),
        "FREEHOLD_PUBLIC_URL": public_url,
        "FREEHOLD_STOP_SECONDS": str(STOP_SECONDS),
    }


def secret_environment(layout: Layout, service: str) -> dict[str, str]:
    """Settings that name the files of a service's secrets."""
    prefix = f"FREEHOLD_{service.upper()}"
    return {
        f"{prefix}_DATABASE_URL_FILE": str(layout.secrets / f"{service}-database-url"),
        f"{prefix}_BROKER_URL_FILE": str(layout.secrets / f"{service}-broker-url"),
    }


def role_environment(layout: Layout, ports: Ports, role: Role, shared: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one process."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("FREEHOLD_", "PROMETHEUS_MULTI"))
    }
    return {
        **inherited,
        **shared,
        **secret_environment(layout, role.service),
        "FREEHOLD_LISTEN": ports.address(role.name),
        "FREEHOLD_ADMIN_LISTEN": ports.address(f"{role.name}.admin"),
    }

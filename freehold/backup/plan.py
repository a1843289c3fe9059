"""What is backed up and where to: one JSON file, `/etc/freehold/backup.json`, written by Ansible.

    repository            folder of the repository, best on another machine's disk
    recovery_public_key   public half of the recovery key
    key_file              the repository key; made when it is missing
    folders               what the half `contents` holds
    services              names of the services' databases
    account               operating system's user of PostgreSQL
    cluster               PostgreSQL's data folder
    programs              folder of postgres, initdb and their like
    socket, port          where PostgreSQL listens
    admin_url_file        SQLAlchemy address of its superuser
    scratch               folder in which a drill may restore; gone afterwards
    metrics_file          file for node-exporter's textfile collector
    keep_full             full backups that stay, with the log since the oldest
    keep_days             days for which snapshots of files stay
"""

from __future__ import annotations

import pwd
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from chassis.jsonio import loads
from freehold.backup.errors import BackupError

DEFAULT_FILE = Path("/etc/freehold/backup.json")


@dataclass(frozen=True)
class Plan:
    """The file's content; paths are paths."""

    repository: Path
    recovery_public_key: Path
    key_file: Path
    folders: tuple[Path, ...]
    services: tuple[str, ...]
    account: str
    cluster: Path
    programs: Path
    socket: Path
    port: int
    admin_url_file: Path
    scratch: Path
    metrics_file: Path
    keep_full: int = 4
    keep_days: int = 35

    @property
    def uid(self) -> int:
        return pwd.getpwnam(self.account).pw_uid

    @property
    def gid(self) -> int:
        return pwd.getpwnam(self.account).pw_gid


def read_plan(file: Path) -> Plan:
    """Return the plan of a file; raises BackupError when it is not one."""
    try:
        given: dict[str, Any] = loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(f"{file}: {error}") from None
    known = {field.name: field.type for field in fields(Plan)}
    if unknown := set(given) - set(known):
        raise BackupError(f"{file} has unknown names: {', '.join(sorted(unknown))}")
    try:
        return Plan(**{name: _typed(known[name], value) for name, value in given.items()})
    except TypeError as error:
        raise BackupError(f"{file}: {error}") from None


def _typed(kind: Any, value: Any) -> Any:
    if kind == "Path":
        return Path(value)
    if kind == "tuple[Path, ...]":
        return tuple(Path(one) for one in value)
    return tuple(value) if kind.startswith("tuple") else value

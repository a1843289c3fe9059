"""Secrets of an installation, generated once: a folder for each part that has some.

    <service>/database-url, broker-url    addresses with the service's own passwords
    postgres/password, admin-url          the superuser
    rabbitmq/definitions.json, cookie     logins of the services (hashed), and what joins nodes to a cluster
    edge/tls.crt, tls.key                 a self-signed certificate, until the company's own takes its place

A file that is there is never written again, so a second call changes nothing and an upgrade keeps every password. On
servers of the company there is no superuser and no cookie to make: those are the company's.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit

from chassis.events.logins import DEFAULT_VHOST, definitions
from freehold.certificate import make_certificate
from freehold.services import PACKAGES

SUPERUSER = "postgres"


@dataclass(frozen=True)
class Places:
    """Where the servers will be reached, and which group may read the secrets of a part."""

    postgres: str = "postgres:5432"
    broker: str = "rabbitmq:5672"
    host: str = "localhost"
    groups: Mapping[str, int] = field(default_factory=dict)
    authority: str = ""  # file with who signs the servers' certificates; empty: no TLS
    prefix: str = ""  # of logins and databases, on servers that others use as well
    external: bool = False  # the servers are the company's

    @property
    def database_query(self) -> str:
        return f"?{urlencode({'sslmode': 'verify-full', 'sslrootcert': self.authority})}" if self.authority else ""

    @property
    def broker_query(self) -> str:
        options = {"cafile": self.authority, "server_hostname": self.broker.rpartition(":")[0]}
        return f"?{urlencode({'ssl_options': str(options)})}" if self.authority else ""


def make_secrets(folder: Path, places: Places) -> list[str]:
    """Write what is missing; returns the names of the files that were made."""
    made = [name for service in PACKAGES for name in _of_service(folder, service, places)]
    made += [] if places.external else _of_postgres(folder, places)
    made += _of_rabbitmq(folder, places)
    made += _of_edge(folder, places)
    return made


def new_password() -> str:
    """A password of 192 random bits, without characters that a URL or a shell would take for something else."""
    return secrets.token_urlsafe(24)


def password_in(url: str) -> str:
    """The password that stands in an address."""
    return unquote(urlsplit(url).password or "")


def _of_service(folder: Path, service: str, places: Places) -> list[str]:
    login, scheme = f"{places.prefix}{service}", "amqps" if places.authority else "amqp"
    database = f"postgresql+psycopg://{login}:{new_password()}@{places.postgres}/{login}{places.database_query}"
    vhost = quote(DEFAULT_VHOST, safe="")
    broker = f"{scheme}://{login}:{new_password()}@{places.broker}/{vhost}{places.broker_query}"
    return [
        *_once(folder, service, "database-url", database, places),
        *_once(folder, service, "broker-url", broker, places),
    ]


def _of_postgres(folder: Path, places: Places) -> list[str]:
    made = _once(folder, "postgres", "password", new_password(), places)
    password = (folder / "postgres" / "password").read_text(encoding="utf-8").strip()
    admin = f"postgresql+psycopg://{SUPERUSER}:{quote(password, safe='')}@{places.postgres}/postgres"
    return [*made, *_once(folder, "postgres", "admin-url", admin, places)]


def _of_rabbitmq(folder: Path, places: Places) -> list[str]:
    passwords = {
        service: password_in((folder / service / "broker-url").read_text(encoding="utf-8").strip())
        for service in PACKAGES
    }
    made = [] if places.external else _once(folder, "rabbitmq", "cookie", secrets.token_hex(32), places)
    described = json.dumps(definitions(passwords, prefix=places.prefix))
    return [*made, *_once(folder, "rabbitmq", "definitions.json", described, places)]


def _of_edge(folder: Path, places: Places) -> list[str]:
    certificate, key = folder / "edge" / "tls.crt", folder / "edge" / "tls.key"
    if certificate.exists():
        return []
    _make_folder(certificate.parent, places)
    make_certificate(certificate, key, places.host)
    for file in (certificate, key):
        _admit_group(file, places.groups.get("edge"))
    return ["edge/tls.crt", "edge/tls.key"]


def _once(folder: Path, part: str, name: str, text: str, places: Places) -> list[str]:
    """Write a file whole or not at all, unless there is one; returns its name when it was written."""
    file = folder / part / name
    if file.exists():
        return []
    _make_folder(file.parent, places)
    draft = file.with_name(f".{name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text + "\n")
    _admit_group(draft, places.groups.get(part))
    draft.replace(file)
    return [f"{part}/{name}"]


def _make_folder(folder: Path, places: Places) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
    group = places.groups.get(folder.name)
    if group is not None and folder.stat().st_uid == os.geteuid():
        os.chown(folder, -1, group)
        folder.chmod(0o750)


def _admit_group(file: Path, group: int | None) -> None:
    """Let a group read the file; the caller must be a member, which needs no privilege."""
    if group is not None:
        os.chown(file, -1, group)
        file.chmod(0o640)

"""Virtual hosts, logins and permissions on a RabbitMQ that we administer.

Names on the broker, and with them the permissions, follow one scheme:

    freehold.events               topic exchange of all events
    <service>.<what>              a service's queue           (workflow.records)
    <service>.<what>.retry.<n>    its delay queues
    <service>.<what>.dead         its dead letters
    <service>.retry               its own exchange, by which its delayed and replayed messages come back

A service may create, write and read what begins with its own name, bind from `freehold.events`, and publish there
events of its own only (`freehold.<service>.…`, by topic permission). It can open no queue of another service, put
nothing into one, and pretend to be none: the default exchange is closed to everybody.

All of it is described in one definitions file, which the broker loads in one go: many seconds cheaper than calls of
rabbitmqctl, and a broker that boots with one makes no default `guest`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

SERVICES = ("gateway", "customer", "workflow", "notify", "report")
DEFAULT_VHOST = "freehold"
VHOST_BATCH = 8


class RabbitServer(ABC):
    """What is the same for every kind of server; `_state` holds its ports and the passwords by login."""

    def __init__(self, state: dict[str, Any], services: Iterable[str]) -> None:
        self._state = state
        self._spare_vhosts: list[str] = []
        for service in services:
            self._state["passwords"].setdefault(service, secrets.token_urlsafe(24))

    @property
    def port(self) -> int:
        return self._state["port"]

    @abstractmethod
    def start(self) -> Self:
        """Start the server and return when it accepts connections."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the server; a temporary one is removed."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, service: str, vhost: str = DEFAULT_VHOST) -> str:
        """AMQP URL of a service's login."""
        password = quote(self._state["passwords"][service], safe="")
        return f"amqp://{service}:{password}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def new_vhost(self) -> str:
        """A virtual host nobody has used: an empty broker for one test (made in batches: a call takes a second)."""
        if not self._spare_vhosts:
            self._spare_vhosts = [f"test-{secrets.token_hex(4)}" for _ in range(VHOST_BATCH)]
            self._import_definitions(self.definitions(self._spare_vhosts))
        return self._spare_vhosts.pop()

    def settle(self) -> None:
        """Write the register of quorum queues to disk now.

        The broker saves it half a second after a queue is declared; a kill -9 within that time leaves a queue
        that never answers again. Call this after the services have declared theirs and before the first kill.
        """
        self.ctl("eval", "[dets:sync(T) || T <- dets:all()].")

    @abstractmethod
    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this server and return its output."""

    def definitions(self, vhosts: list[str]) -> str:
        """The definitions file (JSON) of all logins and their permissions in these virtual hosts."""
        logins = self._state["passwords"]
        return json.dumps(
            {
                "users": [_user(name, password) for name, password in logins.items()],
                "vhosts": [{"name": vhost} for vhost in vhosts],
                "permissions": [permissions(name, vhost) for name in logins for vhost in vhosts],
                "topic_permissions": [topic_permissions(name, vhost) for name in logins for vhost in vhosts],
            }
        )

    @abstractmethod
    def _import_definitions(self, definitions: str) -> None:
        """Let the running broker load further definitions."""


def permissions(service: str, vhost: str) -> dict[str, str]:
    """What a service's login may do in a virtual host, as an entry of a definitions file."""
    own = rf"{re.escape(service)}\..*"
    return {
        "user": service,
        "vhost": vhost,
        "configure": rf"^(freehold\.events|{own})$",
        "write": rf"^(freehold\.events|{own})$",
        "read": rf"^(freehold\.events|{own})$",
    }


def topic_permissions(service: str, vhost: str) -> dict[str, str]:
    """Which events a service's login may publish and listen to, as an entry of a definitions file."""
    return {
        "user": service,
        "vhost": vhost,
        "exchange": "freehold.events",
        "write": rf"^freehold\.{re.escape(service)}\..*$",
        "read": ".*",
    }


def password_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256: base64 of four salt bytes and the digest of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _user(name: str, password: str) -> dict[str, object]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def speaks_amqp(port: int) -> bool:
    """Whether a broker serves on this port: it answers a wrong protocol header with the right one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x00")
            return len(probe.recv(7)) == 7
    except OSError:
        return False

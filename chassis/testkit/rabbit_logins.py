"""Virtual hosts and logins on a RabbitMQ that a test administers; who may do what is in chassis.events.logins."""

from __future__ import annotations

import json
import secrets
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from chassis.events.logins import DEFAULT_VHOST, definitions

SERVICES = ("gateway", "customer", "workflow", "notify", "report")
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
        return json.dumps(definitions(self._state["passwords"], vhosts))

    @abstractmethod
    def _import_definitions(self, definitions: str) -> None:
        """Let the running broker load further definitions."""


def speaks_amqp(port: int) -> bool:
    """Whether a broker serves on this port: it answers a wrong protocol header with the right one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x00")
            return len(probe.recv(7)) == 7
    except OSError:
        return False

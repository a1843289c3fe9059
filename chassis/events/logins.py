"""Who may do what on the broker: a login for each service, and the definitions file that makes them.

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
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

DEFAULT_VHOST = "freehold"


def definitions(passwords: Mapping[str, str], vhosts: Iterable[str] = (DEFAULT_VHOST,), *,
                prefix: str = "") -> dict[str, Any]:
    """The content of a definitions file with all logins (service → password) and their permissions.

    `prefix` stands before the names of the logins, on a broker that others use as well.
    """
    hosts = list(vhosts)
    return {
        "users": [_user(f"{prefix}{name}", password) for name, password in passwords.items()],
        "vhosts": [{"name": vhost} for vhost in hosts],
        "permissions": [permissions(name, vhost, prefix) for name in passwords for vhost in hosts],
        "topic_permissions": [topic_permissions(name, vhost, prefix) for name in passwords for vhost in hosts],
    }


def permissions(service: str, vhost: str, prefix: str = "") -> dict[str, str]:
    """What a service's login may do in a virtual host, as an entry of a definitions file."""
    own = rf"{re.escape(service)}\..*"
    return {
        "user": f"{prefix}{service}",
        "vhost": vhost,
        "configure": rf"^(freehold\.events|{own})$",
        "write": rf"^(freehold\.events|{own})$",
        "read": rf"^(freehold\.events|{own})$",
    }


def topic_permissions(service: str, vhost: str, prefix: str = "") -> dict[str, str]:
    """Which events a service's login may publish and listen to, as an entry of a definitions file."""
    return {
        "user": f"{prefix}{service}",
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

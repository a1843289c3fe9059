"""What a service may do on the broker."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from chassis.events.logins import password_hash, permissions, topic_permissions


@pytest.mark.parametrize("kind", ["configure", "write", "read"])
@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("customer.records", True),
        ("customer.records.retry.5", True),
        ("customer.records.dead", True),
        ("freehold.events", True),
        ("report.records", False),
        ("xcustomer.records", False),
        ("customerx", False),
        ("amq.gen-abc", False),
        ("amq.default", False),
        ("", False),
        ("freehold.other", False),
        ("customer.retry", True),
        ("report.retry", False),
    ],
)
def test_a_service_has_its_own_queues_and_the_events(kind: str, name: str, allowed: bool) -> None:
    assert bool(re.search(permissions("customer", "freehold")[kind], name)) is allowed


@pytest.mark.parametrize(
    ("type", "allowed"),
    [
        ("freehold.customer.record.changed.v1", True),
        ("freehold.gateway.directory.changed.v1", False),
        ("freehold.customerx.record.changed.v1", False),
        ("x.freehold.customer.record.changed.v1", False),
    ],
)
def test_a_service_publishes_events_of_its_own_only(type: str, allowed: bool) -> None:
    assert bool(re.search(topic_permissions("customer", "freehold")["write"], type)) is allowed


def test_a_password_is_hashed_as_the_broker_expects_it() -> None:
    decoded = base64.b64decode(password_hash("secret"))
    assert decoded[4:] == hashlib.sha256(decoded[:4] + b"secret").digest()

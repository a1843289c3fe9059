"""Identifiers: UUIDv7 strings, which sort by the time they were made (RFC 9562)."""

from __future__ import annotations

import re

import uuid_utils

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


def new_id() -> str:
    """Return a new UUIDv7 in canonical lower-case form (36 characters)."""
    return str(uuid_utils.uuid7())


def is_id(value: object) -> bool:
    """Tell whether `value` is a UUID in canonical lower-case form."""
    return isinstance(value, str) and _CANONICAL.match(value) is not None

"""Signed links in mail to customers: what each means, see chassis.signed.

A link keeps its meaning however long ago the message went out and whatever was cleared away since.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from chassis.jsonio import dump_bytes, loads
from chassis.signed import keyed_digest, read_signed, sign

LEAVE = "leave"  # [object, record, purpose, message]: no more messages of this purpose
_CLICK, _OPEN = "click", "open"  # the message, and for a click where it leads
_ID = 16


def new_link(kind: str, meaning: Sequence[Any], secret: bytes) -> str:
    """The token of a link."""
    return sign(kind, dump_bytes(list(meaning)), secret)


def read_link(kind: str, text: str, secret: bytes) -> list[Any] | None:
    """What a link means, None for what was not signed here for this kind."""
    raw = read_signed(kind, text, secret)
    return None if raw is None else list(loads(raw))


def new_click(message_id: str, url: str, secret: bytes) -> str:
    """The token of a link that is counted, as short as it can be with its end in it."""
    return sign(_CLICK, uuid.UUID(message_id).bytes + url.encode(), secret)


def read_click(text: str, secret: bytes) -> tuple[str, str] | None:
    """The message and where its link leads; None for what is none of ours."""
    raw = read_signed(_CLICK, text, secret)
    return None if raw is None else (str(uuid.UUID(bytes=raw[:_ID])), raw[_ID:].decode())


def new_picture(message_id: str, secret: bytes) -> str:
    """The token of the picture by which an opened message is counted."""
    return sign(_OPEN, uuid.UUID(message_id).bytes, secret)


def read_picture(text: str, secret: bytes) -> str | None:
    """The message that a picture stands in; None for what is none of ours."""
    raw = read_signed(_OPEN, text, secret)
    return None if raw is None else str(uuid.UUID(bytes=raw))


def address_digest(address: str, secret: bytes) -> str:
    """What an address is remembered by without being kept: a keyed digest, the same for any way to write it."""
    return keyed_digest("address", address.strip().lower(), secret)

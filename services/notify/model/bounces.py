"""Reports of failed delivery (RFC 3464, in a multipart/report of RFC 6522), and the address that they come back to.

What comes in is anybody's bytes: the number of parts and recipients that are looked at is bounded, no header is read
further than it needs, and whatever is not a report of this form is none. An address has failed for good when the report
says that it, or its domain, does not exist or takes no mail; a full mailbox, a filter that dislikes us and everything
else may be otherwise tomorrow.
"""

from __future__ import annotations

import re
import uuid
from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

from chassis.signed import keyed_digest

_PARTS, _RECIPIENTS, _LONGEST = 10, 50, 4000
_TAG = re.compile(r"([a-z2-7]{39})@", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s@]{1,300})@[^<>\s]{1,255}>")
_RETURNED_ID = re.compile(r"^message-id:\s*<([^<>\s@]{1,300})@", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_COMES_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_GONE = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})  # RFC 3463
_UNCLEAR = frozenset({"", "5.0.0", "5.5.0"})  # old servers say no more; their words do
_GONE_WORDS = re.compile(
    r"(user|mailbox|recipient|address|account)[^.;]{0,40}(unknown|not found|not exist|no such|disabled)"
    r"|(unknown|no such) (user|mailbox|recipient|address|account)|does(n't| not) exist|unrouteable", re.IGNORECASE)
_KIND, _MAC = "bounce", 8


@dataclass(frozen=True)
class Failure:
    """A recipient whom a message could not be delivered to."""

    address: str
    status: str  # such as 5.1.1
    is_hard: bool


@dataclass(frozen=True)
class Report:
    """What a report says: whom it could not reach, and what its message is known by."""

    failures: tuple[Failure, ...]
    returned_id: str = ""  # the left part of its Message-ID
    tags: tuple[str, ...] = ()  # in the addresses that the report came to


def return_path(pattern: str, message_id: str, secret: bytes) -> str:
    """The envelope sender of a message: the pattern with a signed tag for its star; without a star as it is."""
    return pattern.replace("*", _tag(message_id, secret))


def read_tag(tag: str, secret: bytes) -> str | None:
    """The message that a tag stands for; None for what was not signed here."""
    raw = b32decode(f"{tag.upper()}=")
    id = str(uuid.UUID(bytes=raw[:-_MAC]))
    return id if tag.lower() == _tag(id, secret) else None


def report_of(message: Message) -> Report | None:
    """The report that a message is; None when it is another one."""
    parts = message.get_payload()
    if message.get_content_type() != "multipart/report" or not isinstance(parts, list):
        return None
    some = [part for part in parts[:_PARTS] if isinstance(part, Message)]
    blocks = next((part.get_payload() for part in some if part.get_content_type() in (
        "message/delivery-status", "message/global-delivery-status")), None)
    if not isinstance(blocks, list):
        return None
    failures = tuple(_failures([one for one in blocks[:_RECIPIENTS] if isinstance(one, Message)]))
    tags = [tag.lower() for name in _COMES_TO for tag in _TAG.findall(_header(message, name))]
    return Report(failures, _returned_id(some), tuple(dict.fromkeys(tags))[:5])


def is_gone(status: str, words: str) -> bool:
    """Whether a status (RFC 3463) and what was said mean that the address takes no mail, now and later."""
    return status in _GONE or (status in _UNCLEAR and bool(_GONE_WORDS.search(words[:_LONGEST])))


def status_in(words: str) -> str:
    """The enhanced status in what a server answered; empty when it says none."""
    found = _STATUS.search(words[:_LONGEST])
    return found[1] if found else ""


def _failures(blocks: Sequence[Message]) -> Iterator[Failure]:
    for block in blocks:
        address = _address(_header(block, "Final-Recipient")) or _address(_header(block, "Original-Recipient"))
        if _header(block, "Action").strip().lower() == "failed" and address:
            words = _header(block, "Diagnostic-Code")
            status = status_in(_header(block, "Status"))
            said = status_in(words)
            status = said if status in _UNCLEAR and said.startswith("5") else status
            yield Failure(address, status, is_gone(status, words))


def _returned_id(parts: Sequence[Message]) -> str:
    """What the returned message, or its head, was known by."""
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            found = _ID.search(_header(inner[0], "Message-ID")) if isinstance(inner, list) and inner else None
        elif part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            found = _RETURNED_ID.search(_text(part))
        else:
            found = None
        if found:
            return found[1]
    return ""


def _text(part: Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list):
        return inner[0].as_string()[:50_000] if inner else ""
    raw = part.get_payload(decode=True)
    return raw[:50_000].decode("utf-8", "replace") if isinstance(raw, bytes) else ""


def _address(field: str) -> str:
    """The address of a field like `rfc822; <ann@example.com>`."""
    return field.partition(";")[2].strip().strip("<>").strip().lower()[:320]


def _header(message: Message, name: str) -> str:
    found = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return str(found).encode("ascii", "replace").decode()[:_LONGEST]


def _tag(message_id: str, secret: bytes) -> str:
    mac = bytes.fromhex(keyed_digest(_KIND, message_id, secret))[:_MAC]
    return b32encode(uuid.UUID(message_id).bytes + mac).decode().rstrip("=").lower()

"""Surveys by link: the kinds with their scales, and the token of a link.

A token is the signed id of the invitation; what it stands for, and whether it was used, is known here alone.
"""

from __future__ import annotations

import uuid

from chassis.signed import read_signed, sign

RESPONSE = "survey_response"  # the shipped object that keeps answers
SCALES = {"csat": (1, 5), "nps": (0, 10)}
MAX_COMMENT = 4000
_KIND = "survey"


def new_token(id: str, secret: bytes) -> str:
    """The token of an invitation."""
    return sign(_KIND, uuid.UUID(id).bytes, secret)


def read_token(text: str, secret: bytes) -> str | None:
    """The id of the invitation, None for what was not signed here."""
    raw = read_signed(_KIND, text, secret, longest=64)
    return None if raw is None else str(uuid.UUID(bytes=raw))

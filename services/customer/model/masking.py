"""What is shown of a value that somebody may see only masked: enough to recognise it, too little to use it.

A masked value is a text whatever its field's type is: `138****8000`, `w***@example.com`, `110***********1234`, `****`.
Values that say something by being one of few (choices, yes and no) and links show nothing of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chassis.criteria import address_line

HIDDEN = "****"
_LONG_ENOUGH = 10
_CHINESE_MOBILE = re.compile(r"\+86(1\d{2})\d{4}(\d{4})\Z")
Mask = Callable[[Any], str | None]


def mask_for(kind: str) -> Mask:
    """The mask for values of a field type; of a value from before its field had this type nothing is shown."""
    mask, form = _MASKS.get(kind, _nothing), dict if kind == "address" else str
    return lambda value: None if value is None else mask(value) if isinstance(value, form) else HIDDEN


def _nothing(_: Any) -> str:
    return HIDDEN


def _text(value: str) -> str:
    """The first three and the last four of what is long (numbers of documents, accounts), else the first."""
    if len(value) >= _LONG_ENOUGH:
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"
    return value[:1] + "*" * max(len(value) - 1, 3)


def _long_text(value: str) -> str:
    return value[:1] + HIDDEN


def _phone(value: str) -> str:
    chinese = _CHINESE_MOBILE.match(value)
    if chinese:
        return f"{chinese[1]}****{chinese[2]}"
    return f"{value[:3]}****{value[-2:]}" if len(value) > 7 else HIDDEN


def _email(value: str) -> str:
    name, _, host = value.rpartition("@")
    return f"{name[:1]}***@{host}"


_MASKS: dict[str, Callable[[Any], str]] = {
    "text": _text, "auto_number": _text, "url": _long_text, "long_text": _long_text, "phone": _phone, "email": _email,
    "region": lambda value: value.partition("/")[0] + "/" + HIDDEN,
    "address": lambda value: address_line(value)[:2] + HIDDEN,
}

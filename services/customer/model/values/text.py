"""Plain words: one line, many lines, and the path of a region."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from services.customer.model.faults import BadValueError

Coerce = Callable[[Any], Any]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REGION_LEVELS = 5


def one_line(max_length: int) -> Coerce:
    """Text without line breaks; outer blanks go, nothing left means no value."""

    def coerce(value: Any) -> str | None:
        if type(value) is not str:
            raise BadValueError("not_text")
        return _checked(value.strip(), max_length, _CONTROL)

    return coerce


def many_lines(max_length: int) -> Coerce:
    """Text with line breaks, which become single line feeds."""

    def coerce(value: Any) -> str | None:
        if type(value) is not str:
            raise BadValueError("not_text")
        plain = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        return _checked(plain, max_length, _CONTROL_BUT_LINES)

    return coerce


def region(max_length: int) -> Coerce:
    """A path of names from large to small: `浙江省/杭州市/西湖区`."""
    line = one_line(max_length)

    def coerce(value: Any) -> str | None:
        path = line(value)
        if path is None:
            return None
        steps = [step.strip() for step in path.split("/")]
        if len(steps) > REGION_LEVELS or not all(steps):
            raise BadValueError("bad_region", levels=REGION_LEVELS)
        return "/".join(steps)

    return coerce


def cell(value: Any) -> Any:
    """A cell as text: whole floats lose the `.0` that spreadsheets give to every number."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def folded(value: str) -> str:
    """The text as two people would call it the same: width, case and blanks do not count."""
    if value.isascii():
        return " ".join(value.lower().split())
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _checked(value: str, max_length: int, forbidden: re.Pattern[str]) -> str | None:
    if not value:
        return None
    if len(value) > max_length:
        raise BadValueError("too_long", limit=max_length)
    if forbidden.search(value):
        raise BadValueError("control_characters")
    return value if value.isascii() else unicodedata.normalize("NFC", value)

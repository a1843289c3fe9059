"""Lengths of time in rules: `30m`, `24h`, `3d`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta

_FORM = re.compile(r"([1-9][0-9]{0,4})([mhdw])\Z", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3660)


def read_duration(text: object) -> timedelta | None:
    """Return the length of time, or None when the text is none or is longer than ten years."""
    found = _FORM.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])})
    return length if length <= LONGEST else None

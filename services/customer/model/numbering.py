"""How automatic numbers are written, and when they begin anew.

A format is a text with one counter, `{0000}`, whose zeros say how many digits it has at least, and perhaps parts of the
day on which a record is made, in the company's time zone: `{YYYY}` or `{YY}`, `{MM}`. The counter begins anew in each
year, or month, that the format names: `HT-{YYYY}{MM}-{0000}` gives HT-202603-0001. A month without its year would give
the same number twice and is refused. Without a format a number is a prefix and digits, counted for ever.

Numbers that were given stay as they are when the format changes. What is counted in the same way goes on counting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.customer.model.faults import BadValueError

MAX_NUMBER, _LARGEST_COUNT = 40, 9  # characters of a number, and digits that its counter may grow to
_PART = re.compile(r"\{([^{}]*)\}")
_COUNTER = re.compile(r"0{1,12}\Z")
_SAID = {"max": MAX_NUMBER, "counter": "{0000}", "dates": "{YYYY}, {YY}, {MM}"}
_DATES = {"YYYY": "%Y", "YY": "%y", "MM": "%m"}


@dataclass(frozen=True)
class Numbering:
    """A format, ready to write numbers."""

    parts: tuple[str, ...]  # literal, part, literal, part, …, literal

    def period(self, day: date) -> str:
        """The year or month in which the counter counts, "" when it never begins anew."""
        if "MM" in self.parts[1::2]:
            return f"{day:%Y%m}"
        return f"{day:%Y}" if {"YYYY", "YY"} & set(self.parts[1::2]) else ""

    def write(self, number: int, day: date) -> str:
        """The number as people read it."""
        return "".join(part if place % 2 == 0 else _written(part, number, day)
                       for place, part in enumerate(self.parts))


def numbering_of(options: Mapping[str, Any]) -> Numbering:
    """The numbering that the options of a field describe."""
    if options.get("format") is not None:
        return Numbering(tuple(_PART.split(options["format"])))
    return Numbering((options["prefix"], "0" * options["digits"], ""))


def number_format(value: Any) -> str:
    """A format that gives each number once."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > 2 * MAX_NUMBER:
        raise BadValueError("bad_number_format", **_SAID)
    parts = _PART.split(value)
    named = parts[1::2]
    counters = [part for part in named if _COUNTER.match(part)]
    if len(counters) != 1 or any("{" in part or "}" in part for part in parts[::2]) or not all(
            part in _DATES or part in counters for part in named):
        raise BadValueError("bad_number_format", **_SAID)
    if "MM" in named and not {"YYYY", "YY"} & set(named):
        raise BadValueError("month_without_year")
    longest = Numbering(tuple(parts)).write(10**(_LARGEST_COUNT - 1), date(2000, 12, 31))
    if len(longest) > MAX_NUMBER:
        raise BadValueError("bad_number_format", **_SAID)
    return value


def _written(part: str, number: int, day: date) -> str:
    return f"{day:{_DATES[part]}}" if part in _DATES else f"{number:0{len(part)}d}"

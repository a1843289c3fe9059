"""Days and moments. A moment needs its offset, is kept in UTC and has milliseconds, as in browsers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from services.customer.model.faults import BadValueError

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_CELL_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
_CELL_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
_CELL_CLOCK = re.compile(r"[T\s]*(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?\s*\Z", re.ASCII)
_SHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock without a zone


def day(value: Any) -> str:
    """`YYYY-MM-DD`, a day that exists."""
    if type(value) is not str or not _DAY.match(value):
        raise BadValueError("not_date")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValueError("no_such_date") from None


def moment(value: Any) -> str:
    """RFC 3339 with an offset, as UTC with milliseconds."""
    if type(value) is not str or not _MOMENT.match(value.upper()):
        raise BadValueError("not_datetime")
    try:
        return moment_text(datetime.fromisoformat(value.upper()).astimezone(UTC))
    except (ValueError, OverflowError):
        raise BadValueError("no_such_date") from None


def moment_text(value: datetime) -> str:
    """A moment in UTC as the wire carries it: `2026-03-01T08:00:00.000Z`."""
    return value.isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_moment(text: str) -> datetime:
    """The moment of a canonical wire text."""
    return datetime.fromisoformat(text)


def day_cell(value: Any) -> Any:
    """A day as people write it: date cells, serial numbers, `2026/3/1`, `2026年3月1日`, `20260301`."""
    if isinstance(value, (date, datetime)):
        return value.strftime("%Y-%m-%d") if value.year >= 1000 else value.isoformat()[:10]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_serial(value).date().isoformat() if 1 <= value < 2_958_466 else str(value)
    if not isinstance(value, str):
        return value
    found = _CELL_DAY.match(value.strip()) or _CELL_COMPACT.match(value.strip())
    if not found:
        return value.strip()
    rest = value.strip()[found.end():]
    return _iso(found) if not rest or _CELL_CLOCK.match(rest) else value.strip()


def moment_cell(zone: tzinfo) -> Any:
    """A moment of a cell; without an offset it is a wall clock in `zone`."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and _MOMENT.match(value.strip().upper()):
            return value.strip()
        wall = _wall_clock(value)
        if wall is None:
            return value
        return moment_text(wall.replace(tzinfo=zone).astimezone(UTC))

    return read


def _wall_clock(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_serial(value) if 1 <= value < 2_958_466 else None
    try:
        start = datetime.fromisoformat(day_cell(value))
    except (TypeError, ValueError):
        return None
    clock = _CELL_CLOCK.search(value) if isinstance(value, str) else None
    if clock is None:
        return start
    hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    return start + timedelta(hours=hours, minutes=minutes, seconds=seconds) if hours < 24 else None


def _from_serial(value: float) -> datetime:
    return _SHEET_EPOCH + timedelta(days=float(value))


def _iso(found: re.Match[str]) -> str:
    year, month, number = found.groups()
    return f"{year}-{int(month):02d}-{int(number):02d}"

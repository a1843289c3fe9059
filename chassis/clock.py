"""Time: aware datetimes in UTC inside, RFC 3339 with `Z` on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def to_wire(moment: datetime) -> str:
    """Render an aware datetime as RFC 3339 in UTC with microseconds when there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """Read an RFC 3339 moment; raises ValueError when it has no offset or is no date."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset from UTC")
    return moment.astimezone(UTC)


def is_timezone(text: str) -> bool:
    """Tell whether text names a zone of the IANA database."""
    return text in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())

"""Lengths of time and moments of BPMN timers, in the form of ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chassis.working_time import Length
from chassis.working_time import read_length as read_short

LONGEST = timedelta(days=3660)
_LENGTH = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W|(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?)\Z", re.ASCII)
_WORKING = re.compile(r"P(?:([1-9]\d{0,4})D|T([1-9]\d{0,4})H)\Z", re.ASCII)


def read_length(text: str) -> timedelta | None:
    """Return a length of time such as `P3D` or `PT4H30M`; None for what is none, is nothing or is over ten years."""
    found = _LENGTH.match(text)
    if found is None:
        return None
    length = timedelta(**{unit: int(number) for unit, number in found.groupdict().items() if number})
    return length if timedelta(0) < length <= LONGEST else None


def read_working(text: str) -> Length | None:
    """Return a length of working time: whole working days (`P3D`) or working hours (`PT4H`); None for anything else."""
    found = _WORKING.match(text)
    return read_short(f"{found[1]}wd" if found[1] else f"{found[2]}wh") if found is not None else None


def read_moment(text: str) -> datetime | None:
    """Return a moment with its offset, in UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None

"""Working calendars: what one may say, and those that are shipped to start from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from chassis.clock import is_timezone
from chassis.http.problem import FieldProblem

MAX_SPANS = 6  # of one day
MAX_DAYS = 2_000  # that are different
MAX_NAME = 100
_END = 1_440
OFFICE = [["09:00", "18:00"]]
_CHINA = (  # as the State Council announced on 2025-11-04
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)

Body = Mapping[str, Any]


def shipped_calendars(timezone: str) -> list[dict[str, Any]]:
    """Return the calendars to start from: an ordinary week, and China with its holidays and make-up days."""
    week = [OFFICE] * 5 + [[], []]
    ordinary = {"key": "ordinary", "name": {"en": "Monday to Friday", "zh-CN": "周一至周五"}, "timezone": timezone,
                "week": week, "days": []}
    china = {"key": "china", "name": {"en": "China", "zh-CN": "中国大陆"}, "timezone": "Asia/Shanghai", "week": week,
             "days": sorted(_china_days(), key=lambda one: str(one["date"]))}
    return [ordinary, china]


def _china_days() -> Iterator[dict[str, Any]]:
    for name, first, last, made_up in _CHINA:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield {"date": day.isoformat(), "name": name, "spans": []}
            day += timedelta(days=1)
        yield from ({"date": one, "name": f"{name}调休", "spans": OFFICE} for one in made_up)


def calendar_faults(body: Body) -> list[FieldProblem]:
    """Return what is wrong with the members of a calendar that say when is worked."""
    faults = [] if is_timezone(body["timezone"]) else [FieldProblem("/timezone", "not_a_timezone")]
    if len(body["week"]) != 7:
        faults.append(FieldProblem("/week", "not_a_week"))
    for place, spans in enumerate(body["week"]):
        faults += _span_faults(spans, f"/week/{place}")
    if len(body["days"]) > MAX_DAYS:
        return [*faults, FieldProblem("/days", "too_many_days", {"limit": MAX_DAYS})]
    seen: set[date] = set()
    for place, one in enumerate(body["days"]):
        faults += _span_faults(one["spans"], f"/days/{place}/spans")
        if one["date"] in seen:
            faults.append(FieldProblem(f"/days/{place}/date", "day_twice"))
        seen.add(one["date"])
    return faults


def _span_faults(spans: Sequence[Sequence[str]], pointer: str) -> Iterator[FieldProblem]:
    if len(spans) > MAX_SPANS:
        yield FieldProblem(pointer, "too_many_spans", {"limit": MAX_SPANS})
        return
    reached = 0
    for place, pair in enumerate(spans):
        read = [_minute(text) for text in pair]
        if len(read) != 2 or None in read or read[0] == _END or read[0] == read[1]:
            yield FieldProblem(f"{pointer}/{place}", "not_a_span")
            return
        start, end = (minute or 0 for minute in read)
        if start < reached:
            yield FieldProblem(f"{pointer}/{place}", "spans_overlap")
        reached = end if end > start else end + _END


def _minute(text: str) -> int | None:
    """Minutes of the day of `09:00`; `24:00` is its end."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and text.isascii() and (hours + minutes).isdecimal()):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if found <= _END and int(minutes) < 60 else None

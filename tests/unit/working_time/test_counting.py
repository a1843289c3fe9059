"""Counting in working time, compared with a clerk who looks at the clock every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.working_time import Calendar, Length, NeverWorked, add_days, add_time, later, read_length, time_between

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOOKED_AT = 3 * 1_440  # minutes
# days around which clocks change: Berlin, New York, Lord Howe (half an hour), Samoa (a whole day was skipped)
CHANGES = [("Asia/Shanghai", datetime(2026, 2, 14, tzinfo=UTC)), ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
           ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
           ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
           ("Australia/Lord_Howe", datetime(2026, 10, 4, tzinfo=UTC)),
           ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC))]
Spans = list[tuple[int, int]]
spans = st.lists(st.tuples(st.integers(0, 1_439), st.integers(0, 1_440)).filter(lambda one: one[0] != one[1]),
                 max_size=3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, list[bool], datetime, int, int]:
    """A calendar, minute by minute whether is worked during three days, and two of these minutes."""
    zone, around = draw(st.sampled_from(CHANGES))
    week = draw(st.lists(spans, min_size=7, max_size=7))
    days = {(around + number * DAY).date(): own
            for number, own in draw(st.dictionaries(st.integers(-2, 1), spans, max_size=3)).items()}
    one, other = sorted(draw(st.tuples(*[st.integers(0, LOOKED_AT)] * 2)))
    first = around - DAY
    return Calendar(zone, week, days), clerk(zone, week, days, first), first, one, other


def clerk(zone: str, week: list[Spans], days: dict[date, Spans], first: datetime) -> list[bool]:
    """Whether is worked in each minute: a span is open from when the wall clock has first shown its start until it has
    first shown its end."""
    opened = []
    for number in range(-4, 7):
        day = (first + number * DAY).date()
        midnight = datetime.combine(day, time())
        opened += [(midnight + start * MINUTE, midnight + (end if end > start else end + 1_440) * MINUTE)
                   for start, end in days.get(day, week[day.weekday()])]
    found, clock = [], ZoneInfo(zone)
    shown = (first - DAY).astimezone(clock).replace(tzinfo=None)
    for minute in range(-180, LOOKED_AT):
        shown = max(shown, (first + minute * MINUTE).astimezone(clock).replace(tzinfo=None))
        found.append(any(opens <= shown < closes for opens, closes in opened))
    return found[180:]


@settings(max_examples=25, deadline=None)
@given(cases())
def test_counting_agrees_with_the_clerk_who_looks_every_minute(
        case: tuple[Calendar, list[bool], datetime, int, int]) -> None:
    calendar, worked, first, one, other = case
    start, end = first + one * MINUTE, first + other * MINUTE
    counted = sum(worked[one:other])
    assert time_between(calendar, start, end) == counted * MINUTE
    assert time_between(calendar, end, start) == -counted * MINUTE
    later_ones = [place for place in range(one, LOOKED_AT) if worked[place]]
    earlier_ones = [place for place in range(other) if worked[place]]
    for length in {counted, counted // 2, 1} - {0}:
        if length <= len(later_ones):
            assert add_time(calendar, start, length * MINUTE) == first + (later_ones[length - 1] + 1) * MINUTE
        if length <= len(earlier_ones):
            assert add_time(calendar, end, -length * MINUTE) == first + earlier_ones[-length] * MINUTE


@given(st.lists(st.booleans(), min_size=7, max_size=7), st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)),
       st.integers(-9, 9))
def test_working_days_are_counted_one_by_one(week: list[bool], off: set[int], on: set[int], count: int) -> None:
    first, open_all_day = date(2026, 9, 15), ((0, 1_440),)
    days = {first + number * DAY: () for number in off} | {first + number * DAY: open_all_day for number in on}
    calendar = Calendar("Asia/Shanghai", [open_all_day if works else () for works in week], days)
    day = date(2026, 9, 30)
    if not any(week):
        with pytest.raises(NeverWorked):
            add_days(calendar, day, 40)
        return
    found = add_days(calendar, day, count)
    step = DAY if count > 0 else -DAY
    passed = [day + number * step for number in range(1, abs((found - day).days) + 1)]
    assert sum(map(calendar.works_on, passed)) == abs(count)
    assert found == day if count == 0 else calendar.works_on(found)


SHANGHAI = Calendar("Asia/Shanghai", days={date(2026, 10, day): () for day in range(1, 8)} | {
    date(2026, 9, 20): ((540, 1_080),), date(2026, 10, 10): ((540, 1_080),)})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + ":00+08:00").astimezone(UTC)


@pytest.mark.parametrize(("length", "begins", "ends"), [
    ("2wh", "2026-09-30T17:00", "2026-10-08T10:00"), ("3wd", "2026-09-30T17:00", "2026-10-10T17:00"),
    ("1wd", "2026-09-19T03:00", "2026-09-20T03:00"), ("9wh", "2026-09-19T12:00", "2026-09-20T18:00"),
    ("1d", "2026-09-30T17:00", "2026-10-01T17:00")])
def test_holidays_and_make_up_days_count(length: str, begins: str, ends: str) -> None:
    known = read_length(length)
    assert known is not None
    assert later(known, at(begins), SHANGHAI) == at(ends)


def test_what_can_never_be_reached_is_said() -> None:
    never, begin = Calendar("UTC", [()] * 7), datetime(2026, 1, 1, tzinfo=UTC)
    for impossible in (lambda: add_time(never, begin, MINUTE), lambda: later(Length(1, "wd"), begin, never),
                       lambda: time_between(SHANGHAI, begin, begin + 4_000 * DAY)):
        with pytest.raises(NeverWorked):
            impossible()
    assert [read_length(text) for text in ("0wh", "9999wd", "1x", 3, "99999d", "1wm")] == [None] * 6

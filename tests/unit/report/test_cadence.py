"""When something comes again: days, weeks, months, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from services.report.model.cadence import Cadence

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(("cadence", "after", "expected"), [
    (Cadence("day", time(8, 30), SHANGHAI), at(2026, 3, 1, 0, 29), at(2026, 3, 1, 0, 30)),
    (Cadence("day", time(8, 30), SHANGHAI), at(2026, 3, 1, 0, 30), at(2026, 3, 2, 0, 30)),
    (Cadence("day", time(0, 0), SHANGHAI), at(2026, 12, 31, 15, 59), at(2026, 12, 31, 16)),
    (Cadence("week", time(8), SHANGHAI, weekday=1), at(2026, 11, 30, 0), at(2026, 12, 7, 0)),  # a Monday
    (Cadence("week", time(8), SHANGHAI, weekday=7), at(2026, 11, 30, 0), at(2026, 12, 6, 0)),
    (Cadence("month", time(9), SHANGHAI, day=31), at(2027, 2, 1), at(2027, 2, 28, 1)),
    (Cadence("month", time(9), SHANGHAI, day=31), at(2027, 2, 28, 1), at(2027, 3, 31, 1)),
    (Cadence("month", time(9), SHANGHAI, day=29), at(2028, 2, 1), at(2028, 2, 29, 1)),
    (Cadence("day", time(2, 30), BERLIN), at(2026, 3, 28, 12), at(2026, 3, 29, 1, 30)),  # 02:30 is not there
    (Cadence("day", time(2, 30), BERLIN), at(2026, 10, 24, 12), at(2026, 10, 25, 0, 30)),  # 02:30 is there twice
    (Cadence("day", time(2, 30), BERLIN), at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)),
])
def test_the_next_time_is_the_one_on_the_wall(cadence: Cadence, after: datetime, expected: datetime) -> None:
    assert cadence.after(after) == expected

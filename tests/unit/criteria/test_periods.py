"""Calendar periods."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.criteria.periods import PERIODS


@pytest.mark.parametrize(
    ("today", "period", "first", "after"),
    [
        ("2026-11-22", "today", "2026-11-22", "2026-11-23"),
        ("2026-03-01", "yesterday", "2026-02-28", "2026-03-01"),
        ("2026-12-31", "tomorrow", "2027-01-01", "2027-01-02"),
        ("2026-11-22", "this_week", "2026-11-16", "2026-11-23"),
        ("2026-11-23", "last_week", "2026-11-16", "2026-11-23"),
        ("2026-12-30", "next_week", "2027-01-04", "2027-01-11"),
        ("2024-02-29", "this_month", "2024-02-01", "2024-03-01"),
        ("2026-01-31", "last_month", "2025-12-01", "2026-01-01"),
        ("2026-12-31", "next_month", "2027-01-01", "2027-02-01"),
        ("2026-12-31", "this_quarter", "2026-10-01", "2027-01-01"),
        ("2026-06-30", "this_quarter", "2026-04-01", "2026-07-01"),
        ("2026-06-30", "this_year", "2026-01-01", "2027-01-01"),
        ("2026-06-30", "last_year", "2025-01-01", "2026-01-01"),
    ],
)
def test_a_period_is_from_its_first_day_until_the_day_after(today: str, period: str, first: str, after: str) -> None:
    assert PERIODS[period](date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(after))

"""Quiet hours and daily digests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.model.timing import DEFAULT_PREFERENCES, after_quiet, due_at

NIGHT = {"from": "22:00", "to": "07:00"}


@pytest.mark.parametrize(("hour", "expected_hour", "next_day"), [
    (12, 12, False), (21, 21, False), (22, 7, True), (23, 7, True), (3, 7, False), (6, 7, False), (7, 7, False)])
def test_quiet_hours_run_over_midnight_in_the_readers_zone(hour: int, expected_hour: int, next_day: bool) -> None:
    moment = datetime(2026, 3, 1, hour, 0, tzinfo=UTC) - timedelta(hours=8)  # `hour` o'clock in Shanghai
    local = after_quiet(moment, NIGHT, "Asia/Shanghai") + timedelta(hours=8)
    assert (local.hour, local.day - (moment + timedelta(hours=8)).day) == (expected_hour, int(next_day))


def test_an_immediate_message_goes_out_at_once_and_a_bulk_one_waits_for_the_rest() -> None:
    now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    assert due_at(now, DEFAULT_PREFERENCES, "UTC", bulk=False) == now
    assert due_at(now, DEFAULT_PREFERENCES, "UTC", bulk=True) > now


def test_a_daily_digest_waits_for_the_next_morning() -> None:
    now = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    due = due_at(now, DEFAULT_PREFERENCES | {"digest": "daily"}, "UTC", bulk=False)
    assert due == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

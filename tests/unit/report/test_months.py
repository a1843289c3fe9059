"""Forecasts by month: seasons, trends that end, and an interval that holds."""

from __future__ import annotations

import math
import random

import pytest

from services.report.model.analysis.months import check_error, forecast


def test_a_season_comes_again() -> None:
    known = [100 + 30 * math.sin(2 * math.pi * month / 12) for month in range(40)]
    found = forecast(known, 6)
    assert found is not None
    assert found.seasonal
    assert [one.expected for one in found.months] == pytest.approx(
        [100 + 30 * math.sin(2 * math.pi * month / 12) for month in range(40, 46)], abs=1.5)
    assert (check_error(found.check) or 1) < 0.02


def test_a_constant_is_foretold_without_doubt_and_a_trend_is_damped() -> None:
    found = forecast([50.0] * 18, 3)
    assert found is not None
    assert [(one.expected, one.low, one.high) for one in found.months] == [(50, 50, 50)] * 3
    rising = forecast([10.0 * month for month in range(18)], 6)
    assert rising is not None
    steps = [after.expected - before.expected for before, after in zip(rising.months, rising.months[1:], strict=False)]
    assert 0 < steps[-1] < steps[0] <= 10


def test_about_eight_of_ten_months_lie_in_their_interval() -> None:
    dice, inside, count = random.Random(4), 0, 0
    for _ in range(15):
        values = [dice.gauss(1000, 120) for _ in range(30)]
        found = forecast(values[:24], 6)
        assert found is not None
        for told, real in zip(found.months, values[24:], strict=True):
            inside, count = inside + (told.low <= real <= told.high), count + 1
    assert 0.65 < inside / count < 0.95


def test_amounts_are_never_foretold_below_nothing_and_less_than_a_year_not_at_all() -> None:
    falling = forecast([max(0.0, 100 - 9.0 * month) for month in range(14)], 6)
    assert falling is not None
    assert all(one.low >= 0 and one.expected >= 0 for one in falling.months)
    assert forecast([5.0] * 11, 3) is None

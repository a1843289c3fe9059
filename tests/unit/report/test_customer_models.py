"""Models of customers give what was published for the customers of CDNOW."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from services.report.model.analysis.buying import BuyingModel, History, fit_buying, hypergeometric
from services.report.model.analysis.minimising import minimise
from services.report.model.analysis.spending import SpendingModel, correlation, fit_spending

CDNOW = Path(__file__).parents[2] / "data" / "cdnow" / "customers.csv"
PUBLISHED = BuyingModel(0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def customers() -> list[dict[str, str]]:
    with CDNOW.open() as file:
        return list(csv.DictReader(file))


def history(row: dict[str, str]) -> History:
    return History(int(row["x"]), float(row["t_x"]), float(row["T"]))


def test_the_buying_model_has_the_published_parameters(customers: list[dict[str, str]]) -> None:
    assert len(customers) == 2357
    found = fit_buying(history(row) for row in customers)
    assert (round(found.r, 3), round(found.a, 3), round(found.b, 3)) == (0.243, 0.793, 2.426)
    assert found.alpha == pytest.approx(4.414, abs=0.0006)


def test_the_spending_model_has_the_published_parameters(customers: list[dict[str, str]]) -> None:
    spent = [(int(row["x"]), float(row["mean"])) for row in customers if int(row["x"])]
    assert len(spent) == 946
    found = fit_spending(spent)
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=0.0015)
    assert abs(correlation(spent) or 1) < 0.12  # the paper finds them all but independent
    in_cents = fit_spending([(x, mean * 100) for x, mean in spent])
    assert (in_cents.p, in_cents.q, in_cents.gamma / 100) == pytest.approx((found.p, found.q, found.gamma), rel=1e-6)


def test_a_customer_is_expected_to_buy_as_published() -> None:
    """Hardie's worked example: x = 2, t_x = 30.43, T = 38.86 gives 1.226 purchases in the next 39 weeks."""
    one = History(2, 30.43, 38.86)
    assert PUBLISHED.expected(one, 39) == pytest.approx(1.226, abs=0.0005)
    assert PUBLISHED.expected(one, 0) == 0
    near = BuyingModel(0.243, 4.414, 1.0, 2.426)
    around = [BuyingModel(0.243, 4.414, 1.0 + off, 2.426).expected(one, 39) for off in (-0.001, 0.001)]
    assert around[1] < near.expected(one, 39) < around[0]


def test_who_bought_often_and_then_no_more_is_held_for_gone() -> None:
    assert PUBLISHED.alive(History(0, 0, 40)) == 1
    often, seldom = (PUBLISHED.alive(History(x, 20, 40)) for x in (12, 2))
    assert often < 0.1 < seldom
    assert PUBLISHED.alive(History(12, 40, 40)) > 0.9
    assert PUBLISHED.weeks_to_next(History(12, 40, 40)) < PUBLISHED.weeks_to_next(History(2, 40, 40))


def test_the_time_to_the_next_purchase_has_as_much_before_as_behind() -> None:
    """At the weeks that are told, the chance that an active customer has not bought yet is one half."""
    one = History(3, 10, 12)
    weeks = PUBLISHED.weeks_to_next(one)
    start = PUBLISHED.alpha + one.watched
    assert (start / (start + weeks)) ** (PUBLISHED.r + one.again) == pytest.approx(0.5)


def test_few_purchases_are_drawn_towards_everybodys_mean() -> None:
    model = SpendingModel(6.25, 3.74, 15.44)
    everybody = 6.25 * 15.44 / 2.74
    means = [model.expected(x, 100) for x in (0, 1, 5, 1000)]
    assert means[0] == pytest.approx(everybody)
    assert means == sorted(means)
    assert means[-1] == pytest.approx(100, abs=0.1)
    assert SpendingModel(6.25, 0.9, 15.44).expected(0, 0) == 0  # no common mean to be drawn to


def test_the_hypergeometric_series_is_right() -> None:
    assert hypergeometric(1, 1, 2, 0.75) == pytest.approx(-math.log(0.25) / 0.75)
    assert hypergeometric(0.5, 3, 3, 0.9) == pytest.approx(0.1 ** -0.5)
    a, b, c, z = 0.5, 0.3, -0.4, 0.6  # of one-time buyers c may be negative; Euler's transformation has another series
    assert hypergeometric(a, b, c, z) == pytest.approx((1 - z) ** (c - a - b) * hypergeometric(c - a, c - b, c, z))


def test_customers_of_whom_nearly_all_buy_once_have_numbers() -> None:
    rare = BuyingModel(0.0007, 40.0, 0.3, 0.4)
    assert math.isfinite(rare.weeks_to_next(History(0, 0, 50)))
    assert 0 < rare.expected(History(0, 0, 50), 13) < 1
    assert 0 < BuyingModel(0.2, 4.0, 0.4, 0.6).expected(History(0, 0, 50), 13) < 1


def test_the_simplex_finds_the_bottom_of_a_curved_valley() -> None:
    def valley(at: object) -> float:
        x, y = at  # type: ignore[misc]
        if x > 3:
            raise ValueError("outside")
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    assert minimise(valley, [-1.2, 1.0]) == pytest.approx([1, 1], abs=1e-4)

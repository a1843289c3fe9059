"""Chances of deals: weights, calibration, reasons, and silence where there is too little to learn from."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from services.report.model.analysis.deals import Deal, check, learn, too_few
from services.report.model.analysis.logistic import area_under_curve, brier, fit_weights, sigmoid

TODAY = date(2026, 11, 30)


def deals(count: int, seed: int = 1) -> list[Deal]:
    """Referrals are won more often, large ones less, the third field says nothing."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        source, amount = dice.choice(["referral", "website"]), 10 ** dice.uniform(3, 6)
        odds = (1.2 if source == "referral" else -0.8) - (1.0 if amount > 1e5 else 0.0)
        values = (source, amount, dice.choice([True, False, None]))
        ended = TODAY - timedelta(days=dice.randrange(400))
        found.append(Deal(str(number), values, dice.random() < sigmoid(odds), ended, amount))
    return found


def test_weights_are_those_of_the_table() -> None:
    """With one truth as a feature the most likely weights are the log-odds of the two groups."""
    rows = [((0, 1.0), (1, 1.0))] * 40 + [((0, 1.0),)] * 60
    outcomes = [True] * 30 + [False] * 10 + [True] * 15 + [False] * 45
    found = fit_weights(rows, outcomes, 3, 0.0).values
    assert found == pytest.approx((-1.0986, 2.1972, 0.0), abs=1e-3)
    drawn = fit_weights(rows, outcomes, 3, 5.0).values
    assert 0 < drawn[1] < found[1]


def test_figures_of_the_card_are_right() -> None:
    assert area_under_curve([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert area_under_curve([0.5, 0.5], [True, False]) == 0.5
    assert area_under_curve([0.5, 0.6], [True, True]) is None
    assert brier([1.0, 0.5], [True, False]) == 0.125


def test_chances_are_told_with_reasons_and_hold_on_deals_not_seen() -> None:
    known = deals(900)
    model = learn(known)
    good, bad = Deal("a", ("referral", 2e3, True)), Deal("b", ("website", 9e5, None))
    assert model.chance(good) > 0.65 > 0.35 > model.chance(bad)  # noqa: PLR0133
    first, last = model.reasons(good)[0], model.reasons(bad)[-1]
    assert (first.field, first.value, first.weight > 0) == (0, "referral", True)
    assert (last.field, last.weight < 0) in ((0, True), (1, True))
    assert all(abs(one.weight) < 0.4 for one in model.reasons(good) if one.field == 2)

    found = check(known, TODAY)
    assert found is not None
    assert found["auc"] > 0.65
    assert found["brier"] < found["brier_without"]
    assert sum(one["deals"] for one in found["bins"]) == found["deals"] > 100
    assert found["expected"] == pytest.approx(found["won"], rel=0.2)


def test_a_value_never_seen_says_nothing() -> None:
    model = learn(deals(300))
    strange = Deal("a", ("carrier pigeon", None, None))
    assert 0.1 < model.chance(strange) < 0.9


def test_nothing_is_told_from_too_few() -> None:
    few = deals(50)
    assert too_few(few) == {"ended": 50, "won": sum(one.won for one in few), "lost": 50 - sum(one.won for one in few)}
    assert too_few([Deal(str(at), (), won=True) for at in range(500)]) is not None
    assert check(deals(61), TODAY) is None

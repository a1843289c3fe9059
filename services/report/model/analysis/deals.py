"""Whether open deals are won, learned from those that have ended.

Fields become columns: a choice one per value that enough deals have, a number its logarithm against the usual one. How
much a value speaks for or against a deal is its weight times how far the deal is from the average deal; the largest are
the reasons. Nothing is foretold from too few deals, and the card says what would have been foretold of the deals of the
last quarter, which the model of the card has not seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from services.report.model.analysis.customers import QUARTER
from services.report.model.analysis.logistic import (
    Row,
    Weights,
    area_under_curve,
    brier,
    fit_calibrated,
)

NEWEST = 4000
LEAST_ENDED, LEAST_EACH, LEAST_CHECKED = 60, 20, 20
_LEAST_OF_VALUE, _MOST_VALUES, _RIDGE = 10, 12, 3.0
_REASONS, _LEAST_WEIGHT = 3, 0.05
_BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Json = dict[str, Any]
Values = Sequence[Any]  # of the fields, in their order: texts, truths, numbers or None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal: the values of its fields, and when and how it ended."""

    id: str
    values: Values
    won: bool = False
    ended: date | None = None
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """What a field adds to the log-odds of a deal; `value` is None for what is empty or rare."""

    field: int
    value: Any
    weight: float


@dataclass
class Columns:
    """What the columns are: of a choice (field, value), of a number (field, None) with its usual size."""

    of: list[tuple[int, Any]] = field(default_factory=list)
    usual: dict[int, float] = field(default_factory=dict)

    @property
    def places(self) -> Mapping[tuple[int, Any], int]:
        """(field, value) → column; the constant is column 0."""
        return {one: place + 1 for place, one in enumerate(self.of)}


@dataclass(frozen=True)
class WinModel:
    """The columns, their weights, and the mean of each column over the deals that were learned from."""

    columns: Columns
    weights: Weights
    means: Sequence[float]

    def chance(self, deal: Deal) -> float:
        """How probably the deal is won."""
        return self.weights.chance(row_of(self.columns, deal.values))

    def reasons(self, deal: Deal) -> list[Reason]:
        """The fields that speak most for and against it, for first."""
        added: dict[int, float] = {}
        row = dict(row_of(self.columns, deal.values))
        for place, (number, _) in enumerate(self.columns.of, start=1):
            added[number] = added.get(number, 0.0) + self.weights.values[place] * (row.get(place, 0.0)
                                                                                   - self.means[place])
        found = [Reason(number, deal.values[number], self.weights.slope * weight) for number, weight in added.items()
                 if abs(self.weights.slope * weight) >= _LEAST_WEIGHT]
        found.sort(key=lambda one: -one.weight)
        good, bad = [one for one in found if one.weight > 0], [one for one in found if one.weight < 0]
        return [*good[:_REASONS], *bad[-_REASONS:]]


def too_few(deals: Sequence[Deal]) -> Json | None:
    """Why there are too few to learn from, as numbers to be told."""
    won = sum(deal.won for deal in deals)
    lost = len(deals) - won
    enough = len(deals) >= LEAST_ENDED and min(won, lost) >= LEAST_EACH
    return None if enough else {"ended": len(deals), "won": won, "lost": lost}


def learn(deals: Sequence[Deal]) -> WinModel:
    """The model of deals that have ended."""
    columns = _columns(deals)
    rows = [row_of(columns, deal.values) for deal in deals]
    weights = fit_calibrated(rows, [deal.won for deal in deals], len(columns.of) + 1, _RIDGE)
    sums = [0.0] * (len(columns.of) + 1)
    for row in rows:
        for place, value in row:
            sums[place] += value
    return WinModel(columns, weights, [one / len(rows) for one in sums])


def row_of(columns: Columns, values: Values) -> Row:
    """The columns of a deal that are not zero."""
    places, row = columns.places, [(0, 1.0)]
    for number, value in enumerate(values):
        if number in columns.usual:
            if value is not None:
                row.append((places[number, None], _size(value, columns.usual[number])))
        elif (number, value) in places:
            row.append((places[number, value], 1.0))
    return row


def check(deals: Sequence[Deal], today: date) -> Json | None:
    """How well the deals that ended in the last quarter would have been foretold; None when too few did, or before."""
    cut = today - QUARTER
    before = [deal for deal in deals if deal.ended is not None and deal.ended <= cut]
    after = [deal for deal in deals if deal.ended is not None and deal.ended > cut]
    if too_few(before) is not None or len(after) < LEAST_CHECKED:
        return None
    model = learn(before)
    told, outcomes = [model.chance(deal) for deal in after], [deal.won for deal in after]
    usual = sum(deal.won for deal in before) / len(before)
    auc = area_under_curve(told, outcomes)
    return {"from": (cut + timedelta(days=1)).isoformat(), "to": today.isoformat(), "deals": len(after),
            "won": sum(outcomes), "expected": round(sum(told), 2), "auc": None if auc is None else round(auc, 3),
            "brier": round(brier(told, outcomes), 4), "brier_without": round(brier([usual] * len(after), outcomes), 4),
            "bins": _bins(told, outcomes)}


def _columns(deals: Sequence[Deal]) -> Columns:
    found = Columns()
    for number in range(len(deals[0].values)):
        values = [deal.values[number] for deal in deals if deal.values[number] is not None]
        if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            found.usual[number] = median(abs(value) for value in values) or 1.0
            found.of.append((number, None))
        else:
            common = Counter(deal.values[number] for deal in deals).most_common(_MOST_VALUES)
            found.of += [(number, value) for value, times in common if times >= _LEAST_OF_VALUE]
    return found


def _size(value: float, usual: float) -> float:
    """Ten times the usual is one further than the usual, a tenth one less; signs are kept."""
    return math.copysign(math.log10(1.0 + 9.0 * min(abs(value) / usual, 1e6)), value) - 1.0


def _bins(told: Sequence[float], outcomes: Sequence[bool]) -> list[Json]:
    """The calibration table: of deals that were told about the same chance, how many were won."""
    found = []
    for low, high in pairwise(_BINS):
        group = [at for at, chance in enumerate(told) if low <= chance < high or (high == 1.0 and chance == 1.0)]
        if group:
            found.append({"from": low, "to": high, "deals": len(group),
                          "expected": round(sum(told[at] for at in group), 2),
                          "won": sum(outcomes[at] for at in group)})
    return found

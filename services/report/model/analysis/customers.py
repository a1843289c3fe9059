"""What customers are worth: how often each buys again, whether he still is a customer, and what he will spend.

Purchases are days on which somebody bought; several orders of a day are one. The models are fitted on a sample of the
customers (their parameters do not become better by more than some thousands), and everybody is scored with them. The
same models, fitted on what was known a quarter ago, tell what they would have foretold of the last quarter: that is the
card, next to what really happened and to what one would have guessed without any model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.report.model.analysis.buying import BuyingModel, History, fit_buying
from services.report.model.analysis.spending import SpendingModel, correlation, fit_spending

SAMPLE = 5000
QUARTER = timedelta(days=91)
LEAST_CUSTOMERS, LEAST_REPEATING, LEAST_DAYS = 50, 20, 180
_MONTH_WEEKS = 365.25 / 12 / 7
_LONGEST = 3650
_BANDS = ((0.0, 0.3), (0.3, 0.7), (0.7, 1.01))
_MOST_OFTEN = 6

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Purchases:
    """A customer's purchases up to a day: how many, the first and the last, and the amounts of those that are known.

    `paid` and `total` are of all purchases with an amount, `first_amount` is that of the first one.
    """

    times: int
    first: date
    last: date
    paid: int
    total: float
    first_amount: float

    def history(self, today: date) -> History:
        """The same as the buying model wants it, in weeks."""
        return History(self.times - 1, (self.last - self.first).days / 7, max((today - self.first).days, 0) / 7)

    @property
    def again(self) -> tuple[int, float]:
        """Purchases after the first that have an amount, and their mean."""
        first = self.first_amount > 0
        times, total = self.paid - first, self.total - (self.first_amount if first else 0.0)
        return (times, total / times) if times > 0 and total > 0 else (0, 0.0)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as of today, as of the beginning of the last quarter, and what he did in it."""

    id: str
    now: Purchases
    before: Purchases | None = None
    bought: int = 0
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Models:
    """Both models; without amounts there is nothing to say about money."""

    buying: BuyingModel
    spending: SpendingModel | None

    def spends(self, bought: Purchases) -> float | None:
        """What his next purchase is worth."""
        return self.spending.expected(*bought.again) if self.spending is not None else None


@dataclass(frozen=True, slots=True)
class Value:
    """What is foretold of one customer; `alive` is None for who has bought once only."""

    id: str
    alive: float | None
    purchases: float
    amount: float | None
    next_on: date | None
    details: Json


def too_little(customers: Sequence[Customer], today: date) -> Json | None:
    """Why there is too little to learn from, as numbers to be told; None when there is enough."""
    repeating = sum(one.now.times > 1 for one in customers)
    days = max(((today - one.now.first).days for one in customers), default=0)
    enough = len(customers) >= LEAST_CUSTOMERS and repeating >= LEAST_REPEATING and days >= LEAST_DAYS
    return None if enough else {"customers": len(customers), "repeating": repeating, "days": days}


def fit(known: Sequence[Purchases], today: date) -> Models:
    """Both models for purchases up to `today`."""
    spent = [again for one in known if (again := one.again)[0]]
    return Models(fit_buying(one.history(today) for one in known),
                  fit_spending(spent) if len(spent) >= LEAST_REPEATING else None)


def foretell(models: Models, customer: Customer, today: date, months: int) -> Value:
    """What is to be expected of a customer in the coming months."""
    history = customer.now.history(today)
    purchases = models.buying.expected(history, months * _MONTH_WEEKS)
    each, days = models.spends(customer.now), round(models.buying.weeks_to_next(history) * 7)
    alive = models.buying.alive(history) if history.again else None
    details = {"times": customer.now.times, "first": customer.now.first.isoformat(),
               "last": customer.now.last.isoformat(), "purchases": round(purchases, 3),
               "each": None if each is None else round(each, 2), "total": round(customer.now.total, 2)}
    return Value(customer.id, alive, purchases, None if each is None else purchases * each,
                 today + timedelta(days=max(days, 1)) if days <= _LONGEST else None, details)


def check(customers: Iterable[Customer], today: date) -> Json | None:
    """How well the last quarter would have been foretold; None when too little was known before it."""
    cut = today - QUARTER
    known = [one for one in customers if one.before is not None]
    before = [one.before for one in known if one.before is not None]
    repeating = sum(one.times > 1 for one in before)
    if len(before) < LEAST_CUSTOMERS or repeating < LEAST_REPEATING:
        return None
    models = fit(before, cut)
    told = [_told(models, one, cut) for one in known]
    return {"from": (cut + timedelta(days=1)).isoformat(), "to": today.isoformat(), "customers": len(known),
            "purchases": _sums(told, "expected", "bought"),
            "amount": _sums(told, "worth", "spent") if models.spending is not None else None,
            "by_times": _by_times(told), "by_alive": _by_alive(told)}


def _told(models: Models, one: Customer, cut: date) -> Json:
    assert one.before is not None
    history, each = one.before.history(cut), models.spends(one.before)
    expected = models.buying.expected(history, QUARTER.days / 7)
    return {"again": history.again, "expected": expected, "bought": one.bought, "spent": one.spent,
            "worth": expected * (each or 0.0), "alive": models.buying.alive(history)}


def _sums(told: Sequence[Json], expected: str, real: str) -> Json:
    foretold, happened = sum(one[expected] for one in told), sum(one[real] for one in told)
    return {"expected": round(foretold, 2), "actual": round(happened, 2),
            "error": round(foretold / happened - 1, 4) if happened else None}


def _by_times(told: Sequence[Json]) -> list[Json]:
    """Expected and real purchases by how often somebody had bought again; the last group is open to above."""
    found = []
    for again in range(_MOST_OFTEN + 1):
        group = [one for one in told if min(one["again"], _MOST_OFTEN) == again]
        if group:
            found.append({"again": again, "more": again == _MOST_OFTEN, "customers": len(group),
                          **_sums(group, "expected", "bought")})
    return found


def _by_alive(told: Sequence[Json]) -> list[Json]:
    """By how probably somebody was held for a customer still: how many bought in the quarter."""
    found = []
    for low, high in _BANDS:
        group = [one for one in told if one["again"] and low <= one["alive"] < high]
        if group:
            found.append({"from": low, "to": min(high, 1.0), "customers": len(group),
                          "bought": sum(one["bought"] > 0 for one in group)})
    return found


def parameters(models: Models, customers: Sequence[Customer]) -> Json:
    """What was learned, as it is kept with the version."""
    spending, spent = models.spending, [again for one in customers if (again := one.now.again)[0]]
    known: Mapping[str, float] = {"r": models.buying.r, "alpha": models.buying.alpha, "a": models.buying.a,
                                  "b": models.buying.b}
    if spending is not None:
        known = {**known, "p": spending.p, "q": spending.q, "gamma": spending.gamma}
    across = correlation([(times, mean) for times, mean in spent])
    return {name: float(f"{value:.6g}") for name, value in known.items()} | {
        "correlation": None if across is None else round(across, 3)}

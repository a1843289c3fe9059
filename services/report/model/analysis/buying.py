"""How often customers buy and whether they still do: the BG/NBD model.

P. S. Fader, B. G. S. Hardie and K. L. Lee, ""Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24 (2005), 275-284. While a customer is one, he buys at a rate of his own; after each purchase
he leaves with a chance of his own. Rates differ between customers by a gamma distribution (r, alpha), chances of
leaving by a beta distribution (a, b). Of each customer three numbers are enough: how many purchases he made after the
first (x), when the last of them was (t_x) and how long he has been watched (T), both counted from his first purchase,
in weeks.

The numbers in brackets below are the equations of the paper. The hypergeometric function in (10) is summed as its power
series; it converges, because its argument lies between 0 and 1. Its third parameter, a + b + x - 1, may be below 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

from services.report.model.analysis.minimising import minimise

_MOST_TERMS = 5000
_SMALLEST, _NEAR_ONE = 1e-12, 1e-6
_LONGEST = 500.0  # as a power of two: whom a model expects never, it expects after any time that has a number
_SPAN = 12.0  # logarithms of parameters beyond it are no customers


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one customer: purchases after the first, week of the last, weeks watched."""

    again: int
    last: float
    watched: float


@dataclass(frozen=True, slots=True)
class BuyingModel:
    """The four parameters, for times in weeks."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, known: History) -> float:
        """The probability that a customer still is one: equation (6) of Fader, Hardie and Lee's note "Computing
        P(alive) Using the BG/NBD Model" (2008). Who has bought once only has not been tried yet: 1."""
        return 1.0 if known.again == 0 else 1.0 / (1.0 + self._left(known))

    def expected(self, known: History, weeks: float) -> float:
        """Purchases to be expected in the coming `weeks`: equation (10)."""
        x, a, b = known.again, self.a, self.b
        if abs(a - 1.0) < _NEAR_ONE:
            a = 1.0 + _NEAR_ONE  # the formula has 0 / 0 there, and is smooth around it
        if abs(a + b + x - 1.0) < _NEAR_ONE:
            b += 2 * _NEAR_ONE  # the same here, where the series divides by it
        start = self.alpha + known.watched
        z = weeks / (start + weeks)
        grown = (1.0 - z) ** (self.r + x) * hypergeometric(self.r + x, b + x, a + b + x - 1.0, z)
        return max(0.0, (a + b + x - 1.0) / (a - 1.0) * (1.0 - grown)) * self.alive(known)

    def weeks_to_next(self, known: History) -> float:
        """The weeks within which he buys again with a probability of one half, provided that he still is a customer.

        His rate then has a gamma distribution (r + x, alpha + T), so the time to the next purchase is a Pareto one.
        """
        return (self.alpha + known.watched) * (2.0 ** min(1.0 / (self.r + known.again), _LONGEST) - 1.0)

    def _left(self, known: History) -> float:
        """The odds that he has left after his last purchase."""
        return (self.a / (self.b + known.again - 1.0)
                * ((self.alpha + known.watched) / (self.alpha + known.last)) ** (self.r + known.again))


def hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """2F1(a, b; c; z) for positive a and b, c above -1 but not 0, and 0 <= z < 1, by its series."""
    term = total = 1.0
    for n in range(_MOST_TERMS):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z
        total += term
        if abs(term) < _SMALLEST * abs(total):
            break
    return total


def fit_buying(customers: Iterable[History]) -> BuyingModel:
    """The most likely parameters, by the logarithm of (6); customers with the same numbers are worked out once."""
    groups = _by_count(customers)
    found = minimise(lambda logs: -_log_likelihood(logs, groups), [0.0, 1.0, 0.0, 1.0])
    return BuyingModel(*(exp(one) for one in found))


_Groups = Sequence[tuple[int, Sequence[tuple[float, float, int]]]]


def _by_count(customers: Iterable[History]) -> _Groups:
    groups: dict[int, Counter[tuple[float, float]]] = {}
    for one in customers:
        groups.setdefault(one.again, Counter())[one.last, one.watched] += 1
    return [(x, [(last, watched, times) for (last, watched), times in same.items()])
            for x, same in sorted(groups.items())]


def _log_likelihood(logs: Sequence[float], groups: _Groups) -> float:
    """What depends on x alone is worked out once per x; parameters run free as logarithms, so they stay positive."""
    if any(abs(one) > _SPAN for one in logs):
        return -math.inf
    r, alpha, a, b = (exp(one) for one in logs)
    total = 0.0
    for x, same in groups:
        power = r + x
        fixed = (lgamma(power) - lgamma(r) + r * log(alpha) + lgamma(a + b) + lgamma(b + x) - lgamma(b)
                 - lgamma(a + b + x))
        odds = a / (b + x - 1.0) if x else 0.0
        for last, watched, times in same:
            start = alpha + watched
            left = odds * (start / (alpha + last)) ** power if x else 0.0
            total += times * (fixed - power * log(start) + math.log1p(left))
    return total

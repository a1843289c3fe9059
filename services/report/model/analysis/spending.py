"""How much customers spend each time: the gamma-gamma model.

P. S. Fader, B. G. S. Hardie and K. L. Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of
Marketing Research 42 (2005), 415-430, and Fader and Hardie's note "The Gamma-Gamma Model of Monetary Value" (2013).
Amounts of one customer vary around a mean of his own (gamma, shape p); the means vary between customers (q, gamma). The
mean of the few amounts that one has seen is drawn towards that of all customers, the more the fewer they are. The model
takes for granted that how much one spends has nothing to do with how often he buys; `correlation` tells whether it may.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

from services.report.model.analysis.minimising import minimise

_SPAN = 20.0
Spent = tuple[int, float]  # purchases, their mean


@dataclass(frozen=True, slots=True)
class SpendingModel:
    """The three parameters; `gamma` is in the unit of the amounts."""

    p: float
    q: float
    gamma: float

    def expected(self, purchases: int, mean: float) -> float:
        """What his next purchase is worth: his own mean and that of all customers, weighed."""
        if self.q <= 1.0:  # so unequal that all customers together have no mean
            return mean if purchases else 0.0
        everybody = self.p * self.gamma / (self.q - 1.0)
        own = self.p * purchases / (self.p * purchases + self.q - 1.0)
        return own * mean + (1.0 - own) * everybody


def fit_spending(customers: Sequence[Spent]) -> SpendingModel:
    """The most likely parameters for customers with a positive mean; amounts are measured by their mean meanwhile, so
    that yuan and cents are fitted alike."""
    unit = sum(mean for _, mean in customers) / len(customers)
    known = [(x, mean / unit, log(mean / unit)) for x, mean in customers]
    p, q, gamma = (exp(one) for one in minimise(lambda logs: -_log_likelihood(logs, known), [1.0, 1.0, 0.0]))
    return SpendingModel(p, q, gamma * unit)


def correlation(customers: Sequence[Spent]) -> float | None:
    """Pearson's correlation of purchases and means; None where either does not vary."""
    if len(customers) < 2:
        return None
    left, right = (sum(one[place] for one in customers) / len(customers) for place in (0, 1))
    across = sum((x - left) * (mean - right) for x, mean in customers)
    wide = sum((x - left) ** 2 for x, _ in customers) * sum((mean - right) ** 2 for _, mean in customers)
    return across / math.sqrt(wide) if wide > 0 else None


def _log_likelihood(logs: Sequence[float], known: Sequence[tuple[int, float, float]]) -> float:
    if any(abs(one) > _SPAN for one in logs):
        return -math.inf
    p, q, gamma = (exp(one) for one in logs)
    fixed, total = q * log(gamma) - lgamma(q), 0.0
    for x, mean, logarithm in known:
        px = p * x
        total += (lgamma(px + q) - lgamma(px) + fixed + (px - 1.0) * logarithm + px * log(x)
                  - (px + q) * log(gamma + x * mean))
    return total

"""Which items are bought together: support, confidence and lift of pairs.

R. Agrawal, T. Imielinski and A. Swami, "Mining association rules between sets of items in large databases", SIGMOD
1993; lift after S. Brin, R. Motwani, J. D. Ullman and S. Tsur, SIGMOD 1997. Support is the share of all baskets with
both, confidence the share of the baskets with the first that have the second too, lift how many times more often both
come together than by chance. Pairs of few baskets say nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

ITEMS, PAIRS = 200, 100
LEAST_BASKETS, LEAST_TOGETHER = 50, 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items, in how many baskets each and both are, and how many baskets there are."""

    first: str
    second: str
    together: int
    with_first: int
    with_second: int
    baskets: int

    @property
    def support(self) -> float:
        return self.together / self.baskets

    @property
    def confidence(self) -> float:
        return self.together / self.with_first

    @property
    def lift(self) -> float:
        return self.confidence / (self.with_second / self.baskets)

"""An amount shared out by percentages, to the cent.

Each part is what its share takes of the total, rounded where it ends: the running sums are rounded, not the parts, so
they always add up to the total times the sum of the shares, and no part is off by more than a cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def shared_out(total: Decimal, shares: Iterable[Decimal], unit: Decimal = CENT) -> list[Decimal]:
    """The parts of a total for shares in percent."""
    parts: list[Decimal] = []
    reached, before = Decimal(0), Decimal(0)
    for share in shares:
        reached += share
        end = (total * reached / 100).quantize(unit, ROUND_HALF_UP)
        parts.append(end - before)
        before = end
    return parts

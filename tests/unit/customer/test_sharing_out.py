"""An amount that is shared out adds up again."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.customer.model.sharing_out import CENT, shared_out

SHARES = st.lists(st.decimals("0.0001", "60", places=4), min_size=1, max_size=12)


@given(st.decimals("0", "999999999", places=2), SHARES)
def test_parts_add_up_to_the_total_of_the_shares(total: Decimal, shares: list[Decimal]) -> None:
    parts = shared_out(total, shares)
    assert sum(parts) == (total * sum(shares) / 100).quantize(CENT, ROUND_HALF_UP)


@given(st.decimals("0", "999999999", places=2), SHARES)
def test_no_part_is_off_by_more_than_a_cent(total: Decimal, shares: list[Decimal]) -> None:
    for part, share in zip(shared_out(total, shares), shares, strict=True):
        assert abs(part - total * share / 100) <= CENT


def test_thirty_sixty_ten() -> None:
    assert shared_out(Decimal("1000.01"), map(Decimal, (30, 60, 10))) == [
        Decimal("300.00"), Decimal("600.01"), Decimal("100.00")]

"""Which grams are asked for: a few of the rare ones, never none; and what surely is too much to look at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.customer.queries.search_rarity import Rarity

COMMON = Rarity({1: 0.9, 2: 0.8, 3: 0.1, 4: 0.05}, 1000)


def test_rare_grams_are_asked_for_and_frequent_ones_left_out() -> None:
    assert COMMON.telling([1, 7, 2, 8]) == [7, 8]
    assert COMMON.telling([1, 7, 3, 4]) == [7, 4, 3], "few rare ones are joined by the rarer of the others"
    assert len(COMMON.telling(range(10, 60))) <= 6
    assert COMMON.telling([1, 2]) == [1, 2], "where all are frequent, all are asked for"
    assert COMMON.telling([]) == []
    assert Rarity().telling([5, 6]) == [5, 6]


def test_grams_that_all_are_frequent_need_no_probe() -> None:
    assert COMMON.are_frequent([1, 4])
    assert not COMMON.are_frequent([1, 7])
    assert not Rarity().are_frequent([1])


def test_what_frequent_grams_surely_have_in_common() -> None:
    assert COMMON.surely([1]) == 900
    assert round(COMMON.surely([1, 2])) == 700
    assert COMMON.surely([1, 3]) == 0 or COMMON.surely([1, 3]) < 1e-6, "0.9 and 0.1 may have nothing in common"
    assert COMMON.surely([1, 99]) == 0
    assert round(COMMON.surely([1], whose=[3, 2])) == 700, "of several scopes the largest counts"
    assert Rarity().surely([1]) == 0


GRAMS = st.integers(0, 5)


@given(st.lists(st.sets(GRAMS), min_size=1, max_size=40), st.sets(GRAMS, min_size=1))
def test_no_more_is_claimed_than_there_is(entries: list[set[int]], asked: set[int]) -> None:
    shares = {gram: sum(gram in one for one in entries) / len(entries) for gram in range(6)}
    rarity = Rarity({gram: share for gram, share in shares.items() if share}, len(entries))
    assert rarity.surely(sorted(asked)) <= sum(asked <= one for one in entries) + 1e-9
    assert set(rarity.telling(sorted(asked))) <= asked
    assert rarity.telling(sorted(asked))

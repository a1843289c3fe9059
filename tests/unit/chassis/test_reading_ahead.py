"""The next piece is read while the present one is worked on, from the moment that the worker says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from chassis.ahead import ReadingAhead

SECONDS = 30


def test_pieces_come_in_their_order_with_what_was_read() -> None:
    with closing(ReadingAhead(iter("abc"), str.upper)) as found:
        assert list(found) == [("a", "A"), ("b", "B"), ("c", "C")]


def test_the_next_piece_is_read_from_the_moment_that_the_worker_says_and_once() -> None:
    begun = {item: threading.Event() for item in range(3)}

    def read(item: int) -> int:
        assert not begun[item].is_set()
        begun[item].set()
        return item

    with closing(ReadingAhead(range(3), read)) as found:
        for item, _ in found:
            if item == 0:
                found.go_on()
                found.go_on()
                assert begun[1].wait(SECONDS)
            elif item == 1:
                assert not begun[2].is_set(), "nobody has said so"


def test_an_error_of_the_reading_comes_out_where_its_piece_would() -> None:
    def read(item: int) -> int:
        return 10 // item

    with closing(ReadingAhead((5, 0, 2), read)) as found:
        pieces = iter(found)
        assert next(pieces) == (5, 2)
        found.go_on()
        with pytest.raises(ZeroDivisionError):
            next(pieces)


def test_leaving_early_waits_for_what_is_being_read_and_reads_no_more() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for item in range(5):
            asked.append(item)
            yield item

    with closing(ReadingAhead(items(), str)) as found:
        for _ in found:
            found.go_on()
            break
    assert asked == [0, 1]

"""Ignoring case by a table of our own."""

from __future__ import annotations

import sqlite3

import pytest

from chassis.criteria import fold, register_sqlite_functions
from chassis.criteria.folding import is_caseless


def test_folding_is_simple_lower_case_of_every_character_but_the_documented_ones() -> None:
    odd = {}
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        char = chr(code)
        expected = char.lower() if len(char.lower()) == 1 else char
        if fold(char) != expected:
            odd[char] = fold(char)
    assert odd == {"\u212a": "\u212a", "ς": "σ"}


def test_folding_twice_changes_nothing_and_never_moves_a_character() -> None:
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x1F000))))
    folded = fold(everything)
    assert len(folded) == len(everything)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("one", "other"), [("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("ÄÖ", "äö"), ("ＡＢ", "ａｂ"), ("𐐀", "𐐨"), ("ẞ", "ß")]
)
def test_pairs_that_differ_only_in_case_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("İ", "i"), ("ı", "I"), ("ß", "ss"), ("\u212a", "k"), ("ſ", "s"), ("Ａ", "a")]
)
def test_pairs_that_are_more_than_case_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_chinese_and_digits_are_caseless() -> None:
    assert is_caseless("投诉 50%")
    assert not is_caseless("投诉 a")
    assert not is_caseless("ж")


def test_sqlite_learns_the_fold() -> None:
    connection = sqlite3.connect(":memory:")
    register_sqlite_functions(connection)
    assert connection.execute("SELECT criteria_fold('ÄΣς'), criteria_fold(NULL)").fetchall() == [("äσσ", None)]
    connection.close()

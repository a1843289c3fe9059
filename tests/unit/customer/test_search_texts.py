"""What the search makes of texts: folding, pinyin, grams, and that a question finds what people mean by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.model.fields import read_field
from services.customer.model.search.entries import Entry, entry_of
from services.customer.model.search.folding import fold, fold_phone, sought_digits
from services.customer.model.search.grams import tokens
from services.customer.model.search.pinyin import spellings
from services.customer.model.search.questions import read_question

FIELDS = [read_field({"name": name, "type": kind}, 0) for name, kind in (
    ("name", "text"), ("code", "auto_number"), ("phone", "phone"), ("email", "email"))]
COMPANY = {"name": "杭州恒科（集團）機械有限公司", "code": "C000123", "phone": "+8613857101234",
           "email": "Wang.Fang@hengke.com.cn"}


def entry(**record: Any) -> Entry:
    return entry_of("customer", "name", FIELDS, record)


def finds(question: str, made: Entry) -> bool:
    """Whether the index gives the entry and its texts agree."""
    whole, has = made.title + made.rest, set(made.tokens)
    return any(has.issuperset(tokens("customer", way.grams)) and all(word in whole for word in way.words)
               for way in read_question(question))


@pytest.mark.parametrize("question", [
    "恒科", "杭州", "集团", "恒科集团", "恒科（集团）", "機械", "机械有限", "杭州 机械", "有限公司",
    "hzhk", "hzhkjt", "HZHKJTJXYXGS", "hangzhou", "hangz", "Hengke", "hengkejituan", "ｈａｎｇｚｈｏｕ",
    "13857101234", "+86 138 5710 1234", "0086-138-5710-1234", "8613857101234", "138-5710", "1234", "7101234",
    "wang.fang@hengke.com.cn", "wang.fang@heng", "WANG", "hengke.com", "C000123", "c0001", "000123"])
def test_a_company_is_found_by(question: str) -> None:
    assert finds(question, entry(**COMPANY))


@pytest.mark.parametrize("question", [
    "恒杭", "科恒", "hzkj", "zhouhang", "13857101235", "4321", "wangfang@", "C000124", "杭州 上海", "恒科a"])
def test_a_company_is_not_found_by(question: str) -> None:
    assert not finds(question, entry(**COMPANY))


@pytest.mark.parametrize(("name", "question"), [
    ("长沙重庆银行", "changshachongqingyinhang"), ("成都银行", "cdyh"), ("厦门建发", "xmjf"), ("曾国藩", "zengguofan"),
    ("单雄信", "shanxiongxin"), ("解缙", "xie"), ("吕布", "lv"), ("张三", "zs"), ("王", "王"), ("王芳", "wangf"),
    ("Müller GmbH", "muller"), ("ACME Ｃｏ", "acme co"), ("A100恒科型", "a100恒"), ("恒科A100", "恒科 a100")])
def test_a_name_is_found_as_people_spell_it(name: str, question: str) -> None:
    assert finds(question, entry(name=name))


def test_both_readings_of_a_character_are_kept() -> None:
    assert ["".join(one) for one in spellings("查乐")] == ["chale", "zhayue"]
    assert spellings("acme 100") == []


@pytest.mark.parametrize(("one", "other"), [
    ("ＡＢＣ　有限公司", "abc有限公司"), ("恒科 機械", "恒科机械"), ("O'Neil & Sons", "o neil sons"), ("  ", "")])
def test_what_people_call_the_same_is_folded_to_the_same(one: str, other: str) -> None:
    assert fold(one) == other


def test_numbers_lose_what_people_leave_out() -> None:
    assert fold_phone("+8657188886666;ext=8") == "57188886666 8"
    assert sought_digits("0571-8888 6666") == "57188886666"
    assert fold_phone("+442071234567") == "442071234567"
    assert sought_digits("020 7123 4567") in fold_phone("+442071234567")


def test_grams_of_two_objects_have_nothing_in_common() -> None:
    grams = ["恒科", "han", "=x", "#1234"]
    assert not set(tokens("customer", grams)) & set(tokens("contact", grams))


@given(st.text(max_size=60))
def test_whatever_a_name_is_its_folded_text_finds_it(name: str) -> None:
    folded = fold(name)
    assert fold(folded) == folded
    if len(folded) > 2 and " " not in folded:
        assert finds(folded, entry(name=name))


@given(st.text(max_size=120))
def test_any_question_can_be_read(question: str) -> None:
    for way in read_question(question):
        assert way.words
        assert len(tokens("x", way.grams)) <= 24

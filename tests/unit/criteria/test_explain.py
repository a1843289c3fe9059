"""Criteria as sentences, and clause by clause."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.criteria import KINDS, OPERATORS, Field, ObjectFields, Relation, Scope, describe, explain, parse
from chassis.criteria.fields import CHANGES
from chassis.criteria.periods import PERIODS
from chassis.criteria.phrases import CLAUSES, WORDS

FIELDS = {
    field.name: field
    for field in (
        Field("region", "choice"),
        Field("amount", "money", currency="CNY"),
        Field("seen", "datetime"),
        Field("active", "boolean"),
        Field("owner_id", "user"),
    )
}
WRITTEN: dict[str, Any] = {
    "all": [
        {"field": "region", "op": "in", "value": ["east", "west"]},
        {"any": [
            {"field": "amount", "op": "gte", "value": "100000"},
            {"not": {"field": "seen", "op": "older_than", "value": "3d"}},
        ]},
        {"field": "owner_id", "op": "eq", "value": "$me"},
        {"field": "active", "op": "eq", "value": True},
        {"field": "seen", "op": "on", "value": "last_week"},
        {"field": "amount.amount", "op": "between", "value": [1, 2]},
    ]
}  # fmt: skip
LABELS = {
    "en": {"region": "Region", "amount": "Amount", "seen": "Last seen", "active": "Active", "owner_id": "Owner"},
    "zh-CN": {"region": "区域", "amount": "金额", "seen": "最近联系", "active": "启用", "owner_id": "负责人"},
}
SENTENCES = {
    "en": "Region is one of East, “west” and (Amount ≥ 100000.00 CNY or not (Last seen is more than 3 days ago)) "
    "and Owner is me and Active is yes and Last seen is last week and Amount is between 1.00 and 2.00",
    "zh-CN": "区域为以下之一：East、“west” 且 （金额 ≥ 100000.00 CNY 或 非（最近联系早于3 天前）） "
    "且 负责人为我 且 启用为是 且 最近联系为上周 且 金额介于1.00 和 2.00之间",
}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_criterion_reads_as_a_sentence(locale: str) -> None:
    show = {("region", "east"): "East"}
    told = describe(parse(WRITTEN, FIELDS), LABELS[locale], locale, lambda *value: show.get(value))
    assert told == SENTENCES[locale]


def test_a_group_tells_of_the_other_object_by_its_own_names() -> None:
    deal = {"state": Field("state", "choice")}
    fields = ObjectFields(FIELDS, {"deal.lead_id": Relation("deal", lambda: deal)}.get)
    group = parse({"related": "deal.lead_id", "op": "at_least", "value": 2,
                   "where": {"field": "state", "op": "eq", "value": "won"}}, fields)
    labels = {"state": "Federal state", "deal.lead_id": "Deals", "deal.lead_id.state": "State"}
    show = {("deal.lead_id.state", "won"): "Won", ("state", "won"): "wrong"}
    told = describe(group, labels, "en", lambda *value: show.get(value))
    assert told == "has at least 2 Deals with (State is Won)"
    won = {"field": "state", "op": "eq", "value": "won"}
    none = parse({"related": "deal.lead_id", "op": "none", "where": won}, fields)
    assert describe(none, labels, "en", lambda *value: show.get(value)) == "has no Deals with (State is Won)"
    zh = {"deal.lead_id": "商机", "deal.lead_id.state": "状态"}
    assert describe(none, zh, "zh-CN", lambda *value: show.get(value)) == "没有满足（状态为Won）的商机"
    assert describe(parse({"related": "deal.lead_id", "op": "some"}, fields), zh, "zh-CN") == "有商机"


def test_empty_groups_are_always_and_never() -> None:
    assert describe(parse({"all": []}, {}), {}) == "always"
    assert describe(parse({"any": []}, {}), {}, "zh-CN") == "从不"


def test_other_locales_are_told_in_english() -> None:
    assert describe(parse({"field": "region", "op": "is_set"}, FIELDS), {}, "fr") == "region is set"


def test_every_operator_and_period_has_words_in_both_languages() -> None:
    operators = set().union(*(OPERATORS[kind] for kind in KINDS), CHANGES)
    for locale in ("en", "zh-CN"):
        assert set(CLAUSES[locale]) == operators
        assert set(PERIODS) <= set(WORDS[locale])


def test_explain_tells_which_clauses_held() -> None:
    criterion = parse({"all": WRITTEN["all"][:2]}, FIELDS)
    record = {"region": "east", "amount": {"amount": "5.00", "currency": "CNY"}, "seen": "2026-11-01T00:00:00Z"}
    assert explain(criterion, record, Scope(datetime(2026, 11, 22, tzinfo=UTC))) == [
        {"field": "region", "op": "in", "value": ["east", "west"], "held": True},
        {"field": "amount", "op": "gte", "value": "100000.00", "held": False},
        {"field": "seen", "op": "older_than", "value": "3d", "held": True},
    ]

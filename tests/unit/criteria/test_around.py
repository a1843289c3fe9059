"""Related conditions of records in hand: which there are, on what each depends, and what the record alone decides."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from chassis.clock import utcnow
from chassis.criteria import (
    Field,
    ObjectFields,
    RecordsAround,
    Relation,
    Scope,
    key_of,
    parse,
    related_atoms,
    supposing,
    to_json,
    to_predicate,
)

COMPANY = {"level": Field("level", "choice", choices=("A", "B")), "id": Field("id", "id")}
FIELDS = ObjectFields(
    {"stage": Field("stage", "choice", choices=("new", "won")), "company_id": Field("company_id", "reference")},
    {"company_id": Relation("company", lambda: COMPANY), "task.deal_id": Relation("task", lambda: COMPANY)}.get)
WON = {"field": "stage", "op": "eq", "value": "won"}
LEVEL_A = {"field": "company_id.level", "op": "eq", "value": "A"}
NOT_B = {"field": "company_id.level", "op": "ne", "value": "B"}
BUSY = {"related": "task.deal_id", "op": "some"}
COMPOUND = {"any": [{"all": [WON, LEVEL_A]}, {"not": {"any": [WON, NOT_B, {**BUSY, "op": "none"}]}}]}


def test_the_related_conditions_of_a_criterion_are_positive_and_know_their_member() -> None:
    atoms = list(related_atoms(parse(COMPOUND, FIELDS)))
    assert [to_json(one) for one in atoms] == [LEVEL_A, {**NOT_B, "op": "eq"}, {**BUSY, "where": {"all": []}}]
    assert [key_of(one) for one in atoms] == ["company_id", "company_id", "id"]


@pytest.mark.parametrize("criterion", [
    WON, LEVEL_A, NOT_B, BUSY, COMPOUND, {"not": LEVEL_A}, {"all": [WON, {"not": {**BUSY, "op": "none"}}]}])
def test_what_is_supposed_bounds_what_is_true(criterion: dict[str, Any]) -> None:
    """Whatever is around: what holds holds at best, and what holds at worst holds."""
    parsed = parse(criterion, FIELDS)
    truth, best, worst = (to_predicate(one) for one in (parsed, supposing(parsed), supposing(parsed, held=False)))
    seen = set()
    for stage, level, tasks in product(("new", "won"), ("A", "B", None), (0, 1)):
        around = RecordsAround({"company": [{"id": "c", "level": level}],
                                "task": [{"id": "t", "deal_id": "d"}][:tasks]})
        record, alone = {"id": "d", "stage": stage, "company_id": "c"}, Scope(utcnow())
        holds = truth(record, Scope(utcnow(), around=around))
        assert worst(record, alone) <= holds <= best(record, alone)
        seen.add(holds)
    assert seen == {True, False}

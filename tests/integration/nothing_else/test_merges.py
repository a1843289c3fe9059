"""A merge, its undo, an erasure: exactly the named rows change, and an undo brings every row of every table back."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .rows import Difference, all_rows, assert_books_only_grow, assert_same, differences, standing
from .world import CALCULATED, PLANS, Stage, make

EXAMPLES = settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate],
                    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TAKES = (None, [], ["name", "phone", "code"], ["level", "papers", "partners", "parent_id"], ["owner_id", "email"])
FOLLOWS = {"owner_id": {"department_id", "owner_since", "pool_id"}, "phone": set()}


def pointing(rows: Any, target: str) -> dict[str, set[str]]:
    """Record → the columns of its row in which a record is named."""
    return {row["id"]: columns for table, found in rows.items() if table.startswith("r_") for row in found.values()
            if row["id"] != target and (columns := {
                name for name, value in row.items() if isinstance(value, str) and target in value})}


@EXAMPLES
@given(PLANS, st.sampled_from(TAKES))
def test_a_merge_changes_what_it_names_and_its_undo_brings_every_row_back(stage: Stage, plan: Any, take: Any) -> None:
    world = make(stage, plan)
    survivor, merged = world.ids["customer"][:2]
    before = all_rows(stage.harness.service)
    named, lines = pointing(before, merged), set(world.ids["site"])
    following: dict[str, set[str]] = {id: set() for id in pointing(before, survivor).keys() & lines - named.keys()}
    id = stage.good("POST", f"/records/customer/{survivor}/merge", {"merged": merged, "take": take})["merge_id"]
    stage.settle()
    found = differences(before, all_rows(stage.harness.service))
    assert_books_only_grow(found)
    _is_what_a_merge_does(standing(found), named, survivor, merged, lines, following)
    stage.good("POST", f"/merges/{id}/undo")
    stage.settle()
    assert_same(before, all_rows(stage.harness.service), id)


def _is_what_a_merge_does(found: dict[str, Difference], named: dict[str, set[str]], survivor: str, merged: str,
                          lines: set[str], following: dict[str, set[str]]) -> None:
    """Lines go with the owner of their record: those of the merged one, and those `following` a survivor that takes
    another owner."""
    objects = {table: one for table, one in found.items() if table.startswith("r_")}
    assert [key for one in objects.values() for key in one.added] == []
    assert [key for one in objects.values() for key in one.gone] == [(merged,)]
    changed = {id: columns for one in objects.values() for id, columns in one.columns.items()}
    of_survivor = changed.pop(survivor, set())
    assert changed.keys() | following.keys() == named.keys() - {survivor} | following.keys()
    for id, columns in changed.items():
        assert columns - ({"owner_id", "department_id"} if id in lines else CALCULATED) == (named | following)[id]
    assert not of_survivor & {"id", "created_at", "created_by", "number"}
    for table, one in found.items():
        assert not one.others_than({survivor, merged, *named, *following}), f"{table}\n{one}"

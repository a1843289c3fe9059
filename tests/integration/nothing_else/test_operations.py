"""Imports, bulk jobs, hand-overs and erasures: exactly the named rows change, and an undo brings every row back."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from .rows import Difference, Rows, all_rows, assert_books_only_grow, assert_same, differences, standing
from .test_merges import EXAMPLES, pointing
from .world import CALCULATED, LEVELS, PLANS, Stage, World, make

ERASED = {"name", "phone", "email", "papers"}


def rows(stage: Stage) -> Rows:
    """Everything that stands once the worker has done what waits."""
    stage.settle()
    return all_rows(stage.harness.service)


def changed(before: Rows, after: Rows, *runs: str) -> dict[str, Difference]:
    """What has become of everything that is no book."""
    found = differences(before, after)
    assert_books_only_grow(found, *runs)
    return standing(found)


def assert_about(found: dict[str, Difference], named: Collection[str]) -> None:
    """Only the named records, and what is calculated of others, have changed."""
    for table, one in found.items():
        others = one.others_than(set(named))
        if table.startswith("r_"):
            assert all(one.columns[id] <= CALCULATED for id in others), f"{table}\n{one}"
        else:  # a segment asks what is calculated, too
            assert not others or table == "segment_member", f"{table}\n{one}"


def columns(found: dict[str, Difference], object_name: str) -> dict[str, set[str]]:
    """Record → what has changed of it besides what is calculated."""
    table = found.get(f"r_{object_name}")
    changes = {} if table is None else {id: names - CALCULATED for id, names in table.columns.items()}
    return {id: names for id, names in changes.items() if names}


@EXAMPLES
@given(PLANS, st.sampled_from(LEVELS), st.lists(st.integers(0, 99), min_size=1, max_size=4), st.integers(1, 4))
def test_an_import_writes_its_rows_and_its_undo_brings_every_row_back(stage: Stage, plan: Any, level: str,
                                                                      known: list[int], new: int) -> None:
    world = make(stage, plan)
    for place, id in enumerate(world.ids["customer"]):
        world.set("customer", id, phone=f"139{int(world.mark, 16) % 10 ** 7:07d}{place}")
    before = rows(stage)
    meant = list(dict.fromkeys(str(world.id("customer", place)) for place in known))
    sheet = [("New", f"137{int(world.mark, 16) % 10 ** 7:07d}{place}", level) for place in range(new)]
    sheet += [("Known", world.get("customer", id)["phone"], level) for id in meant]
    id = _imported(stage, [("name", "phone", "level"), *sheet])
    found = changed(before, rows(stage))
    made = {key[0] for key in found["r_customer"].added}
    assert len(made) == new
    assert {one: names - {"level"} for one, names in columns(found, "customer").items()} == {
        one: {"name"} for one in meant}
    assert_about(found, {*made, *meant})
    stage.good("POST", f"/imports/{id}/undo")
    assert_same(before, rows(stage), id)


def _imported(stage: Stage, lines: list[tuple[str, ...]]) -> str:
    content = "\n".join(",".join(cells) for cells in lines).encode()
    boundary, body = encode_multipart(MultiDict({"object": "customer", "file": FileStorage(
        io.BytesIO(content), "sheet.csv")}))
    id = str(stage.good("POST", "/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")["id"])
    stage.good("PATCH", f"/imports/{id}", {"duplicates": "update", "match_by": ["phone"],
                                           "mapping": {"0": "name", "1": "phone", "2": "level"}})
    stage.good("POST", f"/imports/{id}/start")
    stage.settle()
    run = stage.good("GET", f"/imports/{id}")
    assert (run["state"], run["summary"]["failed"]) == ("finished", 0), run
    return id


@EXAMPLES
@given(PLANS, st.sampled_from(LEVELS), st.integers(0, 2), st.booleans())
def test_a_bulk_change_reaches_what_matches_and_its_undo_brings_every_row_back(
        stage: Stage, plan: Any, level: str, to: int, is_owner: bool) -> None:
    world = make(stage, plan)
    values = {"level": level, "owner_id": world.person(to)} if is_owner else {"level": level, "parent_id": None}
    before = rows(stage)
    ids = _matching(world, 2)
    meant = {id: {name for name, value in values.items() if before["r_customer"][id,][name] != value} for id in ids}
    id = _bulk(stage, "update", ids, values)
    found = changed(before, rows(stage), id)
    told = {one: names - {"department_id", "owner_since"} for one, names in columns(found, "customer").items()}
    assert told == {one: names for one, names in meant.items() if names}
    lines = [one for one in world.ids["site"] if before["r_site"][one,]["customer_id"] in meant] if is_owner else []
    assert_about(found, {*meant, *lines})
    _undone(stage, f"/bulk-jobs/{id}", any(meant.values()))
    assert_same(before, rows(stage), id)


@EXAMPLES
@given(PLANS)
def test_a_bulk_removal_takes_what_nobody_points_at_and_its_undo_brings_every_row_back(stage: Stage, plan: Any) -> None:
    world = make(stage, plan)
    before = rows(stage)
    ids = _matching(world, 3)
    id = _bulk(stage, "delete", ids)
    found = changed(before, rows(stage), id)
    gone = {key[0] for table, one in found.items() if table.startswith("r_") for key in one.gone}
    named = {one: holders.keys() for one in ids if (holders := pointing(before, one)) is not None}
    free: set[str] = set()  # one after the other: who is pointed at by one that goes later stays
    for one in ids:
        free |= set() if _held(before, one, free | set(world.ids["site"])) else {one}
    assert gone & set(world.ids["customer"]) == free
    assert gone - free == {one for one in world.ids["site"] if before["r_site"][one,]["customer_id"] in free}
    assert_about({table: one for table, one in found.items() if table != "record_bin"},
                 {*gone, *(holder for one in free for holder in named[one])})
    assert found["record_bin"].records == gone if gone else "record_bin" not in found
    _undone(stage, f"/bulk-jobs/{id}", bool(gone))
    assert_same(before, rows(stage), id)


def _held(before: Rows, target: str, going: Collection[str]) -> bool:
    """Whether a record that stays points at it by one of its references; lists let go."""
    lists = {"partners", "used_by", "seen_by", "spares"}
    return any(columns - lists and holder not in going for holder, columns in pointing(before, target).items())


@EXAMPLES
@given(PLANS, st.integers(0, 2), st.booleans())
def test_a_hand_over_moves_what_he_has_and_its_undo_brings_every_row_back(stage: Stage, plan: Any, who: int,
                                                                         to_pool: bool) -> None:
    stage.harness.neighbours["workflow", "GET", f"/v1/task-transfers/preview/{world_person(stage, who)}"] = (
        lambda _: (200, {"open": 0}))
    world = make(stage, plan)
    person, others = world.person(who), [world.person(who + 1), world.person(who + 2)]
    before = rows(stage)
    mine = {name: _owned(before, name, person) for name in ("customer", "deal")}
    customers = {"pool_id": stage.pool} if to_pool else {"people": others}
    id = stage.good("POST", "/handovers", {"person_id": person, "tasks_with_records": False, "plan": [
        {"object": "customer", **customers}, {"object": "deal", "people": others[:1]}]})["id"]
    found = changed(before, rows(stage), id)
    for name, ids in mine.items():
        assert columns(found, name).keys() == ids
        assert {"owner_id"} <= set.intersection({"owner_id"}, *columns(found, name).values())
        assert set().union(*columns(found, name).values()) <= {"owner_id", "department_id", "owner_since", "pool_id"}
    lines = {one for table, parent, ids in (("site", "customer_id", mine["customer"]),
                                            ("deal_line", "deal_id", mine["deal"]))
             for (one,), row in before[f"r_{table}"].items() if row[parent] in ids}
    assert_about(found, {*mine["customer"], *mine["deal"], *lines})
    _undone(stage, f"/handovers/{id}", any(mine.values()))
    assert_same(before, rows(stage), id)


def world_person(stage: Stage, place: int) -> str:
    """Somebody of the company."""
    return stage.people[place % len(stage.people)]


def _owned(before: Rows, object_name: str, person: str) -> set[str]:
    return {id for (id,), row in before[f"r_{object_name}"].items() if row["owner_id"] == person}


@EXAMPLES
@given(PLANS)
def test_an_erasure_empties_the_person_and_nobody_else(stage: Stage, plan: Any) -> None:
    world = make(stage, plan)
    one, merged = world.ids["customer"][:2]
    secret = world.get("customer", one)["email"]
    stage.good("POST", f"/records/customer/{one}/merge", {"merged": merged, "take": ["phone", "code"]})
    before = rows(stage)
    stage.good("POST", f"/privacy/customer/{one}/erase", {})
    after = rows(stage)
    found = differences(before, after)
    merges = {key[0] for key in before["record_merge"] if one in str(before["record_merge"][key])}
    assert_books_only_grow(found, *merges, scrubbed=(one, merged))
    assert columns(found, "customer").keys() == {one}
    assert columns(found, "customer")[one] <= ERASED
    assert_about(standing(found), {one})
    assert {table for table in after for row in after[table].values() if secret in str(row)} <= {"outbox"}


def _matching(world: World, least: int) -> list[str]:
    """Some customers of this example, in the order of their ids."""
    return sorted(world.ids["customer"])[:least]


def _bulk(stage: Stage, action: str, ids: list[str], values: Any = None) -> str:
    criteria = {"any": [{"field": "id", "op": "eq", "value": id} for id in ids]}
    id = str(stage.good("POST", "/bulk-jobs", {"object": "customer", "action": action, "values": values,
                                               "criteria": criteria})["id"])
    stage.settle()
    assert stage.good("GET", f"/bulk-jobs/{id}")["state"] == "finished"
    return id


def _undone(stage: Stage, path: str, has_done: bool) -> None:
    """Undo what has done something; what has not cannot be undone."""
    answer = stage.harness.call(stage.admin, "POST", f"/v1{path}/undo")
    assert answer.status_code == (202 if has_done else 409), answer.get_data(as_text=True)
    stage.settle()
    if has_done:
        run = stage.good("GET", path)
        assert (run["state"], run["undo"]["kept"]) == ("undone", 0), run

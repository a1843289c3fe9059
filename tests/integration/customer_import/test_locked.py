"""Sheets and locked records: an import changes none, and brings old books in for who may unlock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.integration.customer_import.conftest import Desk

DEED = {"name": "deed", "label": {"en": "Deed"}, "duplicate_rules": [{"fields": ["name"]}], "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name"}},
    {"name": "size", "type": "integer", "label": {"en": "Size"}},
    {"name": "signed", "type": "boolean", "label": {"en": "Signed"}}],
    "lock": {"criteria": {"field": "signed", "op": "eq", "value": True}, "open": ["signed"]}}
PARCEL = {"name": "parcel", "label": {"en": "Parcel"}, "line_of": {"reference": "deed_id"}, "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name"}},
    {"name": "deed_id", "type": "reference", "required": True, "options": {"object": "deed"}}]}
HEADER = ("Name", "Size", "Signed", "Parcel Name")


@pytest.fixture
def registry(desk: Desk) -> Desk:
    """The desk of an administrator with deeds that are locked once they are signed."""
    for definition in (DEED, PARCEL):
        answer = desk.harness.call(desk.user, "POST", "/v1/objects", definition)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    return desk


def clerk(registry: Desk) -> Desk:
    """The same desk for somebody who may do everything but unlock."""
    actions = ["create", "read", "update", "delete", "import", "export", "convert"]
    entry = {"actions": actions, "scope": "all", "fields": {}}
    role = registry.harness.role({"deed": entry, "parcel": entry}, ("imports.run",))
    return replace(registry, user=registry.harness.user("Clerk", None, (role,)))


def imported(desk: Desk, *rows: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    id = desk.sheet(HEADER, *rows, object="deed")
    assert desk.configure(id, duplicates="update").status_code == 200
    return id, desk.run(id)


def test_old_books_come_in_with_their_lines_for_who_may_unlock(registry: Desk) -> None:
    imported(registry, ("A", "1", "yes", "North"), ("A", "1", "yes", "South"))
    assert sorted(one["name"] for one in registry.records("parcel")) == ["North", "South"]


def test_an_import_changes_no_locked_record_and_says_so_in_its_rows(registry: Desk) -> None:
    imported(registry, ("A", "1", "yes", "North"), ("B", "1", "no", ""))
    id, _ = imported(registry, ("A", "2", "yes", ""), ("B", "2", "no", ""))
    assert registry.codes(id) == {2: {("size", "record_locked")}}
    assert {one["name"]: one["size"] for one in registry.records("deed")} == {"A": 1, "B": 2}


def test_without_the_right_no_line_comes_in_below_a_locked_record(registry: Desk) -> None:
    imported(registry, ("A", "1", "yes", ""))
    own = clerk(registry)
    id, _ = imported(own, ("A", "1", "yes", "North"))
    assert {code for errors in own.codes(id).values() for _, code in errors} == {"record_locked"}
    assert registry.records("parcel") == []


@pytest.mark.parametrize("may_unlock", [True, False])
def test_an_import_is_undone_over_locks_by_who_may_unlock_alone(registry: Desk, may_unlock: bool) -> None:
    own = registry if may_unlock else clerk(registry)
    id, _ = imported(own, ("A", "1", "yes", ""), ("B", "1", "no", ""))
    assert own.call("POST", f"/{id}/undo").status_code == 202
    own.work()
    assert [one["name"] for one in registry.records("deed")] == ([] if may_unlock else ["A"])
    codes = [one["code"] for one in own.call("GET", f"/{id}/kept").get_json()["items"]]
    assert codes == ([] if may_unlock else ["undo_locked"])

"""What people changed of an item since its pack was installed."""

from __future__ import annotations

from typing import Any

from gateway.packs.changed import changes_of
from gateway.packs.preview import removal_lines

LEAD = {"name": "lead", "label": {"en": "Lead"}, "list_fields": ["name"], "fields": [
    {"name": "name", "type": "text"},
    {"name": "state", "type": "choice", "options": {"choices": [{"value": "new", "label": {"en": "New"}}]}}]}


def places(kind: str, base: dict[str, Any], installed: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(one.pointer, one.before, one.after) for one in changes_of(kind, base, installed)]


def test_an_item_as_the_pack_made_it_has_no_changes_whatever_else_the_server_says() -> None:
    told = {**LEAD, "version": 7, "icon": "", "fields": [{**one, "help": {}, "position": 1} for one in LEAD["fields"]]}
    assert places("object", LEAD, told) == []
    assert places("view", {"key": "a", "criteria": None, "sort": []}, {"key": "a", "criteria": {}, "id": "x"}) == []


def test_each_changed_added_and_deleted_place_is_told_by_its_name() -> None:
    state = {"name": "state", "type": "choice", "options": {"choices": [
        {"value": "new", "label": {"en": "Fresh"}}, {"value": "old", "label": {"en": "Old"}}]}}
    now = {**LEAD, "list_fields": ["name", "state"], "fields": [state, {"name": "depth", "type": "text"}]}
    assert places("object", LEAD, now) == [
        ("/list_fields", ["name"], ["name", "state"]),
        ("/fields/name", LEAD["fields"][0], None),
        ("/fields/state/options/choices/new/label/en", "New", "Fresh"),
        ("/fields/state/options/choices/old", None, {"value": "old", "label": {"en": "Old"}}),
        ("/fields/depth", None, {"name": "depth", "type": "text"})]


def test_a_role_that_reaches_further_is_changed() -> None:
    reads = {"actions": ["read"], "scope": "own"}
    base = {"key": "fitter", "permissions": [], "objects": {"machine": reads}}
    assert places("role", base, {**base, "objects": {"machine": reads, "lead": reads}}) == [
        ("/objects/lead", None, reads)]


def test_a_removal_is_told_in_lines() -> None:
    def item(key: str, action: str, reason: str | None = None, **more: Any) -> dict[str, Any]:
        return {"kind": "task_kind", "key": key, "action": action, "reason": reason, "records": 3, "needed_by": ["a"],
                "changes": [], **more}

    plan = {"needed_by": ["retail"], "items": [
        item("one", "remove"), item("two", "gone"), item("three", "keep", "records"), item("four", "keep", "needed"),
        item("five", "keep", "changed", changes=[{"pointer": "/name/en", "before": "A", "after": None}])]}
    assert list(removal_lines(plan)) == [
        "  - task kind one", "  = task kind three: has 3 records", "  = task kind four: needed by a",
        "  = task kind five: changed since it was installed", '      /name/en: "A" → nothing',
        "other packs need it: retail"]

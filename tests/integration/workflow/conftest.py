"""The workflow service on both databases, with a customer service played by the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from chassis.db.tables import outbox
from chassis.events.message import Message
from chassis.ids import new_id
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Asked, Harness
from services.workflow.bootstrap import SPEC
from services.workflow.consumers import OBJECT_CHANGED, RECORD_CHANGED
from services.workflow.store import tables
from services.workflow.usecases.carrying_out import carry_out_next

LEAD = {
    "name": "lead", "label": {"en": "Lead", "zh-CN": "线索"}, "title_field": "name", "version": 1, "fields": [
        {"name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "姓名"}, "required": True,
         "options": {"max_length": 100}},
        {"name": "region", "type": "choice", "label": {"en": "Region", "zh-CN": "区域"}, "required": False,
         "options": {"choices": [{"value": "east", "label": {"en": "East", "zh-CN": "华东"}},
                                 {"value": "north", "label": {"en": "North", "zh-CN": "华北"}}]}},
        {"name": "status", "type": "choice", "label": {"en": "Status", "zh-CN": "状态"}, "required": False,
         "options": {"choices": [{"value": value, "label": {"en": value.title()}} for value in ("new", "working")]}},
        {"name": "expected_amount", "type": "money", "label": {"en": "Expected amount", "zh-CN": "预计金额"},
         "required": False, "options": {"currency": "CNY"}},
        {"name": "score", "type": "integer", "label": {"en": "Score"}, "required": False,
         "options": {"min": 0, "max": 100}},
        {"name": "next_on", "type": "date", "label": {"en": "Next"}, "required": False, "options": {}},
        {"name": "seen_at", "type": "datetime", "label": {"en": "Seen"}, "required": False, "options": {}},
    ],
}
BATCH = ("customer", "POST", "/v1/records/lead/batch")


@dataclass
class World:
    """The service, its people, and shortcuts for what tests say again and again."""

    harness: Harness
    admin: str
    east: str
    sellers: list[str]
    made: dict[str, int] = field(default_factory=dict)

    # rules

    def rule(self, **more: Any) -> dict[str, Any]:
        """Create a rule through the API; returns it."""
        answer = self.call("POST", "/v1/rules", a_rule(**more))
        assert answer.status_code == 201, answer.json
        return answer.json

    def call(self, method: str, path: str, json: Any = None, as_user: str | None = None,
             headers: Mapping[str, str] | None = None) -> Any:
        """Send a request, as the administrator unless another is named."""
        return self.harness.call(as_user or self.admin, method, path, json, headers=headers)

    # records

    def message(self, *changes: dict[str, Any], depth: int = 0, bulk: str | None = None, **more: Any) -> Message:
        """A message about changes of leads."""
        data = {"object": "lead", "origin": {"kind": "person", "id": None, "name": None}, "bulk": bulk,
                "changes": list(changes)} | more
        return self.harness.message(RECORD_CHANGED, data, depth=depth, source="/freehold/customer")

    def deliver(self, *messages: Message) -> None:
        self.harness.deliver(*messages)

    def created(self, **values: Any) -> dict[str, Any]:
        """Deliver the creation of a lead; returns the change."""
        change = a_change(**values)
        self.deliver(self.message(change))
        return change

    def carry_out(self) -> int:
        """Carry out what is due; returns how many calls worked."""
        calls = 0
        while carry_out_next(self.harness.service):
            calls += 1
        return calls

    @property
    def batches(self) -> list[Asked]:
        """The calls that changed records."""
        return [asked for asked in self.harness.asked if (asked.target, asked.method, asked.path) == BATCH]

    def rows(self, name: str, *order: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        table = getattr(tables, name)
        with self.harness.service.db.read() as connection:
            found = connection.execute(select(table).order_by(*(table.c[column] for column in order)))
            return [dict(row) for row in found.mappings()]

    def count(self, table: Any = outbox) -> int:
        with self.harness.service.db.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar()


def a_rule(**more: Any) -> dict[str, Any]:
    """A rule on new leads of the East that sets their status."""
    return {"name": {"en": "East leads", "zh-CN": "华东线索"}, "object": "lead", "trigger": {"on": "created"},
            "criteria": {"all": [{"field": "region", "op": "eq", "value": "east"}]},
            "actions": [{"type": "set_fields", "values": {"status": "working"}}]} | more


def a_change(action: str = "created", before: Mapping[str, Any] | None = None, *, by: str | None = None,
             **values: Any) -> dict[str, Any]:
    """A change of a lead; what `before` names has changed."""
    after = {"id": new_id(), "version": 1, "name": "Ann", "region": "east", "status": "new", "owner_id": None,
             "department_id": None, "expected_amount": None} | values
    before = dict(before or {})
    changed = list(before) if action == "updated" else list(after)
    return {"id": after["id"], "version": after["version"], "action": action, "at": "2026-01-05T08:00:00.000Z",
            "by": by, "changed": changed, "before": before, "after": after}


def all_done(json: Any) -> tuple[int, Any]:
    """The customer service accepts everything."""
    return 200, {"results": [{"status": 200, "record": {"id": one["id"]}} for one in json["operations"]]}


@pytest.fixture
def world(tmp_path: Path, own_database: OwnDatabase) -> Iterator[World]:
    """The service with one object, a department of three sellers, and an administrator."""
    url, begun = own_database.begin("world", lambda url: _begun(tmp_path / "begun", url))
    with closing(begun.harness.on_copy(tmp_path, url)) as harness:
        yield replace(begun, harness=harness, made={})


def _begun(folder: Path, url: str) -> World:
    with closing(Harness(SPEC, folder, url)) as harness:
        admin = harness.administrator()
        east = harness.department("East")
        sellers = [harness.user(name, east) for name in ("Wang", "Li", "Zhao")]
        harness.neighbours[BATCH] = all_done
        harness.neighbours["notify", "GET", "/v1/templates/lead_assigned"] = lambda _: (200, {"key": "lead_assigned"})
        harness.deliver(harness.message(OBJECT_CHANGED, {"object": LEAD, "deleted": False}))
        return World(harness, admin, east, sellers)


@pytest.fixture
def statements(world: World) -> Iterator[Callable[[], list[str]]]:
    """What was sent to the database since the test asked last."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(world.harness.service.db.engine, "before_cursor_execute", note)

    def take() -> list[str]:
        taken = list(sent)
        sent.clear()
        return taken

    yield take
    event.remove(world.harness.service.db.engine, "before_cursor_execute", note)

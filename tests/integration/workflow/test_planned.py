"""The next step of a follow-up is a task of its owner: one task, which follows its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chassis.ids import new_id
from services.workflow.consumers import OBJECT_CHANGED
from services.workflow.events import NOTIFICATION_REQUESTED, TASK_CHANGED

NOTE = {
    "name": "note", "label": {"en": "Follow-up"}, "title_field": "subject", "version": 1,
    "planned_task": {"due": "next_at", "title": "next_step", "kind": "follow_up", "about": ["lead_id"]},
    "fields": [
        {"name": "subject", "type": "text", "label": {}, "options": {}},
        {"name": "next_step", "type": "text", "label": {}, "options": {}},
        {"name": "next_at", "type": "datetime", "label": {}, "options": {}},
        {"name": "lead_id", "type": "reference", "label": {}, "options": {"object": "lead"}}]}
SOON, LATER = "2961-01-05T08:00:00Z", "2961-01-09T08:00:00Z"
QUERY = ("customer", "POST", "/v1/records/lead/query")


class Notes:
    """One follow-up of Wang about a lead, told as the customer service tells it."""

    def __init__(self, world: Any) -> None:
        self.world, self.owner, self.lead = world, world.sellers[0], new_id()
        self.record: dict[str, Any] = {
            "id": new_id(), "version": 0, "subject": "Call", "next_step": "Send the offer", "next_at": SOON,
            "lead_id": self.lead, "owner_id": self.owner}
        world.harness.neighbours[QUERY] = lambda asked: (200, {"items": [
            {"id": id, "version": 3, "name": "Ann"} for id in asked["criteria"]["value"] if id == self.lead]})
        world.harness.deliver(world.harness.message(OBJECT_CHANGED, {"object": NOTE, "deleted": False}))

    def message(self, action: str = "updated", **values: Any) -> Any:
        """A change, not delivered yet."""
        before = {name: self.record[name] for name in values}
        self.record = {**self.record, **values, "version": self.record["version"] + 1}
        change = {"id": self.record["id"], "version": self.record["version"], "action": action,
                  "at": "2026-01-05T08:00:00.000Z", "by": self.owner, "before": before, "after": self.record,
                  "changed": list(self.record) if action == "created" else list(before)}
        return self.world.message(change, object="note")

    def tell(self, action: str = "updated", **values: Any) -> None:
        self.world.deliver(self.message(action, **values))

    @property
    def tasks(self) -> list[Mapping[str, Any]]:
        return self.world.call("GET", "/v1/tasks?view=visible&state=open").json["items"]

    @property
    def all(self) -> list[Mapping[str, Any]]:
        return self.world.rows("task", "created_at")


@pytest.fixture
def notes(world: Any) -> Notes:
    return Notes(world)


def test_a_next_step_with_a_date_is_a_task_about_the_lead(notes: Notes) -> None:
    notes.tell("created")
    [task] = notes.tasks
    assert (task["title"], task["due_at"], task["assignee_id"], task["kind"]) == (
        "Send the offer", SOON, notes.owner, "follow_up")
    assert task["link"] == {"object": "lead", "id": notes.lead, "title": "Ann"}
    assert task["created_by"] == {"kind": "person", "id": notes.owner, "name": "Wang"}
    assert [message.data["action"] for message in notes.world.harness.published(TASK_CHANGED)] == ["created"]
    assert notes.world.harness.published(NOTIFICATION_REQUESTED) == [], "who plans it knows it"


def test_without_words_it_is_called_after_the_follow_up(notes: Notes) -> None:
    notes.tell("created", next_step=None)
    assert notes.tasks[0]["title"] == "Next step: Call"


@pytest.mark.parametrize("values", [{"next_at": None}, {"next_at": "2020-01-05T08:00:00Z"}, {"owner_id": None}])
def test_what_is_not_planned_ahead_for_somebody_is_no_task(notes: Notes, values: dict[str, Any]) -> None:
    notes.tell("created", **values)
    assert notes.all == []


def test_edits_move_and_rename_the_one_task(notes: Notes) -> None:
    notes.tell("created")
    notes.tell(subject="Long call")
    notes.tell(next_at=LATER)
    notes.tell(next_step="Call again", owner_id=notes.world.sellers[1])
    [task] = notes.tasks
    assert (task["title"], task["due_at"], task["assignee_id"]) == ("Call again", LATER, notes.world.sellers[1])
    assert task["version"] == 3, "another subject is nothing new about the task"
    told = notes.world.harness.published(NOTIFICATION_REQUESTED)
    assert [one["user_id"] for message in told for one in message.data["notifications"]] == [notes.world.sellers[1]]


def test_what_somebody_changed_in_the_task_itself_stays(notes: Notes) -> None:
    notes.tell("created")
    changed = notes.world.call("PATCH", f"/v1/tasks/{notes.tasks[0]['id']}", {"title": "Mine"})
    assert changed.status_code == 200
    notes.tell(next_at=LATER)
    assert (notes.tasks[0]["title"], notes.tasks[0]["due_at"]) == ("Mine", LATER)


@pytest.mark.parametrize("change", [("updated", {"next_at": None}), ("deleted", {})])
def test_it_is_cancelled_with_its_date_or_its_record(notes: Notes, change: tuple[str, dict[str, Any]]) -> None:
    notes.tell("created")
    notes.tell(change[0], **change[1])
    assert [row["state"] for row in notes.all] == ["cancelled"]
    assert [message.data["action"] for message in notes.world.harness.published(TASK_CHANGED)] == [
        "created", "cancelled"]


def test_a_closed_task_opens_again_with_another_date_only(notes: Notes) -> None:
    notes.tell("created")
    id = notes.tasks[0]["id"]
    notes.world.call("POST", f"/v1/tasks/{id}/complete")
    notes.tell(next_step="Something else")
    assert notes.tasks == []
    notes.tell(next_at=LATER)
    [task] = notes.tasks
    assert (task["id"], task["due_at"], task["completed_at"]) == (id, LATER, None)


def test_a_change_told_twice_or_late_makes_no_second_task_and_takes_nothing_back(notes: Notes) -> None:
    first, second = notes.message("created"), notes.message(next_at=LATER)
    notes.world.deliver(second)
    notes.world.deliver(first, second)
    notes.world.deliver(first)
    assert [task["due_at"] for task in notes.tasks] == [LATER]
    assert len(notes.all) == 1


def test_many_changes_in_one_batch_make_one_task(notes: Notes) -> None:
    notes.world.deliver(notes.message("created"), notes.message(next_at=LATER), notes.message(next_step="Visit"))
    assert [(task["title"], task["due_at"], task["version"]) for task in notes.tasks] == [("Visit", LATER, 1)]


def test_an_import_that_wants_no_rules_plans_nothing(notes: Notes) -> None:
    message = notes.message("created")
    message.data["rules"] = False
    notes.world.deliver(message)
    assert notes.all == []


def test_a_link_that_nobody_finds_leaves_the_task_without_a_name_for_it(notes: Notes) -> None:
    notes.tell("created", lead_id=new_id())
    assert notes.tasks[0]["link"]["title"] == ""


def test_while_the_customer_service_is_silent_nothing_is_lost(notes: Notes) -> None:
    notes.world.harness.neighbours[QUERY] = lambda _: (503, {"code": "unavailable"})
    message = notes.message("created")
    with pytest.raises(Exception, match="lead: 503"):
        notes.world.deliver(message)
    assert notes.all == []
    notes.world.harness.neighbours[QUERY] = lambda _: (200, {"items": []})
    notes.world.deliver(message)
    assert len(notes.all) == 1

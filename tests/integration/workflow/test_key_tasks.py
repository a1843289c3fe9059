"""Key tasks of stages: made once for the owner, handed over with the record, cancelled when it is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from services.workflow.events import NOTIFICATION_REQUESTED, TASK_CHANGED

DUE = "2961-01-05T08:00:00Z"


class Deal:
    """One record of Wang, told as the customer service tells it."""

    def __init__(self, world: Any) -> None:
        self.world, self.id, self.version = world, new_id(), 0
        self.wang, self.other = world.sellers[0], world.sellers[1]

    def message(self, before: dict[str, Any] | None = None, owner: Any = "", by: Any = "", **told: Any) -> Any:
        self.version += 1
        after = {"id": self.id, "version": self.version, "name": "Hengke",
                 "owner_id": self.wang if owner == "" else owner}
        change = {"id": self.id, "version": self.version, "action": "updated", "at": "2026-01-05T08:00:00.000Z",
                  "by": self.wang if by == "" else by, "changed": ["owner_id"], "before": before or {}, "after": after,
                  "key_tasks": told}
        return self.world.message(change, object="deal")

    def tell(self, **told: Any) -> None:
        self.world.deliver(self.message(**told))

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [(row["id"], row["state"], row["assignee_id"]) for row in self.world.rows("task", "created_at")]


@pytest.fixture
def deal(world: Any) -> Deal:
    return Deal(world)


def task() -> dict[str, Any]:
    return {"id": new_id(), "title": {"en": "Call", "zh-CN": "致电"}, "due_at": DUE}


def test_a_key_task_is_made_once_however_often_it_is_told(deal: Deal) -> None:
    given = task()
    deal.tell(add=[given])
    deal.tell(add=[given])
    assert deal.rows == [(given["id"], "open", deal.wang)]
    [shown] = deal.world.call("GET", "/v1/tasks?view=visible").json["items"]
    assert (shown["due_at"], shown["link"]["id"]) == (DUE, deal.id)
    assert deal.world.harness.published(NOTIFICATION_REQUESTED) == [], "who moved it knows"
    assert len(deal.world.harness.published(TASK_CHANGED)) == 1


def test_it_goes_with_the_record_unless_it_was_given_to_somebody_in_person(deal: Deal) -> None:
    mine, given = task(), task()
    deal.tell(add=[mine, given])
    changed = deal.world.call("PATCH", f"/v1/tasks/{given['id']}", {"assignee_id": deal.world.sellers[2]})
    assert changed.status_code == 200, changed.json
    deal.tell(before={"owner_id": deal.wang}, owner=deal.other, hand_over=[mine["id"], given["id"]])
    assert {id: who for id, _, who in deal.rows} == {mine["id"]: deal.other, given["id"]: deal.world.sellers[2]}
    wishes = [one["user_id"] for message in deal.world.harness.published(NOTIFICATION_REQUESTED)
              for one in message.data["notifications"]]
    assert deal.other in wishes


def test_the_deputy_gets_it_while_its_owner_is_away_and_it_still_goes_with_the_record(deal: Deal) -> None:
    deputy, now = deal.world.sellers[2], utcnow()
    named = deal.world.call("POST", "/v1/absences", {
        "person_id": deal.wang, "deputy_id": deputy, "starts_at": to_wire(now - timedelta(days=1)),
        "ends_at": to_wire(now + timedelta(days=1))})
    assert named.status_code == 201, named.json
    mine = task()
    deal.tell(add=[mine])
    assert deal.rows == [(mine["id"], "open", deputy)]
    [shown] = deal.world.call("GET", "/v1/tasks?view=mine", as_user=deputy).json["items"]
    assert shown["on_behalf_of"]["id"] == deal.wang
    deal.tell(before={"owner_id": deal.wang}, owner=deal.other, hand_over=[mine["id"]])
    assert deal.rows == [(mine["id"], "open", deal.other)]
    [shown] = deal.world.call("GET", "/v1/tasks?view=mine", as_user=deal.other).json["items"]
    assert shown["on_behalf_of"] is None


def test_what_nobody_needs_to_do_any_more_or_nobody_can_do_is_cancelled(deal: Deal) -> None:
    mine, orphan = task(), task()
    deal.tell(add=[mine])
    deal.tell(cancel=[mine["id"]])
    deal.tell(add=[orphan], owner=new_id(), by=None)
    assert [row[:2] for row in deal.rows] == [(mine["id"], "cancelled")]
    last = deal.world.harness.published(TASK_CHANGED)[-1]
    assert (last.data["action"], last.data["tasks"][0]["id"], last.data["tasks"][0]["assignee_id"]) == (
        "cancelled", orphan["id"], None)

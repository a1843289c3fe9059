"""Work of stages: key tasks come with the stage and hold its gate, check lists are ticked; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from services.customer.consumers import TASK_CHANGED
from services.customer.events import RECORD_CHANGED

from .conftest import grant
from .test_layouts import pointers

CALL = {"title": {"en": "Call", "zh-CN": "致电"}, "days": 2}
OFFER = {"title": {"en": "Send the offer"}, "days": 5}
BUDGET = {"key": "budget", "label": {"en": "Budget known", "zh-CN": "已知预算"}}
STAGES = [
    {"value": "new", "label": {"en": "New"}, "stage": {"tasks": [CALL], "checks": [BUDGET],
                                                       "complete": ["tasks", "checks"]}},
    {"value": "talk", "label": {"en": "Talk"}, "stage": {"tasks": [OFFER], "complete": ["tasks"]}},
    {"value": "offer", "label": {"en": "Offer"}},
    {"value": "lost", "label": {"en": "Lost"}, "stage": {"closed": "lost"}}]


@pytest.fixture
def deals(company: Any) -> Any:
    made = company.call(company.admin, "POST", "/objects", {
        "name": "deal", "label": {"en": "Deal"}, "fields": [
            {"name": "name", "type": "text"}, {"name": "stage", "type": "choice", "options": {"choices": STAGES}}]})
    assert made.status_code == 201, made.json
    return company


def deal(company: Any, **values: Any) -> tuple[str, str]:
    made = company.call(company.admin, "POST", "/records/deal", {"name": "A", "stage": "new", **values}).json
    return made["id"], f"/records/deal/{made['id']}"


def move(company: Any, path: str, **values: Any) -> Any:
    return company.call(company.admin, "PATCH", path, values)


def told(company: Any) -> list[Any]:
    return [change.get("key_tasks") for message in company.harness.published(RECORD_CHANGED)
            for change in message.data["changes"] if message.data["object"] == "deal"]


def work(company: Any, path: str) -> Any:
    return company.call(company.admin, "GET", f"{path}/stages").json["items"]


def tell(company: Any, id: str, state: str, version: int) -> None:
    """What the workflow service says of a task."""
    company.harness.deliver(company.harness.message(TASK_CHANGED, {"action": "updated", "tasks": [{
        "id": id, "title": "x", "kind": None, "state": state, "due_at": to_wire(utcnow()), "assignee_id": company.wang,
        "assignee_name": "王芳", "link": None, "created_by": {"kind": "system", "id": None, "name": ""},
        "created_at": to_wire(utcnow()), "completed_at": None, "completed_by": None, "version": version}]}))


def test_key_tasks_come_with_the_stage_once_for_each_visit(deals: Any) -> None:
    _, path = deal(deals)
    [first] = told(deals)[0]["add"]
    assert first["title"] == CALL["title"]
    move(deals, path, name="B")
    assert told(deals)[-1] is None, "who stays comes into no stage"
    tell(deals, first["id"], "done", 2)
    tell(deals, first["id"], "open", 1)
    [shown] = work(deals, path)
    assert [(one["id"], one["state"]) for one in shown["tasks"]] == [(first["id"], "done")], "an older word counts not"
    deals.call(deals.admin, "PUT", f"{path}/stages/stage/checks/budget", {"stage": "new", "ticked": True})
    move(deals, path, stage="talk")
    move(deals, path, stage="new")
    [again] = told(deals)[-1]["add"]
    assert (again["title"], again["id"] != first["id"]) == (CALL["title"], True), "done then is not done now"
    assert move(deals, path, stage="lost").status_code == 200
    assert told(deals)[-1].keys() == {"cancel"}
    assert len(told(deals)[-1]["cancel"]) == 2


def test_tasks_and_check_list_hold_the_gate_and_are_named(deals: Any) -> None:
    _, path = deal(deals)
    refused = move(deals, path, stage="talk")
    assert pointers(refused) == [("/stage", "stage_gate")]
    assert refused.json["errors"][0]["detail"].endswith(
        "these key tasks are done: Call; these points of the check list are ticked: Budget known")
    check = f"{path}/stages/stage/checks/budget"
    assert deals.call(deals.admin, "PUT", check, {"stage": "new", "ticked": True}).status_code == 200
    assert "Budget" not in move(deals, path, stage="talk").json["errors"][0]["detail"]
    tell(deals, told(deals)[0]["add"][0]["id"], "done", 2)
    assert pointers(move(deals, path, stage="offer")) == [("/stage", "stage_gate")], "no key tasks are passed over"
    assert move(deals, path, stage="talk").status_code == 200
    lines = deals.call(deals.admin, "GET", f"{path}/timeline?kind=task").json["items"]
    assert [(one["action"], one["by"]["id"]) for one in lines] == [("ticked", deals.admin)]
    assert "Budget known" in lines[0]["text"]


def test_a_record_that_stood_there_before_is_not_held_by_tasks_that_never_came(deals: Any) -> None:
    _, path = deal(deals, stage="offer")
    stages = [{"value": one["value"], "stage": {**one.get("stage", {}), "tasks": [CALL], "complete": ["tasks"]}}
              if one["value"] == "offer" else {"value": one["value"], "stage": one.get("stage")} for one in STAGES]
    assert deals.call(deals.admin, "PUT", "/objects/deal/fields/stage/stages", {"stages": stages}).status_code == 200
    assert move(deals, path, stage="lost").status_code == 200
    bad = [dict(one, stage={"complete": ["all"]}) if one["value"] == "offer" else one for one in stages]
    assert deals.call(deals.admin, "PUT", "/objects/deal/fields/stage/stages", {"stages": bad}).status_code == 422


def test_tasks_wait_for_an_owner_and_go_with_the_record(deals: Any) -> None:
    made = deals.harness.call_as_service("customer", "POST", "/v1/records/deal", {"name": "A", "stage": "new"})
    path = f"/records/deal/{made.json['id']}"
    assert told(deals) == [None]
    assert work(deals, path)[0]["tasks"][0]["state"] == "waiting"
    move(deals, path, owner_id=deals.wang)
    assert told(deals)[-1]["add"][0]["id"] == work(deals, path)[0]["tasks"][0]["id"]
    move(deals, path, owner_id=deals.li)
    assert told(deals)[-1] == {"hand_over": [work(deals, path)[0]["tasks"][0]["id"]]}


def test_only_who_may_change_the_record_ticks_and_only_in_the_stage_that_he_has_seen(deals: Any) -> None:
    _, path = deal(deals)
    check, body = f"{path}/stages/stage/checks/budget", {"stage": "new", "ticked": True}
    reader = deals.seller(deals.east_team, grant("all"), deal=grant("all", ["read"]))
    blind = deals.seller(deals.east_team, grant("all"), deal=grant("all", stage="none"))
    foreign = deals.seller(deals.east_team, grant("all"), deal=grant("own"))
    asked = {who: deals.call(who, "PUT", check, body).status_code for who in (reader, blind, foreign)}
    assert asked == {reader: 403, blind: 404, foreign: 404}
    assert deals.call(blind, "GET", f"{path}/stages").json == {"items": []}
    assert deals.call(deals.admin, "PUT", check, {"stage": "talk", "ticked": True}).status_code == 409
    assert deals.call(deals.admin, "PUT", check, {"stage": "new", "ticked": 1}).status_code == 422
    assert deals.call(deals.admin, "PUT", f"{check}x", body).status_code == 404
    assert deals.call(deals.admin, "PUT", f"{check.replace(path[14:], new_id())}", body).status_code == 404
    for ticked in (True, True, False):
        assert deals.call(deals.admin, "PUT", check, body | {"ticked": ticked}).status_code == 200
    assert work(deals, path)[0]["checks"][0]["ticked"] is False


def test_work_of_stages_follows_a_merge_and_comes_back_with_its_undo(deals: Any) -> None:
    kept, kept_path = deal(deals)
    gone, gone_path = deal(deals, name="B")
    deals.call(deals.admin, "PUT", f"{gone_path}/stages/stage/checks/budget", {"stage": "new", "ticked": True})
    [own], [other] = (one["add"] for one in told(deals))
    before = [work(deals, path) for path in (kept_path, gone_path)]
    merged = deals.call(deals.admin, "POST", f"/records/deal/{kept}/merge", {"merged": gone})
    assert merged.status_code == 200, merged.json
    [now] = work(deals, kept_path)
    assert [one["id"] for one in now["tasks"]] == [own["id"], other["id"]]
    tell(deals, own["id"], "done", 2)
    said = move(deals, kept_path, stage="talk").json["errors"][0]["detail"]
    assert "Call" in said, "the task of the other one holds the survivor"
    assert "Budget" not in said, "and what was ticked there is ticked"
    tell(deals, own["id"], "open", 3)
    undone = deals.call(deals.admin, "POST", f"/merges/{merged.json['merge_id']}/undo")
    assert undone.status_code == 200, undone.json
    assert [work(deals, path)[0]["checks"] for path in (kept_path, gone_path)] == [one[0]["checks"] for one in before]
    assert [[one["id"] for one in work(deals, path)[0]["tasks"]] for path in (kept_path, gone_path)] == [
        [own["id"]], [other["id"]]]


def test_a_tick_of_both_stays_with_each_when_a_merge_is_undone(deals: Any) -> None:
    (kept, kept_path), (gone, gone_path) = deal(deals), deal(deals, name="B")
    for path in (kept_path, gone_path):
        deals.call(deals.admin, "PUT", f"{path}/stages/stage/checks/budget", {"stage": "new", "ticked": True})
    before = [work(deals, path)[0]["checks"] for path in (kept_path, gone_path)]
    id = deals.call(deals.admin, "POST", f"/records/deal/{kept}/merge", {"merged": gone}).json["merge_id"]
    assert work(deals, kept_path)[0]["checks"] == before[0]
    assert deals.call(deals.admin, "POST", f"/merges/{id}/undo").status_code == 200
    assert [work(deals, path)[0]["checks"] for path in (kept_path, gone_path)] == before

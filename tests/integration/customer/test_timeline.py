"""One timeline over everything about a record: kinds, people, time, pages, rights; on both databases."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from services.customer.consumers import RUN_RECORDED, TASK_CHANGED

from .conftest import grant


def line_of(company: Any, who: str, id: str, **asked: Any) -> Any:
    return company.call(who, "GET", f"/records/customer/{id}/timeline", query_string=asked)


@pytest.fixture
def customer(company: Any) -> dict[str, Any]:
    """A customer with a change, a contact, two leads of different people and a run of a rule."""
    made = company.call(company.admin, "POST", "/records/customer", {"name": "恒科"}).json
    company.call(company.admin, "PATCH", f"/records/customer/{made['id']}", {"phone": "13857101234"})
    company.call(company.wang, "POST", "/records/contact", {"name": "李雷", "customer_id": made["id"]})
    company.lead(company.wang, name="Mine", customer_id=made["id"], note="第一次拜访")
    company.lead(company.li, name="Foreign", customer_id=made["id"])
    company.harness.deliver(company.harness.message(RUN_RECORDED, {"runs": [{
        "id": new_id(), "rule_id": new_id(), "rule_name": {"en": "Rule"}, "object": "customer", "record_id": made["id"],
        "outcome": "done", "actions": [], "detail": None, "at": to_wire(utcnow())}]}))
    return made


def test_everything_about_a_customer_stands_in_one_line(company: Any, customer: dict[str, Any]) -> None:
    every = "change,run,message,task,related"
    items = line_of(company, company.admin, customer["id"], kind=every).json["items"]
    assert sorted(item["kind"] for item in items) == ["change", "change", "related", "related", "related", "run"]
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
    titles = {item["record"]["title"]: item["text"] for item in items if item["kind"] == "related"}
    assert titles == {"李雷": None, "Mine": "第一次拜访", "Foreign": None}
    assert [item["kind"] for item in line_of(company, company.admin, customer["id"]).json["items"]] == [
        "run", "change", "change"]


def test_what_was_told_about_its_deals_stands_in_the_line_of_the_customer(company: Any,
                                                                          customer: dict[str, Any]) -> None:
    mine, foreign = (company.lead(who, name=name, customer_id=customer["id"])["id"]
                     for who, name in ((company.wang, "Deal"), (company.li, "Other deal")))
    run = {"rule_id": new_id(), "rule_name": {"en": "Rule"}, "object": "lead", "actions": [], "outcome": "done",
           "detail": None, "at": to_wire(utcnow())}
    company.harness.deliver(company.harness.message(RUN_RECORDED, {
        "runs": [{**run, "id": new_id(), "record_id": id} for id in (mine, foreign)]}))

    def told(who: str, kind: str) -> list[Any]:
        items = line_of(company, who, customer["id"], kind=kind).json["items"]
        return sorted((one["record"]["title"], one["record"]["id"]) for one in items
                      if one["kind"] == "run" and "record" in one)

    assert told(company.admin, "related,run") == [("Deal", mine), ("Other deal", foreign)]
    assert told(company.wang, "related,run") == [("Deal", mine)], "of records that he may read"
    assert told(company.admin, "run") == told(company.admin, "related,task") == []


def test_the_line_of_an_approval_says_how_it_was_decided(company: Any, customer: dict[str, Any]) -> None:
    task = {"title": "Price", "kind": None, "due_at": None, "assignee_id": company.li, "assignee_name": "李雷",
            "link": {"object": "customer", "id": customer["id"], "title": "恒科"}, "created_at": to_wire(utcnow()),
            "created_by": {"kind": "process", "id": None, "name": "Offer"}, "completed_at": None, "completed_by": None}
    for decision, action, state in (("rejected", "completed", "done"), ("withdrawn", "cancelled", "cancelled")):
        company.harness.deliver(company.harness.message(TASK_CHANGED, {"action": action, "tasks": [
            {**task, "id": new_id(), "state": state, "version": 2, "decision": decision}]}))
    reader = company.harness.user("陈", None, (company.harness.role({"customer": grant("all")}),), locale="zh-CN")
    chinese = {one["text"] for one in line_of(company, reader, customer["id"], kind="task").json["items"]}
    assert chinese == {"李雷 驳回了“Price”", "“Price”：申请已撤回"}
    english = {one["text"] for one in line_of(company, company.admin, customer["id"], kind="task").json["items"]}
    assert english == {"“Price” rejected by 李雷", "“Price”: the application was withdrawn"}


def test_a_run_that_fails_after_it_was_told_is_told_again(company: Any, customer: dict[str, Any]) -> None:
    run = {"id": new_id(), "rule_id": new_id(), "rule_name": {"en": "Rule"}, "object": "customer", "actions": [],
           "record_id": customer["id"], "detail": {"en": "It runs already."}, "at": to_wire(utcnow())}
    for outcome in ("done", "failed", "failed"):
        company.harness.deliver(company.harness.message(RUN_RECORDED, {"runs": [{**run, "outcome": outcome}]}))
    lines = line_of(company, company.admin, customer["id"], kind="run").json["items"]
    assert sorted(one["action"] for one in lines) == ["done", "done", "failed"]


def test_the_reader_sees_only_what_he_might_open(company: Any, customer: dict[str, Any]) -> None:
    seen = line_of(company, company.wang, customer["id"], kind="related").json["items"]
    assert sorted(item["record"]["title"] for item in seen) == ["Mine", "李雷"]
    role = grant("all", note="none", name="none")
    blind = company.seller(company.east_team, role, contact={"actions": [], "scope": "own", "fields": {}})
    seen = line_of(company, blind, customer["id"], kind="related").json["items"]
    assert [(item["record"]["title"], item["text"]) for item in seen] == [(None, None), (None, None)]
    unlinked = company.seller(company.east_team, grant("all", customer_id="none"))
    seen = line_of(company, unlinked, customer["id"], kind="related").json["items"]
    assert [item["record"]["object"] for item in seen] == ["contact"]


def test_it_is_filtered_by_kind_person_and_time(company: Any, customer: dict[str, Any]) -> None:
    every = "change,run,related"
    mine = line_of(company, company.admin, customer["id"], kind=every, by=company.wang).json["items"]
    assert {item["kind"] for item in mine} == {"related"}
    assert len(mine) == 2
    time.sleep(0.01)
    now = to_wire(utcnow())
    time.sleep(0.01)
    company.lead(company.wang, name="Later", customer_id=customer["id"])
    later = line_of(company, company.admin, customer["id"], kind=every, **{"from": now}).json["items"]
    assert [item["record"]["title"] for item in later] == ["Later"]
    assert len(line_of(company, company.admin, customer["id"], kind=every, to=now).json["items"]) == 6


def test_pages_give_every_line_once(company: Any, customer: dict[str, Any]) -> None:
    every = "change,run,related"
    whole = [item["id"] for item in line_of(company, company.admin, customer["id"], kind=every).json["items"]]
    found, cursor = [], None
    while True:
        asked = {"kind": every, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = line_of(company, company.admin, customer["id"], **asked).json
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole
    first = line_of(company, company.admin, customer["id"], kind=every, limit=2).json["next_cursor"]
    assert line_of(company, company.admin, customer["id"], kind="change", limit=2, cursor=first).status_code == 422


@pytest.mark.parametrize(("asked", "pointer"), [
    ({"kind": "nonsense"}, "?kind"), ({"by": "me"}, "?by"), ({"from": "yesterday"}, "?from"),
    ({"whose": "x"}, "?whose")])
def test_what_cannot_be_asked_is_said(company: Any, customer: dict[str, Any], asked: dict[str, str],
                                      pointer: str) -> None:
    answer = line_of(company, company.admin, customer["id"], **asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)

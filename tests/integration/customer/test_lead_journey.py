"""Duplicates, conversion, timeline, export, and what other services tell."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.jobs import JobRunner

DIRECTORY_CHANGED = "freehold.gateway.directory.changed.v1"


def run_jobs(company: Any) -> None:
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def test_duplicates_are_found_by_normalised_values(company: Any) -> None:
    values = {"name": "Zhang  San", "company": "ACME 公司", "phone": "13800138000", "email": "A@Example.com"}
    first = company.lead(company.wang, **values)

    def found(values: dict[str, Any], who: str | None = None) -> list[Any]:
        answer = company.call(who or company.wang, "POST", "/records/lead/duplicates", {"values": values})
        return [{name: one[name] for name in ("id", "title", "matched")} for one in answer.json["items"]]

    match = {"id": first["id"], "title": "Zhang  San"}
    assert found({"phone": "+86 138-0013-8000"}) == [match | {"matched": ["phone"]}]
    assert found({"email": "a@EXAMPLE.com", "phone": "13800138000"}) == [match | {"matched": ["email", "phone"]}]
    assert found({"name": "zhang san", "company": "ａｃｍｅ 公司"}) == [match | {"matched": ["company", "name"]}]
    assert found({"name": "zhang san"}) == []
    assert found({"phone": "1"}) == []
    assert found({"phone": "13800138000"}, company.li) == []
    assert company.call(company.wang, "POST", "/records/lead/duplicates", {"values": {"x": 1}}).status_code == 422
    company.call(company.wang, "PATCH", f"/records/lead/{first['id']}", {"phone": None})
    assert found({"phone": "13800138000"}) == []


def test_keys_are_rebuilt_when_the_rules_change(company: Any) -> None:
    id = company.lead(company.wang, company="Only")["id"]
    company.call(company.admin, "PATCH", "/objects/lead", {"duplicate_rules": [{"fields": ["company"]}]})
    run_jobs(company)
    answer = company.call(company.wang, "POST", "/records/lead/duplicates", {"values": {"company": "ONLY"}})
    assert [one["id"] for one in answer.json["items"]] == [id]


def test_a_lead_becomes_customer_and_contact_once(company: Any) -> None:
    lead = company.lead(company.wang, name="Zhang", company="ACME", phone="13800138000")
    path = f"/records/lead/{lead['id']}/convert"
    done = company.call(company.wang, "POST", path, {"values": {"contact": {"name": "Zhang San"}}})
    assert done.status_code == 200, done.json
    made = done.json["created"]
    assert (done.json["record"]["status"], done.json["record"]["customer_id"]) == ("converted", made["customer"])
    customer = company.call(company.wang, "GET", f"/records/customer/{made['customer']}").json
    contact = company.call(company.wang, "GET", f"/records/contact/{made['contact']}").json
    assert (customer["name"], customer["phone"], customer["owner_id"]) == ("ACME", "+8613800138000", company.wang)
    assert (contact["name"], contact["customer_id"]) == ("Zhang San", made["customer"])
    again = company.call(company.wang, "POST", path, {})
    assert (again.status_code, again.json["code"]) == (409, "already_converted")
    assert again.json["created"] == {"customer": made["customer"]}


def test_a_conversion_uses_an_existing_customer_and_leaves_out_what_is_skipped(company: Any) -> None:
    existing = company.call(company.admin, "POST", "/records/customer", {"name": "ACME"}).json["id"]
    path = f"/records/lead/{company.lead(company.wang)['id']}/convert"
    wrong = [{"values": {"nothing": {}}}, {"skip": ["nothing"]}, {"values": {"customer": {"id": new_id()}}},
             {"values": {"customer": {"id": existing, "name": "x"}}}, {"values": []}, {"skip": "x"}, {"more": 1},
             {"values": {"customer": 5}}, {"values": {"contact": {"name": 5}}}]
    for body in wrong:
        assert company.call(company.wang, "POST", path, body).status_code == 422, body
    done = company.call(company.wang, "POST", path, {"values": {"customer": {"id": existing}}, "skip": ["contact"]})
    assert done.json["created"] == {"customer": existing}
    assert len(company.call(company.admin, "GET", "/records/customer").json["items"]) == 1


def test_a_failed_conversion_leaves_nothing_behind(company: Any) -> None:
    lead = company.lead(company.wang)  # without a company the customer has no name
    refused = company.call(company.wang, "POST", f"/records/lead/{lead['id']}/convert", {})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/values/customer/name")
    assert company.call(company.wang, "GET", f"/records/lead/{lead['id']}").json == lead
    assert company.call(company.admin, "GET", "/records/customer").json["items"] == []


def test_the_timeline_merges_history_and_what_others_told(company: Any) -> None:
    harness, id = company.harness, company.lead(company.wang, score=1)["id"]
    for score in (2, 3):
        company.call(company.wang, "PATCH", f"/records/lead/{id}", {"score": score})
    now, link = to_wire(utcnow()), {"object": "lead", "id": id, "title": "x"}
    run = {"id": new_id(), "rule_id": new_id(), "rule_name": {"en": "East", "zh-CN": "华东"}, "object": "lead",
           "record_id": id, "outcome": "done", "actions": [{"type": "assign", "result": None}], "detail": None,
           "at": now}
    task = {"id": new_id(), "title": "Call", "link": link, "assignee_name": "王芳", "version": 1,
            "created_by": {"kind": "rule", "id": run["rule_id"], "name": "East"}}
    delivery = {"id": new_id(), "user_id": company.wang, "channel": "email", "status": "sent", "template": "t",
                "link": {"object": "lead", "id": id}, "at": now}
    messages = [harness.message("freehold.workflow.run.recorded.v1", {"runs": [run]}),
                harness.message("freehold.workflow.task.changed.v1", {"action": "created", "tasks": [task]}),
                harness.message("freehold.notify.delivery.recorded.v1", {"deliveries": [delivery]})]
    harness.deliver(*messages)
    harness.deliver(harness.message("freehold.workflow.run.recorded.v1", {"runs": [run]}))

    items, cursor = [], ""
    while cursor is not None:
        page = company.call(company.wang, "GET", f"/records/lead/{id}/timeline?limit=2&cursor={cursor}").json
        items, cursor = items + page["items"], page["next_cursor"]
    texts = [item["text"] for item in items if item["text"]]
    assert sorted(texts) == [
        "Message to 王芳 by e-mail: sent", "Rule “East” ran: owner assigned", "Task “Call” for 王芳"]
    changes = [item for item in items if item["kind"] == "change"]
    assert [item["action"] for item in changes] == ["updated", "updated", "created"]
    assert changes[0]["changes"] == [{"field": "score", "before": 2, "after": 3}]
    assert changes[0]["by"] == {"id": company.wang, "name": "王芳"}
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)


def test_records_follow_their_owner_into_another_department(company: Any) -> None:
    lead = company.lead(company.wang)
    user = dict(company.harness.service.directory.snapshot().users[company.wang]) | {"department_id": company.north}
    company.harness.update("users", user)
    told = {"version": 99, "users": [user | {"version": 99}], "departments": [], "roles": []}
    company.harness.deliver(company.harness.message(DIRECTORY_CHANGED, told))
    run_jobs(company)
    moved = company.call(company.admin, "GET", f"/records/lead/{lead['id']}").json
    assert (moved["department_id"], moved["version"]) == (company.north, 2)


def test_an_export_is_readable_and_harmless(company: Any) -> None:
    company.lead(company.wang, name="=cmd|' /C calc'!A0", region="east", vip=True, tags=["a", "b"], score=7,
                 expected_amount={"amount": "1000", "currency": "USD"}, called_at="2026-03-01T08:00:00Z")
    roles = company.harness.service.directory.snapshot().users[company.admin]["role_ids"]
    person = company.harness.user("陈", None, roles, locale="zh-CN", timezone="Asia/Shanghai")
    fields = ["name", "region", "expected_amount", "vip", "tags", "score", "called_at", "owner_id"]
    csv = company.call(person, "POST", "/records/lead/export", {"format": "csv", "fields": fields})
    assert csv.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.text.lstrip("\ufeff").strip().splitlines()
    assert head == "姓名,区域,金额,金额 (币种),vip,tags,score,called_at,负责人"
    assert row == "'=cmd|' /C calc'!A0,华东,1000.00,USD,是,\"a, b\",7,2026-03-01 16:00:00,王芳"
    xlsx = company.call(person, "POST", "/records/lead/export", {"format": "xlsx", "fields": fields})
    sheet = load_workbook(io.BytesIO(xlsx.data)).active
    values = [cell.value for cell in sheet[2]]
    assert values == ["=cmd|' /C calc'!A0", "华东", 1000, "USD", "是", "a, b", 7, "2026-03-01 16:00:00", "王芳"]
    assert sheet["A2"].data_type == "s"
    assert company.call(person, "POST", "/records/lead/export", {"format": "pdf"}).status_code == 422
    assert company.call(person, "POST", "/records/lead/export", {"format": "csv", "fields": ["nix"]}).status_code == 422


def test_an_export_of_many_pages_holds_every_record_once(company: Any) -> None:
    for start in (0, 500, 1000):
        operations = [{"action": "create", "values": {"name": f"n{start + place}"}} for place in range(400)]
        company.call(company.wang, "POST", "/records/lead/batch", {"operations": operations})
    csv = company.call(company.wang, "POST", "/records/lead/export", {"format": "csv", "fields": ["name"]})
    names = csv.text.split()[1:]
    assert len(names) == len(set(names)) == 1200

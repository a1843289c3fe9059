"""The main job of the product, told once, embedded and full: from a spreadsheet to a decision."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from freehold.demo.messy import MessySheet, make_sheet, write_sheet
from tests.support.main_job import (
    ENDED,
    Company,
    count_leads,
    eventually,
    found_company,
    lists_by,
    numbers_by,
    run_step,
    upload,
    write_rule,
)
from tests.support.product import Person, Product

ROWS, WRONG = 5000, 400


@pytest.fixture(scope="module")
def company(product: Product) -> Company:
    return found_company(product)


@pytest.fixture(scope="module")
def rule_id(company: Company) -> str:
    return write_rule(company)


@pytest.fixture(scope="module")
def sheet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheets") / "展会线索 2026.xlsx"


@pytest.fixture(scope="module")
def sheet(sheet_file: Path) -> MessySheet:
    sheet = make_sheet(ROWS, WRONG)
    write_sheet(sheet, sheet_file)
    return sheet


@pytest.fixture(scope="module")
def checked(company: Company, sheet: MessySheet, sheet_file: Path, rule_id: str) -> dict[str, Any]:
    made = upload(company.admin, sheet_file)
    return run_step(company.admin, made["id"], "check", ("checked", *ENDED))


@pytest.fixture(scope="module")
def imported(company: Company, checked: dict[str, Any]) -> dict[str, Any]:
    assert count_leads(company.admin) == 0, "a dry run writes nothing"
    return run_step(company.admin, checked["id"], "start", ENDED)


@pytest.fixture(scope="module")
def shared_out(company: Company, imported: dict[str, Any], sheet: MessySheet) -> Counter[str]:
    """Wait until the rule has acted on every lead that it is for; returns how many each seller has got."""
    def all_done() -> Any:
        owners = Counter({id: count_leads(person) for id, person in company.sellers.items()})
        return owners if sum(owners.values()) == sheet.east_large else None

    return eventually(all_done, "all large leads of the East are shared out", 180)


def test_she_sees_before_anything_is_written_what_will_be_created_and_what_is_wrong(
        company: Company, checked: dict[str, Any], sheet: MessySheet) -> None:
    assert checked["state"] == "checked"
    summary = checked["summary"]
    assert (summary["rows"], summary["failed"], summary["create"]) == (ROWS, WRONG, sheet.unique_valid)
    assert checked["preview"]


def test_exactly_the_wrong_rows_come_back_each_with_its_reason(
        company: Company, checked: dict[str, Any], sheet: MessySheet, tmp_path: Path) -> None:
    address, found, cursor = f"/api/customer/v1/imports/{checked['id']}/errors", {}, None
    while True:
        page = company.admin.get(address, limit=200, **({"cursor": cursor} if cursor else {}))
        found |= {row["row"]: row["errors"] for row in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert set(found) == set(sheet.wrong)
    assert all(error["detail"] and error["code"] for errors in found.values() for error in errors)
    file = tmp_path / "errors.xlsx"
    file.write_bytes(company.admin.call("GET", f"{address}.xlsx").body)
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert len(rows) == WRONG + 1


def test_the_import_creates_exactly_the_good_leads(
        company: Company, imported: dict[str, Any], sheet: MessySheet) -> None:
    assert imported["state"] == "finished"
    assert imported["summary"]["create"] == sheet.unique_valid
    assert count_leads(company.admin) == sheet.unique_valid


def test_the_rule_shares_the_leads_out_fairly(shared_out: Counter[str], sheet: MessySheet) -> None:
    assert max(shared_out.values()) - min(shared_out.values()) <= 1


def test_each_seller_finds_his_tasks_and_one_digest(company: Company, shared_out: Counter[str]) -> None:
    for id, person in company.sellers.items():
        eventually(lambda id=id, person=person: person.get("/api/workflow/v1/tasks/summary")["open"] == shared_out[id],
                   "each lead has its task")
        task = person.get("/api/workflow/v1/tasks", limit=1)["items"][0]
        assert (task["title"], task["kind"]) == ("First contact within 24 hours", "first_contact")
        items = eventually(lambda id=id, person=person: _digest(person, shared_out[id]), "one whole digest")
        assert len(items) == 1, items


def _digest(person: Person, leads: int) -> Any:
    items = person.get("/api/notify/v1/inbox")["items"]
    return items if sum(item["count"] for item in items) >= 2 * leads else None  # a lead and a task each


def test_nobody_else_sees_them(company: Company, shared_out: Counter[str]) -> None:
    assert company.northerner is not None
    assert count_leads(company.northerner) == 0
    mine, *_ = company.sellers.values()
    lead = mine.post("/api/customer/v1/records/lead/query", {"limit": 1})["items"][0]
    assert company.northerner.call("GET", f"/api/customer/v1/records/lead/{lead['id']}").status == 404
    assert company.northerner.get("/api/workflow/v1/tasks")["items"] == []


def test_each_run_of_the_rule_is_recorded_with_its_reason(
        company: Company, rule_id: str, shared_out: Counter[str]) -> None:
    run = eventually(lambda: next(iter(company.admin.get(
        "/api/workflow/v1/runs", limit=1, rule_id=rule_id, outcome="done")["items"]), None), "a finished run")
    assert run["reason"]
    assert [action["type"] for action in run["actions"]] == ["assign", "create_task", "notify"]


def test_a_lead_is_followed_up_and_converted(company: Company, shared_out: Counter[str]) -> None:
    seller = next(iter(company.sellers.values()))
    lead = seller.post("/api/customer/v1/records/lead/query", {
        "limit": 1, "criteria": {"field": "company", "op": "is_set"}})["items"][0]
    seller.post("/api/customer/v1/records/activity", {
        "subject": "首次通话", "channel": "phone", "content": "客户需要报价", "lead_id": lead["id"]})
    made = seller.post(f"/api/customer/v1/records/lead/{lead['id']}/convert", {})
    assert set(made["created"]) == {"customer", "contact", "opportunity"}
    for name, id in made["created"].items():
        assert seller.get(f"/api/customer/v1/records/{name}/{id}")["owner_id"] == made["record"]["owner_id"]
    assert made["record"]["status"] == "converted"
    assert seller.call("POST", f"/api/customer/v1/records/lead/{lead['id']}/convert", {}).status == 409
    timeline = eventually(lambda: (items := seller.get(
        f"/api/customer/v1/records/lead/{lead['id']}/timeline", limit=50)["items"]) and any(
            item["kind"] == "run" for item in items) and items, "the rule stands in the timeline")
    assert {item["action"] for item in timeline if item["kind"] == "change"} >= {"created", "updated"}


@pytest.mark.parametrize("dimension", ["source", "region", "owner_id", "status"])
def test_the_dashboard_says_what_the_lists_say_and_only_what_the_viewer_may_see(
        company: Company, shared_out: Counter[str], dimension: str) -> None:
    for person in (company.admin, *company.sellers.values(), company.northerner):
        eventually(lambda person=person: numbers_by(person, dimension) == lists_by(person, dimension),
                   f"report and lists agree by {dimension}", 60)


def test_the_shipped_dashboard_and_the_funnel_answer(company: Company, shared_out: Counter[str]) -> None:
    boards = company.admin.get("/api/report/v1/dashboards")["items"]
    assert boards
    data = company.admin.get(f"/api/report/v1/dashboards/{boards[0]['id']}/data")
    assert data["widgets"]
    assert not [widget for widget in data["widgets"] if widget.get("error")]

    def in_the_funnel() -> int:
        funnel = company.admin.post("/api/report/v1/funnel", {"object": "lead", "field": "status"})
        return sum(int(stage["count"]) for stage in funnel["stages"])
    eventually(lambda: in_the_funnel() == count_leads(company.admin), "the funnel has every lead")


def test_the_same_sheet_again_creates_nothing(
        company: Company, shared_out: Counter[str], sheet: MessySheet, sheet_file: Path) -> None:
    before = count_leads(company.admin)
    made = upload(company.admin, sheet_file)
    again = run_step(company.admin, made["id"], "start", ENDED)
    assert (again["state"], again["summary"]["create"]) == ("finished", 0)
    assert count_leads(company.admin) == before


def test_what_came_in_and_what_left_stands_in_the_audit_log(company: Company, shared_out: Counter[str]) -> None:
    seller = next(iter(company.sellers.values()))
    asked = {"format": "csv", "fields": ["name"], "criteria": {"field": "region", "op": "eq", "value": "east"}}
    rows = seller.call("POST", "/api/customer/v1/records/lead/export", asked).body.count(b"\n") - 1
    def found() -> Any:
        return company.admin.get("/api/gateway/v1/audit", action="records.exported")["items"]
    entry, = eventually(found, "the export stands in the audit log")
    assert entry["detail"] == {"object": "lead", "rows": rows, **asked}
    assert (entry["actor"]["id"], entry["ip"]) == (seller.get("/api/auth/me")["id"], "127.0.0.1")
    eventually(lambda: company.admin.get("/api/gateway/v1/audit", action="import.started")["items"],
               "and so does the import")


def test_a_program_reads_with_a_key_and_writes_only_with_the_scope(product: Product, company: Company) -> None:
    key = company.admin.post("/api/gateway/v1/keys", {"name": "ERP", "scopes": ["customer:read"]})["key"]
    program = Person(product, key)
    assert program.get("/api/customer/v1/records/lead", limit=1)["items"]
    refused = program.call("POST", "/api/customer/v1/records/lead", {"name": "x"})
    assert (refused.status, refused.json["code"]) == (403, "scope_missing")


def test_signing_out_everywhere_ends_every_session(product: Product, company: Company) -> None:
    here = product.administrator()
    there = product.administrator()
    assert here.call("POST", "/api/auth/logout", {"everywhere": True}).status == 204
    eventually(lambda: there.call("GET", "/api/customer/v1/objects").status == 401, "the other session has ended", 15)
    company.admin.token = product.administrator().token

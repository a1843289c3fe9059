"""The review queue: pairs that look alike, decisions that last, who sees what; on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from chassis.jobs import JobRunner
from services.customer.store.duplicates.tables import duplicate_block
from services.customer.usecases.duplicates import scan

from .conftest import grant


def work_off(company: Any) -> None:
    runner = JobRunner(company.harness.service)
    while runner.run_one():
        pass


def look_through(company: Any, object_name: str = "customer") -> dict[str, Any]:
    answer = company.call(company.admin, "POST", f"/duplicates/{object_name}/scan")
    assert answer.status_code == 202, answer.json
    work_off(company)
    return company.call(company.admin, "GET", f"/duplicates/{object_name}/scan").json["scan"]


def pairs(company: Any, who: str | None = None, object_name: str = "customer", state: str = "open") -> list[Any]:
    answer = company.call(who or company.admin, "GET", f"/duplicates/{object_name}?state={state}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def customer(company: Any, name: str, phone: str | None = None) -> str:
    return company.call(company.admin, "POST", "/records/customer", {"name": name, "phone": phone}).json["id"]


@pytest.mark.parametrize(("one", "other"), [
    ("杭州恒科机械有限公司", "恒科機械（杭州）有限公司"), ("Hengke Machinery Co., Ltd.", "HENGKE MACHINERY LIMITED"),
    ("上海华信集团股份有限公司", "上海华信"), ("Müller Maschinenbau GmbH", "Muller Maschinenbau GmbH & Co. KG")])
def test_a_company_is_recognised_behind_its_legal_form(company: Any, one: str, other: str) -> None:
    ids = {customer(company, one), customer(company, other), customer(company, "完全不同的公司")}
    scanned = look_through(company)
    assert (scanned["state"], scanned["records"], scanned["pairs"]) == ("finished", 3, 1)
    [pair] = pairs(company)
    assert {record["id"] for record in pair["records"]} < ids
    assert 0.65 <= pair["score"] <= 1
    assert pair["reasons"][0] == {"field": "name", "reason": "same_core", "alike": 97, "for": True,
                                  "text": "the same but for legal form, brackets or city"}


def test_branches_in_two_cities_are_not_the_same(company: Any) -> None:
    customer(company, "恒科（上海）有限公司")
    customer(company, "恒科（北京）有限公司")
    look_through(company)
    assert pairs(company) == []


def test_decisions_are_remembered_by_later_scans(company: Any) -> None:
    customer(company, "恒科机械有限公司", "13857101234")
    customer(company, "恒科机械", "13857101234")
    look_through(company)
    [pair] = pairs(company)
    decide = f"/duplicates/customer/pairs/{pair['id']}"
    assert company.call(company.admin, "POST", decide, {"decision": "different"}).status_code == 204
    look_through(company)
    assert pairs(company) == []
    [again] = pairs(company, state="different")
    assert (again["id"], again["decided_by"]) == (pair["id"], company.admin)
    assert company.call(company.admin, "POST", decide, {"decision": "perhaps"}).status_code == 422
    assert company.call(company.admin, "POST", decide, {"decision": "open"}).status_code == 204
    assert len(pairs(company)) == 1


def test_a_pair_that_is_alike_no_more_leaves_the_queue(company: Any) -> None:
    customer(company, "恒科机械有限公司")
    other = customer(company, "恒科机械")
    look_through(company)
    assert len(pairs(company)) == 1
    company.call(company.admin, "PATCH", f"/records/customer/{other}", {"name": "大华电子"})
    look_through(company)
    assert pairs(company) == []
    company.call(company.admin, "PATCH", f"/records/customer/{other}", {"name": "恒科機械"})
    look_through(company)
    assert company.call(company.admin, "DELETE", f"/records/customer/{other}").status_code == 204
    assert pairs(company) == []


def test_one_sees_only_pairs_of_records_that_one_sees(company: Any) -> None:
    mine = {"name": "张伟", "phone": "13857101234", "email": "zw@example.cn"}
    company.lead(company.wang, **mine)
    company.lead(company.wang, **mine)
    company.lead(company.li, **mine)
    look_through(company, "lead")
    assert len(pairs(company, company.admin, "lead")) == 3
    [pair] = pairs(company, company.wang, "lead")
    assert len(pairs(company, company.li, "lead")) == 0
    foreign = next(one for one in pairs(company, company.admin, "lead") if one["id"] != pair["id"])
    decide = f"/duplicates/lead/pairs/{foreign['id']}"
    assert company.call(company.wang, "POST", decide, {"decision": "same"}).status_code == 404
    blind = company.seller(company.east_team, grant("all", None, phone="none"))
    assert {reason["field"] for one in pairs(company, blind, "lead") for reason in one["reasons"]} == {
        "name", "email"}
    assert all("phone" not in record for one in pairs(company, blind, "lead") for record in one["records"])


def test_a_scan_goes_on_where_it_was_killed_and_leaves_no_scratch(company: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(scan, "_PIECE", 3)
    monkeypatch.setattr(scan, "_LINES", 5)
    for number in range(7):
        customer(company, f"恒科{number}号机械有限公司", f"1385710{number:04d}")
    customer(company, "恒科3号机械", "13857100003")
    company.call(company.admin, "POST", "/duplicates/customer/scan")
    assert company.call(company.admin, "POST", "/duplicates/customer/scan").json["code"] == "scan_running"
    collect, calls = scan._collect, []

    def dying(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        collect(*args)

    monkeypatch.setattr(scan, "_collect", dying)
    runner = JobRunner(company.harness.service)
    runner.run_one()
    monkeypatch.setattr("services.customer.usecases.duplicates.scan._collect", collect)
    with company.harness.service.db.unit_of_work() as uow:
        uow.connection.exec_driver_sql("UPDATE job SET lease_until = NULL WHERE state = 'queued'")
    work_off(company)
    state = company.call(company.admin, "GET", "/duplicates/customer/scan").json["scan"]
    assert (state["state"], state["records"]) == ("finished", 8)
    found = [{record["name"] for record in one["records"]} for one in pairs(company)]
    assert {"恒科3号机械有限公司", "恒科3号机械"} in found
    with company.harness.service.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(duplicate_block)).scalar() == 0


def test_what_counts_can_be_chosen(company: Any) -> None:
    suggested = company.call(company.admin, "GET", "/duplicates/lead/setup").json
    assert suggested == {"threshold": "0.65", "others": "owner", "is_chosen": False, "fields": [
        {"field": "name", "as": "person"}, {"field": "company", "as": "company"}, {"field": "phone", "as": "phone"},
        {"field": "email", "as": "email"}, {"field": "site", "as": "website"}]}
    chosen = {"fields": [{"field": "code", "as": "number"}], "threshold": "0.90", "others": "exists"}
    answer = company.call(company.admin, "PUT", "/duplicates/lead/setup", chosen)
    assert (answer.status_code, answer.json) == (200, chosen | {"is_chosen": True})
    company.lead(company.wang, name="张伟", code="AB12345")
    company.lead(company.wang, name="李四", code="AB-12345")
    company.lead(company.wang, name="张伟", phone="13857101234")
    look_through(company, "lead")
    assert [[record["code"] for record in one["records"]] for one in pairs(company, object_name="lead")] == [
        ["AB12345", "AB-12345"]]
    for wrong, pointer in (({"fields": []}, "/fields"),
                           ({"fields": [{"field": "x", "as": "phone"}]}, "/fields/0/field"),
                           ({"fields": [{"field": "code", "as": "x"}]}, "/fields/0/as"),
                           ({"fields": [{"field": "code", "as": "exact"}], "threshold": "2"}, "/threshold"),
                           ({"fields": [7]}, "/fields/0")):
        answer = company.call(company.admin, "PUT", "/duplicates/lead/setup", wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert company.call(company.wang, "PUT", "/duplicates/lead/setup", chosen).status_code == 403
    assert company.call(company.wang, "DELETE", "/duplicates/lead/setup").status_code == 403
    assert company.call(company.admin, "DELETE", "/duplicates/lead/setup").status_code == 204
    assert company.call(company.admin, "GET", "/duplicates/lead/setup").json == suggested
    assert company.call(company.wang, "POST", "/duplicates/lead/scan").status_code == 403

"""Kanbans, calendars and totals: bounded, in pages, and under the same rights as lists."""

from __future__ import annotations

from typing import Any

import pytest

from services.customer.queries import totals as totals_module
from services.customer.store.time_limit import TooSlow, limited
from tests.integration.customer.conftest import Company, grant


def board(company: Company, who: str, **asked: Any) -> dict[str | None, list[str]]:
    """Value → names of a kanban's cards."""
    answer = company.call(who, "POST", "/records/lead/kanban", {"group_field": "status", **asked})
    assert answer.status_code == 200, answer.json
    return {column["value"]: [card["name"] for card in column["items"]] for column in answer.json["columns"]}


def add_up(company: Company, who: str, **asked: Any) -> dict[str, Any]:
    """The answer of totals."""
    answer = company.call(who, "POST", "/records/lead/totals", asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def cny(amount: str) -> dict[str, str]:
    """Money of the field's own currency."""
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
def leads(company: Company) -> Company:
    """Leads of two people in three states."""
    for number, (who, status, amount) in enumerate((
            (company.wang, "new", "100.50"), (company.wang, "new", "200.00"), (company.wang, "working", "50.25"),
            (company.li, "new", "1000.00"), (company.li, None, None))):
        company.lead(who, name=f"L{number}", status=status, score=number * 10, visited_on=f"2026-03-0{number + 1}",
                     called_at=f"2026-03-0{number + 1}T20:00:00Z",
                     expected_amount=cny(amount) if amount else None)
    return company


def test_a_kanban_has_a_column_for_each_choice_and_one_for_none(leads: Company) -> None:
    assert board(leads, leads.admin, sort=["name"]) == {
        "new": ["L0", "L1", "L3"], "working": ["L2"], "converted": [], None: ["L4"]}


def test_a_kanban_shows_what_the_caller_may_see(leads: Company) -> None:
    assert board(leads, leads.wang, sort=["name"]) == {
        "new": ["L0", "L1"], "working": ["L2"], "converted": [], None: []}


def test_each_column_has_pages_of_its_own(leads: Company) -> None:
    asked = {"group_field": "status", "sort": ["name"], "limit": 1, "criteria": {"field": "score", "op": "gte",
             "value": 0}}
    first = leads.call(leads.admin, "POST", "/records/lead/kanban", asked).json["columns"][0]
    names = [card["name"] for card in first["items"]]
    while first["next_cursor"]:
        more = {**asked, "columns": ["new"], "cursor": first["next_cursor"]}
        answer = leads.call(leads.admin, "POST", "/records/lead/kanban", more)
        assert answer.status_code == 200, answer.json
        [first] = answer.json["columns"]
        names += [card["name"] for card in first["items"]]
    assert names == ["L0", "L1", "L3"]


def test_moving_a_card_is_a_change_that_knows_its_version(leads: Company) -> None:
    [card] = leads.call(leads.wang, "POST", "/records/lead/kanban", {
        "group_field": "status", "columns": ["working"]}).json["columns"][0]["items"]
    path, seen = f"/records/lead/{card['id']}", {"If-Match": f'"{card["version"]}"'}
    assert leads.call(leads.wang, "PATCH", path, {"status": "new"}, headers=seen).status_code == 200
    assert leads.call(leads.wang, "PATCH", path, {"status": "converted"}, headers=seen).status_code == 412
    assert board(leads, leads.wang)["working"] == []


@pytest.mark.parametrize(("asked", "pointer"), [
    ({"group_field": None}, "/group_field"), ({"group_field": "name"}, "/group_field"),
    ({"columns": ["lost"]}, "/columns/0"), ({"columns": []}, "/columns"), ({"cursor": "x"}, "/cursor"),
    ({"cursor": "x", "columns": ["new", "working"]}, "/cursor"), ({"criteria": {"field": "x", "op": "is_set"}},
    "/criteria/field"), ({"sort": ["note"]}, "/sort"), ({"limit": 0}, "/limit"), ({"more": 1}, "/more"),
])
def test_a_kanban_that_can_not_be_is_told_at_its_place(company: Company, asked: dict[str, Any], pointer: str) -> None:
    answer = company.call(company.admin, "POST", "/records/lead/kanban", {"group_field": "status", **asked})
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_kanban_by_a_hidden_field_does_not_exist(company: Company) -> None:
    blind = company.seller(company.north, grant("all", status="none"))
    answer = company.call(blind, "POST", "/records/lead/kanban", {"group_field": "status"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "unknown_field"
    answer = company.call(blind, "POST", "/records/lead/totals", {"group_field": "status"})
    assert answer.status_code == 422


def test_totals_are_those_of_the_list_under_its_criteria_and_scope(leads: Company) -> None:
    lines = [{"field": "expected_amount", "function": "sum"}, {"field": "score", "function": "average"},
             {"field": "score", "function": "max"}, {"field": "expected_amount", "function": "count"}]
    answer = add_up(leads, leads.admin, totals=lines)
    assert answer["is"] == "exact"
    assert answer["groups"][0]["count"] == 5
    assert [one["value"] for one in answer["groups"][0]["totals"]] == [
        [cny("1350.75")], "20", "40", [{"amount": "4", "currency": "CNY"}]]
    answer = add_up(leads, leads.wang, totals=lines[:1], criteria={"field": "status", "op": "eq", "value": "new"})
    assert (answer["groups"][0]["count"], answer["groups"][0]["totals"][0]["value"]) == (2, [cny("300.50")])


def test_totals_of_each_column_stand_beside_its_value(leads: Company) -> None:
    answer = add_up(leads, leads.admin, group_field="status",
                    totals=[{"field": "expected_amount", "function": "sum"}])
    found = {group["value"]: (group["count"], group["totals"][0]["value"]) for group in answer["groups"]}
    assert found == {"new": (3, [cny("1300.50")]), "working": (1, [cny("50.25")]), None: (1, [])}


def test_amounts_of_two_currencies_are_two_sums(leads: Company) -> None:
    leads.lead(leads.wang, name="US", expected_amount={"amount": "7.00", "currency": "USD"})
    answer = add_up(leads, leads.wang, totals=[{"field": "expected_amount", "function": "sum"}])
    assert answer["groups"][0]["totals"][0]["value"] == [cny("350.75"), {"amount": "7.00", "currency": "USD"}]


def test_a_table_that_is_too_large_for_the_time_is_said_in_part(
        leads: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def slow_at_first(connection: Any, seconds: float) -> Any:
        asked.append(seconds)
        if len(asked) == 1:
            raise TooSlow
        return limited(connection, seconds)

    monkeypatch.setattr(totals_module, "limited", slow_at_first)
    monkeypatch.setattr(totals_module, "PART", 2)
    answer = add_up(leads, leads.admin)
    assert (answer["is"], answer["groups"][0]["count"]) == ("at_least", 2)


def test_a_question_that_takes_too_long_ends(company: Company) -> None:
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"
    with company.harness.service.db.read() as connection:
        with pytest.raises(TooSlow), limited(connection, 0.2):
            connection.exec_driver_sql(long)
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_calendar_has_the_records_of_its_days_in_the_callers_time(leads: Company) -> None:
    days = {"date_field": "visited_on", "from": "2026-03-02", "to": "2026-03-03"}
    answer = leads.call(leads.admin, "POST", "/records/lead/calendar", days)
    assert [one["name"] for one in answer.json["items"]] == ["L1", "L2"]
    shanghai = leads.harness.user("Zhao", leads.north, (leads.harness.role({"lead": grant("all")}),),
                                  timezone="Asia/Shanghai")
    moments = {"date_field": "called_at", "from": "2026-03-02", "to": "2026-03-02"}
    assert [one["name"] for one in leads.call(shanghai, "POST", "/records/lead/calendar", moments).json["items"]] \
        == ["L0"]


def test_what_lasts_into_the_days_is_there_too(leads: Company) -> None:
    leads.call(leads.admin, "POST", "/objects/lead/fields", {"name": "until", "type": "date"})
    leads.lead(leads.wang, name="Fair", visited_on="2026-02-20", until="2026-04-01")
    days = {"date_field": "visited_on", "end_field": "until", "from": "2026-03-30", "to": "2026-03-31"}
    answer = leads.call(leads.wang, "POST", "/records/lead/calendar", days)
    assert [one["name"] for one in answer.json["items"]] == ["Fair"]


def test_a_full_calendar_says_that_there_is_more(leads: Company) -> None:
    asked = {"date_field": "visited_on", "from": "2026-03-01", "to": "2026-03-31", "limit": 3}
    first = leads.call(leads.admin, "POST", "/records/lead/calendar", asked).json
    rest = leads.call(leads.admin, "POST", "/records/lead/calendar", {**asked, "cursor": first["next_cursor"]}).json
    assert [one["name"] for one in [*first["items"], *rest["items"]]] == ["L0", "L1", "L2", "L3", "L4"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(("asked", "pointer"), [
    ({"date_field": "name"}, "/date_field"), ({"from": "March"}, "/from"), ({"to": 7}, "/to"),
    ({"to": "2026-02-01"}, "/to"), ({"to": "2027-02-01"}, "/to"), ({"limit": 5000}, "/limit"),
    ({"end_field": "x"}, "/end_field"), ({"sort": ["name"]}, "/sort"),
])
def test_a_calendar_that_can_not_be_is_told_at_its_place(company: Company, asked: dict[str, Any], pointer: str) -> None:
    days = {"date_field": "visited_on", "from": "2026-03-01", "to": "2026-03-31"}
    answer = company.call(company.admin, "POST", "/records/lead/calendar", {**days, **asked})
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer

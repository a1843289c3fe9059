"""Who sees what: data scope, field access, dashboards and operations, against tables written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.report.conftest import House, grant


@pytest.fixture
def teams(house: House) -> tuple[House, dict[str, str]]:
    """East above East 1, and North; one lead for each person, two for the chief of nobody."""
    east = house.department("East")
    below = house.department("East 1", east)
    north = house.department("North")
    all_leads = {"lead": grant("all"), "customer": grant("all")}
    writers = {"east": house.user("E", east, objects=all_leads), "below": house.user("B", below, objects=all_leads),
               "north": house.user("N", north, objects=all_leads)}
    for name, number in (("east", 1), ("below", 2), ("north", 4)):
        for _ in range(number):
            house.lead(writers[name], region="east", expected_amount={"amount": "1", "currency": "CNY"})
    house.lead(region="north")
    house.sync()
    return house, {"east": east, "below": below, "north": north}


MATRIX = [  # scope of the role, department of the caller, leads that he may count
    ("own", "east", 1),
    ("department", "east", 2),
    ("department", "below", 3),
    ("department_and_below", "east", 4),
    ("department_and_below", "north", 5),
    ("all", "north", 9),
]


def test_nobody_counts_what_he_may_not_see(teams: tuple[House, dict[str, str]]) -> None:
    house, departments = teams
    for scope, department, expected in MATRIX:
        person = house.user("Person", departments[department], objects={"lead": grant(scope)})
        made = house.write("POST", "/records/lead", {"name": "own", "region": "east"}, who=person)
        house.sync()
        assert house.count(person) == expected, (scope, department)
        funnel = house.ask(person, "/funnel", {"object": "lead", "field": "region"}).json
        assert funnel["total"] == expected
        house.customer.call(house.admin, "DELETE", f"/v1/records/lead/{made['id']}")
        house.sync()


def test_somebody_without_a_department_sees_no_department(teams: tuple[House, dict[str, str]]) -> None:
    house, _ = teams
    assert house.count(house.user("Free", objects={"lead": grant("department_and_below")})) == 0


def test_records_that_move_to_another_department_are_counted_there(teams: tuple[House, dict[str, str]]) -> None:
    house, departments = teams
    chief = house.user("Chief", departments["north"], objects={"lead": grant("department")})
    assert house.count(chief) == 4
    owner = house.user("Mover", departments["north"], objects={"lead": grant("all")})
    [lead] = house.write("POST", "/records/lead/query", {"criteria": {"field": "region", "op": "eq", "value": "north"}},
                         who=house.admin)["items"]
    house.write("PATCH", f"/records/lead/{lead['id']}", {"owner_id": owner})
    house.sync()
    assert house.count(chief) == 5


@pytest.mark.parametrize("asked", [
    {"measures": [{"op": "sum", "field": "expected_amount"}]},
    {"measures": [{"op": "count", "field": "expected_amount"}]},
    {"dimensions": [{"field": "expected_amount.currency"}]},
    {"criteria": {"field": "expected_amount", "op": "gt", "value": "0"}},
    {"criteria": {"field": "expected_amount.amount", "op": "is_set"}},
])
def test_an_unreadable_field_does_not_exist(house: House, asked: dict[str, Any]) -> None:
    person = house.user("Person", objects={"lead": grant("all", expected_amount="none")})
    hidden = house.ask(person, "/query", {"object": "lead", **asked})
    ghost = house.ask(house.admin, "/query", {"object": "lead", "measures": [{"op": "sum", "field": "ghost"}]})
    assert hidden.status_code == ghost.status_code == 422
    assert house.ask(house.admin, "/query", {"object": "lead", **asked}).status_code == 200


def test_an_unreadable_choice_has_no_funnel(house: House) -> None:
    person = house.user("Person", objects={"lead": grant("all", status="none")})
    answer = house.ask(person, "/funnel", {"object": "lead", "field": "status"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/field")


def test_who_may_not_read_an_object_is_refused(house: House) -> None:
    person = house.user("Person", objects={"lead": grant("all", ["create"])})
    for path, asked in (("/query", {"object": "lead"}), ("/funnel", {"object": "lead", "field": "status"})):
        answer = house.ask(person, path, asked)
        assert (answer.status_code, answer.json["code"]) == (403, "object_not_readable")


OPERATIONS = [  # permissions, GET /status, POST /rebuild
    ((), 403, 403),
    (("system.read",), 200, 403),
    (("objects.manage",), 403, 403),
    (("system.read", "objects.manage"), 200, 202),
]


def test_only_operators_see_and_rebuild_the_read_model(house: House) -> None:
    for permissions, status, rebuild in OPERATIONS:
        person = house.user("Person", permissions=permissions)
        assert house.ask(person, "/status", method="GET").status_code == status, permissions
        assert house.ask(person, "/rebuild").status_code == rebuild, permissions
    first, second = (house.ask(house.admin, "/rebuild").json["job_id"] for _ in range(2))
    assert first == second


def test_without_a_token_nothing_is_answered(house: House) -> None:
    for method, path in (("POST", "/query"), ("POST", "/funnel"), ("GET", "/dashboards"), ("GET", "/status"),
                         ("POST", "/rebuild")):
        assert house.report.call(None, method, f"/v1{path}", {}).status_code == 401


def test_shares_and_rules_count_as_in_the_lists_and_survive_a_rebuild(teams: tuple[House, dict[str, str]]) -> None:
    house, departments = teams
    person = house.user("Person", departments["north"], objects={"lead": grant("own")})
    lead = house.write("POST", "/records/lead/query", {"limit": 1})["items"][0]
    path = f"/records/lead/{lead['id']}/shares"
    share = house.write("POST", path, {"grantee": f"user:{person}"})["id"]
    rule = house.write("POST", "/sharing/rules", {
        "object": "lead", "name": {"en": "North"}, "criteria": {"field": "region", "op": "eq", "value": "north"},
        "grantees": [f"department:{departments['north']}"]})["id"]
    listed = len(house.customer.call(person, "GET", "/v1/records/lead?limit=50").json["items"])
    assert listed == len({lead["id"]} | {one["id"] for one in house.write("GET", "/records/lead?filter[region]=north")[
        "items"]})
    house.sync()
    assert house.count(person) == listed
    house.rebuild()
    assert house.count(person) == listed
    late = house.customer.published()
    house.customer.call(house.admin, "DELETE", f"/v1{path}/{share}")
    house.customer.call(house.admin, "DELETE", f"/v1/sharing/rules/{rule}")
    house.sync()
    assert house.count(person) == 0
    house.report.deliver(*late)
    assert house.count(person) == 0


def test_a_rule_over_what_the_read_model_does_not_keep_shares_nothing_there(
        teams: tuple[House, dict[str, str]]) -> None:
    house, departments = teams
    house.write("POST", "/objects/lead/fields", {
        "name": "others", "type": "reference_list", "options": {"object": "customer"}})
    person = house.user("Person", departments["north"], objects={"lead": grant("own")})
    house.write("POST", "/sharing/rules", {
        "object": "lead", "name": {"en": "None"}, "criteria": {"field": "others", "op": "is_empty"},
        "grantees": [f"user:{person}"]})
    house.sync()
    assert house.customer.call(person, "GET", "/v1/records/lead?limit=50").json["items"]
    assert house.count(person) == 0

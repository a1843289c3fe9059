"""Layouts of forms: kept with versions, chosen by role and stage, and what they demand is demanded of every write."""

from __future__ import annotations

from typing import Any

from chassis.testkit import contracts

from .conftest import grant
from .test_records import event_body

PATH = "/objects/lead/layouts"
WORKING = {"field": "status", "op": "eq", "value": "working"}
LARGE = {"field": "expected_amount", "op": "gte", "value": "100000"}
EAST = {"field": "region", "op": "eq", "value": "east"}


def placed(name: str, **more: Any) -> dict[str, Any]:
    """A field on a form."""
    return {"field": name, **more}


def layout(key: str, *fields: dict[str, Any], section: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A layout of one section."""
    return {"key": key, "label": {"en": key, "zh-CN": key}, "sections": [{"fields": list(fields), **(section or {})}],
            **more}


def make(company: Any, document: dict[str, Any]) -> dict[str, Any]:
    """A layout that is kept."""
    answer = company.call(company.admin, "POST", PATH, document)
    assert answer.status_code == 201, answer.json
    return answer.json


def pointers(answer: Any) -> list[tuple[str, str]]:
    """What was refused, and where."""
    assert answer.status_code == 422, answer.json
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def test_a_layout_comes_back_whole_has_versions_and_is_published(company: Any) -> None:
    made = make(company, layout("short", placed("name"), placed("phone", required_when=EAST)))
    assert made["sections"][0]["fields"][1] == {
        "field": "phone", "width": "half", "help": {}, "read_only": False, "required": False, "visible_when": None,
        "required_when": EAST}
    assert (made["version"], made["rest"], made["roles"], made["sections"][0]["columns"]) == (1, "show", [], 2)
    changed = company.call(company.admin, "PATCH", f"{PATH}/short", {"position": 5}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"], changed.json["version"]) == (200, '"2"', 2)
    late = company.call(company.admin, "PATCH", f"{PATH}/short", {"position": 6}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.headers["ETag"]) == (412, '"2"')
    assert company.call(company.admin, "GET", f"{PATH}/short").json == changed.json
    assert company.call(company.admin, "POST", PATH, layout("short")).status_code == 409
    assert company.call(company.admin, "DELETE", f"{PATH}/short").status_code == 204
    assert company.call(company.admin, "GET", f"{PATH}/short").status_code == 404
    events = [event_body(one) for one in company.harness.published("freehold.customer.layout.changed.v1")]
    assert [contracts.violations(event) for event in events] == [[], [], []]
    assert [(event["data"]["layout"]["version"], event["data"]["deleted"]) for event in events] == [
        (1, False), (2, False), (3, True)]


def test_every_mistake_in_a_layout_is_named_by_its_place(company: Any) -> None:
    wrong = {"key": "standard", "label": {}, "position": -1, "active": 1, "roles": ["a", "a"], "rest": "away",
             "criteria": {"field": "nothing", "op": "eq", "value": 1}, "more": True,
             "sections": [{"columns": 3, "fields": [placed("name", width="third"), placed("name"), placed("nope"),
                                                    placed("phone", visible_when={"field": "score", "op": "has"})]},
                          "no"]}
    assert sorted(pointers(company.call(company.admin, "POST", PATH, wrong))) == [
        ("/active", "not_boolean"), ("/criteria/field", "criteria.unknown_field"), ("/key", "reserved_name"),
        ("/label", "label_missing"), ("/more", "unknown_field"), ("/position", "bad_position"),
        ("/rest", "not_one_of"), ("/roles/1", "bad_role"), ("/sections/0/columns", "bad_layout_columns"),
        ("/sections/0/fields/0/width", "not_one_of"), ("/sections/0/fields/1/field", "placed_twice"),
        ("/sections/0/fields/2/field", "unknown_field"),
        ("/sections/0/fields/3/visible_when/op", "criteria.operator_not_allowed"), ("/sections/1", "not_an_object")]


def test_what_the_layout_demands_is_demanded_when_its_condition_holds(company: Any) -> None:
    make(company, layout("main", placed("name"), placed("phone", required=True),
                         placed("note", required_when=LARGE)))
    lead = {"name": "王五"}
    amount = {"expected_amount": {"amount": "200000.00", "currency": "CNY"}}
    post = lambda values: company.call(company.wang, "POST", "/records/lead", {**lead, **values})  # noqa: E731
    assert pointers(post({})) == [("/phone", "required_by_layout")]
    assert pointers(post({"phone": "13800138000", **amount})) == [("/note", "required_by_layout")]
    small = post({"phone": "13800138000"})
    assert small.status_code == 201
    change = lambda values: company.call(company.wang, "PATCH", f"/records/lead/{small.json['id']}", values)  # noqa: E731
    assert pointers(change(amount)) == [("/note", "required_by_layout")]
    assert pointers(change({"phone": None})) == [("/phone", "required_by_layout")]
    assert change({**amount, "note": "Why so much"}).status_code == 200
    answer = company.call(company.wang, "POST", "/records/lead", lead, headers={"Accept-Language": "zh-CN"})
    assert answer.json["errors"][0]["detail"]


def test_a_hidden_field_is_not_demanded_and_what_was_lacking_before_is_nobodys_fault(company: Any) -> None:
    old = company.lead(company.wang)["id"]
    make(company, layout("main", placed("name", visible_when={"not": EAST}), placed("phone", required=True),
                         section={"visible_when": {"not": {"field": "vip", "op": "eq", "value": True}}}))
    post = lambda values: company.call(company.wang, "POST", "/records/lead", values)  # noqa: E731
    assert post({"vip": True, "name": "x"}).status_code == 201
    assert pointers(post({})) == [("/name", "required"), ("/phone", "required_by_layout")]
    assert pointers(post({"region": "east"})) == [("/phone", "required_by_layout")]
    assert post({"region": "east", "phone": "13800138000"}).status_code == 201
    assert company.call(company.wang, "PATCH", f"/records/lead/{old}", {"note": "Seen"}).status_code == 200
    assert pointers(company.call(company.wang, "PATCH", f"/records/lead/{old}", {"name": None})) == [
        ("/name", "required")]


def test_the_layout_is_chosen_by_role_by_stage_and_in_order(company: Any) -> None:
    roles = {role["id"]: role for role in company.harness.service.directory.snapshot().roles.values()}
    wang = company.harness.service.directory.snapshot().users[company.wang]
    key = roles[wang["role_ids"][0]]["key"]
    make(company, layout("last", placed("name"), default=True, position=0))
    make(company, layout("stage", placed("score", required=True), criteria=WORKING, position=20))
    make(company, layout("sellers", placed("phone"), roles=[key], position=10, criteria=EAST))
    make(company, layout("off", placed("phone"), active=False, position=1))
    applying = lambda who, query="": company.call(who, "GET", f"/objects/lead/layout{query}").json  # noqa: E731
    assert [one["key"] for one in applying(company.wang)["candidates"]] == ["sellers", "stage", "last", "standard"]
    assert [one["key"] for one in applying(company.admin)["candidates"]] == ["stage", "last", "standard"]
    assert applying(company.wang)["layout"]["key"] == "last"
    east = company.lead(company.wang, region="east", status="working")
    assert applying(company.wang, f"?record_id={east['id']}")["layout"]["key"] == "sellers"
    assert applying(company.admin, f"?record_id={east['id']}")["layout"]["key"] == "stage"
    assert company.call(company.li, "GET", f"/objects/lead/layout?record_id={east['id']}").status_code == 404
    assert pointers(company.call(company.wang, "POST", "/records/lead", {"name": "x", "status": "working"})) == [
        ("/score", "required_by_layout")]
    listed = company.call(company.admin, "GET", PATH).json["items"]
    assert [one["key"] for one in listed] == ["off", "sellers", "stage", "last"]


def test_without_layouts_the_form_follows_the_object(company: Any) -> None:
    company.call(company.admin, "PATCH", "/objects/lead", {"form_sections": [
        {"label": {"en": "Who"}, "columns": 4, "fields": ["name", "note"]}]})
    found = company.call(company.wang, "GET", "/objects/lead/layout").json["layout"]
    assert (found["key"], found["rest"], found["sections"][0]["columns"]) == ("standard", "show", 2)
    assert [(one["field"], one["width"]) for one in found["sections"][0]["fields"]] == [
        ("name", "half"), ("note", "full")]


def test_a_layout_tells_nothing_of_fields_that_its_reader_may_not_see(company: Any) -> None:
    blind = company.seller(company.east_team, grant("own", score="none"))
    secret = {"field": "score", "op": "gte", "value": 50}
    make(company, layout("main", placed("name"), placed("score"), placed("phone", required_when=secret),
                         placed("note", visible_when={"any": [secret, EAST]}),
                         placed("site", visible_when={"not": {"field": "score", "op": "is_empty"}})))
    answer = company.call(blind, "GET", "/objects/lead/layout")
    assert "score" not in answer.text
    fields = {one["field"]: one for one in answer.json["layout"]["sections"][0]["fields"]}
    assert fields["phone"]["required_when"] == {"any": []}
    assert fields["note"]["visible_when"] == {"any": [{"any": []}, EAST]}
    assert fields["site"]["visible_when"] == {"not": {"all": []}}
    assert company.call(blind, "POST", "/records/lead", {"name": "x"}).status_code == 201


def test_what_is_read_only_for_the_caller_is_not_demanded_of_him(company: Any) -> None:
    reader = company.seller(company.east_team, grant("own", phone="read"))
    make(company, layout("main", placed("phone", required=True), placed("note", required=True, read_only=True)))
    assert company.call(reader, "POST", "/records/lead", {"name": "x"}).status_code == 201


def test_services_and_conversions_are_not_held_to_forms(company: Any) -> None:
    for name in ("lead", "customer"):
        answer = company.call(company.admin, "POST", f"/objects/{name}/layouts", layout("main", placed(
            "phone", required=True)))
        assert answer.status_code == 201
    made = company.harness.call_as_service("customer", "POST", "/v1/records/lead", {"name": "x", "company": "y"})
    assert made.status_code == 201
    assert company.call(company.admin, "POST", f"/records/lead/{made.json['id']}/convert", {}).status_code == 200


def test_a_field_that_goes_takes_its_conditions_along_and_stops_nobody(company: Any) -> None:
    make(company, layout("stage", placed("name"), criteria={"field": "score", "op": "is_empty"}, position=1))
    make(company, layout("main", placed("name"), placed("score", required=True), placed(
        "phone", required_when={"field": "score", "op": "is_empty"})))
    assert pointers(company.call(company.wang, "PATCH", f"/records/lead/{company.lead(company.wang)['id']}", {
        "name": None})) == [("/name", "required")]
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/score").status_code == 204
    found = company.call(company.wang, "GET", "/objects/lead/layout").json
    assert [one["key"] for one in found["candidates"]] == ["main", "standard"]
    assert [one["field"] for one in found["layout"]["sections"][0]["fields"]] == ["name", "phone"]
    assert company.call(company.wang, "POST", "/records/lead", {"name": "x"}).status_code == 201


def test_a_batch_points_at_the_operation_that_lacks_something(company: Any) -> None:
    make(company, layout("main", placed("phone", required=True)))
    answer = company.call(company.wang, "POST", "/records/lead/batch", {"operations": [
        {"action": "create", "values": {"name": "a", "phone": "13800138000"}},
        {"action": "create", "values": {"name": "b"}}]})
    results = answer.json["results"]
    assert [one["status"] for one in results] == [201, 422]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/values/phone"

"""What needs a field or an object is told before it goes, with what has to go first."""

from __future__ import annotations

from typing import Any

from chassis.calls import Answer
from chassis.jsonio import dump_bytes

RULE = {"id": "r1", "name": {"en": "Large leads"}, "trigger": {"on": "changed", "fields": ["status"]},
        "criteria": {"all": [{"field": "expected_amount", "op": "gt", "value": "1"}]},
        "actions": [{"type": "set_fields", "values": {"note": "x"}},
                    {"type": "create_task", "title": {"en": "Call {company}"}}]}
BOARD = {"id": "d1", "name": {"en": "Leads"}, "widgets": [
    {"kind": "kpi", "query": {"object": "lead", "measures": [{"op": "count"}]}},
    {"kind": "bar", "query": {"object": "lead", "dimensions": [{"field": "region"}]}},
    {"kind": "bar", "query": {"object": "contact", "dimensions": [{"field": "vip"}]}}]}


def uses(company: Any, path: str, monkeypatch: Any, silent: str = "") -> tuple[set[tuple[Any, ...]], list[str]]:
    real = company.harness.service.calls.request

    def answered(target: str, *args: Any, **more: Any) -> Answer:
        if target == "gateway":  # whose keys verify the caller's token
            return real(target, *args, **more)
        items = {"workflow": [RULE], "report": [BOARD]}[target]
        return Answer(target, 599 if target == silent else 200, dump_bytes({"items": items, "next_cursor": None}))

    monkeypatch.setattr(company.harness.service.calls, "request", answered)
    found = company.call(company.admin, "GET", f"/objects/{path}/uses").json
    return {(one["kind"], one["object"], one["field"] or one["id"], one["blocking"]) for one in found["items"]}, \
        found["silent"]


def formula(company: Any, expression: str) -> None:
    answer = company.call(company.admin, "POST", "/objects/lead/fields", {
        "name": "double", "type": "formula", "options": {"expression": expression, "result": "integer"}})
    assert answer.status_code == 201, answer.json


def test_a_field_is_needed_by_formulas_rules_dashboards_and_its_own_object(company: Any, monkeypatch: Any) -> None:
    formula(company, "score * 2")
    assert uses(company, "lead/fields/score", monkeypatch)[0] == {("formula", "lead", "double", True)}
    assert uses(company, "lead/fields/status", monkeypatch)[0] == {
        ("rule", "lead", "r1", False), ("conversion", "lead", None, True)}
    assert uses(company, "lead/fields/note", monkeypatch)[0] == {("rule", "lead", "r1", False)}
    assert uses(company, "lead/fields/region", monkeypatch)[0] == {
        ("dashboard", "lead", "d1", False), ("list", "lead", None, False)}
    assert ("title", "lead", None, True) in uses(company, "lead/fields/name", monkeypatch)[0]
    assert ("rule", "lead", "r1", False) in uses(company, "lead/fields/company", monkeypatch)[0]
    assert uses(company, "lead/fields/vip", monkeypatch)[0] == set()


def test_an_object_is_needed_by_references_conversions_and_other_services(company: Any, monkeypatch: Any) -> None:
    found, silent = uses(company, "customer", monkeypatch)
    assert {("reference", "contact", "customer_id", True), ("reference", "lead", "customer_id", True),
            ("conversion", "lead", None, False)} <= found
    assert silent == []


def test_a_service_that_does_not_answer_is_named(company: Any, monkeypatch: Any) -> None:
    found, silent = uses(company, "lead", monkeypatch, silent="report")
    assert (found, silent) == ({("rule", "lead", "r1", False)}, ["report"])


def test_the_uses_of_what_does_not_exist_are_not_told(company: Any) -> None:
    for path in ("/objects/nix/uses", "/objects/lead/fields/nix/uses"):
        assert company.call(company.admin, "GET", path).status_code == 404
    assert company.call(company.wang, "GET", "/objects/lead/uses").status_code == 403


def kept(company: Any, monkeypatch: Any, path: str) -> set[tuple[Any, ...]]:
    return {(kind, of, blocking) for kind, of, _, blocking in uses(company, path, monkeypatch)[0]
            if kind in ("view", "web_form", "segment", "sharing", "pool", "retention")}


def test_what_people_keep_is_told_for_the_fields_that_it_names(company: Any, monkeypatch: Any) -> None:
    east = {"field": "region", "op": "eq", "value": "east"}
    made: dict[str, Any] = {
        "/objects/lead/views": {"name": {"en": "East"}, "kind": "list", "criteria": east, "sort": ["-score"],
                                "columns": [{"field": "company"}]},
        "/segments": {"object": "lead", "name": {"en": "East"}, "criteria": east},
        "/sharing/rules": {"object": "lead", "name": {"en": "East"}, "criteria": east,
                           "grantees": [f"user:{company.li}"]},
        "/pools": {"object": "lead", "name": {"en": "East"}, "members": [f"user:{company.li}"], "criteria": east,
                   "masked": ["phone"]},
        "/retention": {"object": "lead", "criteria": east, "field": "created_at", "days": 30, "action": "delete",
                       "active": True}}
    for path, body in made.items():
        answer = company.call(company.admin, "POST", path, body)
        assert answer.status_code == 201, (path, answer.json)
    assert kept(company, monkeypatch, "lead/fields/region") == {
        ("view", "lead", False), ("segment", "lead", False), ("sharing", "lead", False), ("pool", "lead", False),
        ("retention", "lead", True)}
    assert kept(company, monkeypatch, "lead/fields/score") == kept(company, monkeypatch, "lead/fields/company") == {
        ("view", "lead", False)}
    assert kept(company, monkeypatch, "lead/fields/phone") == {("pool", "lead", False)}
    whole = kept(company, monkeypatch, "lead")
    assert {kind for kind, _, _ in whole} >= {"view", "segment", "sharing", "pool", "retention"}
    assert not any(blocking for _, _, blocking in whole)
    refused = company.call(company.admin, "DELETE", "/objects/lead/fields/region")
    assert (refused.status_code, refused.json["code"]) == (409, "field_retained")


def test_a_rule_of_retention_that_is_switched_off_holds_nothing_and_cannot_come_back_broken(
        company: Any, monkeypatch: Any) -> None:
    rule = {"object": "lead", "field": "visited_on", "days": 30, "action": "delete", "criteria": {
        "field": "region", "op": "eq", "value": "east"}}
    id = company.call(company.admin, "POST", "/retention", rule | {"active": True}).json["id"]
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/visited_on").json["code"] == "field_retained"
    assert company.call(company.admin, "PUT", f"/retention/{id}", rule | {"active": False}).status_code == 200
    for field in ("visited_on", "region"):
        assert kept(company, monkeypatch, f"lead/fields/{field}") == {("retention", "lead", False)}
        assert company.call(company.admin, "DELETE", f"/objects/lead/fields/{field}").status_code < 300
    [shown] = company.call(company.admin, "GET", "/retention").json["items"]
    assert (shown["id"], shown["active"]) == (id, False)
    refused = company.call(company.admin, "PUT", f"/retention/{id}", rule | {"active": True})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/field")
    mended = rule | {"active": True, "field": "created_at", "criteria": {"all": []}}
    assert company.call(company.admin, "PUT", f"/retention/{id}", mended).status_code == 200


def test_a_condition_over_related_records_is_a_use_of_their_fields(company: Any, monkeypatch: Any) -> None:
    answer = company.call(company.admin, "POST", "/segments", {
        "object": "customer", "name": {"en": "With large leads"}, "criteria": {
            "related": "lead.customer_id", "op": "some", "where": {"field": "score", "op": "gte", "value": 5}}})
    assert answer.status_code == 201, answer.json
    assert kept(company, monkeypatch, "lead/fields/score") == {("segment", "customer", False)}
    assert kept(company, monkeypatch, "lead/fields/customer_id") == {("segment", "customer", False)}
    assert kept(company, monkeypatch, "lead/fields/company") == set()

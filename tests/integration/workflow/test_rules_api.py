"""Rules over the API: what is accepted, what is refused and where, versions, keys."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from tests.integration.workflow.conftest import LEAD, World, a_change, a_rule

SET = {"type": "set_fields"}
WRONG = [
    ({"name": {}}, "/name", "not_local_text"),
    ({"name": {"en": "x\u0000"}}, "/name/en", "control_characters"),
    ({"key": "Not A Key"}, "/key", "not_a_key"),
    ({"object": "no_such"}, "/object", "object_unknown"),
    ({"object": "../../users"}, "/object", "object_unknown"),
    ({"surprise": 1}, "/surprise", "unknown_field"),
    ({"active": 1}, "/active", "wrong_type"),
    ({"position": -1}, "/position", "out_of_range"),
    ({"position": 2**53}, "/position", "out_of_range"),
    ({"trigger": "created"}, "/trigger", "wrong_type"),
    ({"trigger": {"on": "deleted"}}, "/trigger/on", "not_a_choice"),
    ({"trigger": {"on": "created", "when": 1}}, "/trigger/when", "unknown_field"),
    ({"trigger": {"on": "created", "fields": ["region"]}}, "/trigger/fields", "only_for_changed"),
    ({"trigger": {"on": "changed", "fields": ["region", "nope"]}}, "/trigger/fields/1", "field_unknown"),
    ({"trigger": {"on": "changed", "fields": []}}, "/trigger/fields", "wrong_length"),
    ({"trigger": {"on": "becomes"}, "criteria": {"all": []}}, "/criteria", "becomes_needs_condition"),
    ({"criteria": {"all": [{"field": "nope", "op": "eq", "value": 1}]}}, "/criteria/all/0/field",
     "criteria.unknown_field"),
    ({"criteria": {"all": [{"field": "region", "op": "eq", "value": "west"}]}}, "/criteria/all/0/value",
     "criteria.unknown_choice"),
    ({"criteria": []}, "/criteria", "wrong_type"),
    ({"actions": []}, "/actions", "required"),
    ({"actions": [a_rule()["actions"][0]] * 11}, "/actions", "too_many_actions"),
    ({"actions": [{"type": "launch"}]}, "/actions/0/type", "unknown_action"),
    ({"actions": [{"type": ["set_fields"]}]}, "/actions/0/type", "unknown_action"),
    ({"actions": [{"type": "set_fields"}]}, "/actions/0/values", "required"),
    ({"actions": [SET | {"values": {"nope": 1}}]}, "/actions/0/values/nope", "field_unknown"),
    ({"actions": [SET | {"values": {"owner_id": None}}]}, "/actions/0/values/owner_id", "field_not_settable"),
    ({"actions": [SET | {"values": {"name": None}}]}, "/actions/0/values/name", "required"),
    ({"actions": [SET | {"values": {"name": "x" * 101}}]}, "/actions/0/values/name", "too_long"),
    ({"actions": [SET | {"values": {"name": "a\u0007"}}]}, "/actions/0/values/name", "control_characters"),
    ({"actions": [SET | {"values": {"status": "odd"}}]}, "/actions/0/values/status", "not_a_choice"),
    ({"actions": [SET | {"values": {"status": ["new"]}}]}, "/actions/0/values/status", "not_a_choice"),
    ({"actions": [SET | {"values": {"score": 101}}]}, "/actions/0/values/score", "out_of_range"),
    ({"actions": [SET | {"values": {"score": "5"}}]}, "/actions/0/values/score", "wrong_type"),
    ({"actions": [SET | {"values": {"expected_amount": "5"}}]}, "/actions/0/values/expected_amount", "not_money"),
    ({"actions": [SET | {"values": {"expected_amount": {"amount": "1.005"}}}]}, "/actions/0/values/expected_amount",
     "too_many_decimals"),
    ({"actions": [SET | {"values": {"next_on": "2026-02-30"}}]}, "/actions/0/values/next_on", "not_a_date"),
    ({"actions": [SET | {"values": {"seen_at": "2026-02-03"}}]}, "/actions/0/values/seen_at", "not_a_moment"),
    ({"actions": [{"type": "assign"}]}, "/actions/0/to", "whom_missing"),
    ({"actions": [{"type": "assign", "to": {"user_id": new_id()}}]}, "/actions/0/to/user_id", "user_unknown"),
    ({"actions": [{"type": "assign", "to": {"department_id": new_id()}}]}, "/actions/0/to/department_id",
     "department_unknown"),
    ({"actions": [{"type": "create_task", "title": "x"}]}, "/actions/0/title", "not_local_text"),
    ({"actions": [{"type": "create_task", "title": {"en": "x"}, "due_in": "soon"}]}, "/actions/0/due_in",
     "not_a_duration"),
    ({"actions": [{"type": "create_task", "title": {"en": "x"}, "kind": "nope"}]}, "/actions/0/kind",
     "task_kind_unknown"),
    ({"actions": [{"type": "create_task", "title": {"en": "x"}, "assignee": "me"}]}, "/actions/0/assignee",
     "whom_missing"),
    ({"actions": [{"type": "notify", "to": "owner"}]}, "/actions/0/template", "template_or_message"),
    ({"actions": [{"type": "notify", "to": "owner", "template": "nope"}]}, "/actions/0/template", "template_unknown"),
    ({"actions": [{"type": "notify", "to": "owner", "message": {"en": "x"}, "channels": ["fax"]}]},
     "/actions/0/channels", "channel_unknown"),
    ({"actions": [{"type": "notify", "to": "owner", "template": "../x"}]}, "/actions/0/template", "template_unknown"),
    ({"actions": [{"type": "notify", "to": {"user_id": 5}, "message": {"en": "x"}}]}, "/actions/0/to/user_id",
     "user_unknown"),
]


def test_what_is_wrong_with_a_rule_is_named_with_its_place(world: World) -> None:
    for wrong, pointer, code in WRONG:
        answer = world.call("POST", "/v1/rules", a_rule(**wrong))
        assert answer.status_code == 422, (wrong, answer.json)
        assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json["errors"]], answer.json
        details = [error["detail"] for error in answer.json["errors"]]
        assert all(" " in detail for detail in details), details
    assert world.rows("rule") == []


def test_several_faults_are_listed_together_in_the_language_of_the_caller(world: World) -> None:
    answer = world.call("POST", "/v1/rules", a_rule(trigger={"on": "x"}, actions=[{"type": "y"}]),
                        headers={"Accept-Language": "zh-CN"})
    assert [error["pointer"] for error in answer.json["errors"]] == ["/trigger/on", "/actions/0/type"]
    assert answer.json["errors"][1]["detail"].startswith("未知的动作")


def test_rules_are_for_those_who_manage_rules(world: World) -> None:
    rule = world.rule()
    seller = world.sellers[0]
    for method, path in (("GET", "/v1/rules"), ("POST", "/v1/rules"), ("GET", f"/v1/rules/{rule['id']}"),
                         ("PATCH", f"/v1/rules/{rule['id']}"), ("DELETE", f"/v1/rules/{rule['id']}"),
                         ("GET", f"/v1/rules/{rule['id']}/runs"), ("GET", "/v1/runs")):
        assert world.call(method, path, {} if method in ("POST", "PATCH") else None, seller).status_code == 403


def test_a_rule_comes_back_as_it_was_sent(world: World) -> None:
    sent = a_rule(key="crm.east", active=False, position=7, actions=[
        {"type": "notify", "to": "owner", "template": "lead_assigned"}, *a_rule()["actions"]])
    created = world.call("POST", "/v1/rules", sent)
    assert created.headers["ETag"] == '"1"'
    shown = world.call("GET", f"/v1/rules/{created.json['id']}").json
    assert {name: shown[name] for name in sent} == sent
    assert shown["problem"] is None


def test_a_stale_change_is_refused_and_each_version_is_kept(world: World) -> None:
    rule = world.rule()
    path = f"/v1/rules/{rule['id']}"
    assert world.call("PATCH", path, {"position": 5}, headers={"If-Match": '"1"'}).json["version"] == 2
    assert world.call("PATCH", path, {"position": 6}, headers={"If-Match": '"1"'}).status_code == 412
    assert world.call("PATCH", path, {"position": 5}).json["version"] == 2, "nothing changed"
    versions = world.call("GET", f"{path}/versions").json["items"]
    assert [(one["version"], one["action"], one["rule"]["position"]) for one in versions] == [
        (2, "updated", 5), (1, "created", 100)]
    assert versions[0]["by"]["name"] == "Administrator"


def test_a_key_belongs_to_one_rule(world: World) -> None:
    world.rule(key="a.rule")
    other = world.rule(key="another.rule")
    assert world.call("POST", "/v1/rules", a_rule(key="a.rule")).json["code"] == "rule_key_taken"
    answer = world.call("PATCH", f"/v1/rules/{other['id']}", {"key": "a.rule"})
    assert (answer.status_code, answer.json["code"]) == (409, "rule_key_taken")
    assert len(world.call("GET", "/v1/rules?key=a.rule").json["items"]) == 1


def test_a_deleted_rule_rests_and_its_runs_stay(world: World) -> None:
    rule = world.rule()
    world.created()
    assert world.call("DELETE", f"/v1/rules/{rule['id']}").status_code == 204
    assert world.call("GET", f"/v1/rules/{rule['id']}").status_code == 404
    world.created()
    assert len(world.call("GET", f"/v1/runs?rule_id={rule['id']}").json["items"]) == 1


def test_an_unknown_object_is_asked_for_once(world: World) -> None:
    world.harness.neighbours["customer", "GET", "/v1/objects/deal"] = lambda _: (200, LEAD | {"name": "deal"})
    assert world.call("POST", "/v1/rules", a_rule(object="deal")).status_code == 201
    assert world.call("POST", "/v1/rules", a_rule(object="deal")).status_code == 201
    asked = [one for one in world.harness.asked if one.path == "/v1/objects/deal"]
    assert len(asked) == 1


def test_a_neighbour_that_does_not_answer_makes_a_503_and_no_rule(world: World) -> None:
    world.harness.neighbours["notify", "GET", "/v1/templates/any"] = lambda _: (500, {})
    rule = a_rule(actions=[{"type": "notify", "to": "owner", "template": "any"}])
    assert world.call("POST", "/v1/rules", rule).status_code == 503
    assert world.rows("rule") == []


def test_a_rule_whose_field_is_gone_rests_and_says_why(world: World) -> None:
    rule = world.rule()
    fewer = LEAD | {"version": 2, "fields": [field for field in LEAD["fields"] if field["name"] != "region"]}
    world.harness.deliver(world.harness.message("freehold.customer.object.changed.v1",
                                                {"object": fewer, "deleted": False}))
    world.created()
    assert world.rows("rule_run") == []
    assert "region" in world.call("GET", f"/v1/rules/{rule['id']}").json["problem"]


def test_an_older_definition_of_an_object_changes_nothing(world: World) -> None:
    older = LEAD | {"version": 0, "fields": []}
    world.harness.deliver(world.harness.message("freehold.customer.object.changed.v1",
                                                {"object": older, "deleted": False}))
    world.rule()


def test_runs_page_by_page_without_repeating(world: World) -> None:
    rule = world.rule()
    world.deliver(world.message(*[a_change() for _ in range(5)]))
    seen: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = world.call("GET", f"/v1/rules/{rule['id']}/runs?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [run["id"] for run in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5
    assert len(world.call("GET", f"/v1/rules/{rule['id']}/runs?outcome=pending").json["items"]) == 5
    assert world.call("GET", "/v1/runs?outcome=done&object=lead&bulk=none").json["items"] == []


def test_a_rule_that_does_not_exist_is_a_404(world: World) -> None:
    for path in ("/v1/rules/nonsense", "/v1/rules/%00", f"/v1/rules/{new_id()}"):
        assert world.call("GET", path).status_code == 404
        assert world.call("PATCH", path, {}).status_code == 404

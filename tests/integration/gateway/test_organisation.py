"""Users, departments and roles: what is allowed, what is refused, and what other services hear of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chassis.auth.directory import DIRECTORY_CHANGED, SESSION_REVOKED
from chassis.jsonio import loads
from chassis.testkit.contracts import violations

from .conftest import PASSWORD

ROLE = {"key": "sales", "name": {"en": "Sales", "zh-CN": "销售"}, "permissions": ["imports.run"],
        "objects": {"lead": {"actions": ["read", "update"], "scope": "own", "fields": {"expected_amount": "read"}}}}


def problems(answer: Any) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


def test_a_new_user_without_password_gets_one_that_is_shown_once(gateway: Any) -> None:
    key = {"Idempotency-Key": "one"}
    first = gateway.call("POST", "users", {"username": "WangFang", "name": "王芳"}, headers=key)
    again = gateway.call("POST", "users", {"username": "WangFang", "name": "王芳"}, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json["must_change_password"] is True
    assert "initial_password" not in again.json
    assert again.json["id"] == first.json["id"]
    assert gateway.sign_in("wangfang", first.json["initial_password"]).status_code == 200


def test_everything_wrong_with_a_user_is_told_with_its_place(gateway: Any) -> None:
    answer = gateway.call("POST", "users", {"username": "no spaces", "name": "X", "email": "nobody", "phone": "call me",
                                            "locale": "fr", "timezone": "Mars/Base",
                                            "department_id": "0192e4a0-0000-7000-8000-000000000000"})
    assert answer.status_code == 422
    assert problems(answer) == {"/username": "not_a_username", "/email": "not_an_email", "/phone": "not_a_phone",
                                "/locale": "not_a_choice", "/timezone": "not_a_timezone",
                                "/department_id": "unknown_department"}


def test_guessable_passwords_are_refused(gateway: Any) -> None:
    for password, code in (("short-1", "password_too_short"), ("my-lihua-secret", "password_contains_username"),
                           ("Password2024!", "password_too_common"), ("1234567890", "password_too_common"),
                           ("aaaaaaaaaaaa", "password_too_common"), ("woaini1314", "password_too_common")):
        answer = gateway.call("POST", "users", {"username": "lihua", "name": "Li Hua", "password": password})
        assert problems(answer) == {"/password": code}


def test_user_names_are_one_whatever_their_case_and_width(gateway: Any) -> None:
    gateway.make_user("anna")
    answer = gateway.call("POST", "users", {"username": "ＡＮＮＡ", "name": "Other"})
    assert problems(answer) == {"/username": "taken"}


def test_a_stale_change_is_refused(gateway: Any) -> None:
    user = gateway.make_user("anna")
    newer = gateway.call("PATCH", f"users/{user['id']}", {"name": "Anna K"})
    stale = gateway.call("PATCH", f"users/{user['id']}", {"name": "B"}, headers={"If-Match": f'"{user["version"]}"'})
    assert newer.headers["ETag"] == f'"{newer.json["version"]}"'
    assert stale.status_code == 412


def test_changes_reach_other_services_as_whole_entities(gateway: Any) -> None:
    role = gateway.make("roles", **ROLE)
    user = gateway.make_user("anna", role_ids=[role["id"]])
    last = gateway.published(DIRECTORY_CHANGED)[-1].data
    assert last["users"][0]["role_ids"] == [role["id"]]
    assert last["users"][0]["version"] == last["version"] == user["version"]
    assert "password_hash" not in last["users"][0]
    snapshot = gateway.call("GET", "/v1/directory", token=gateway.service.own_token()).json
    assert {entity["username"] for entity in snapshot["users"]} == {"admin", "anna"}
    assert snapshot["version"] == last["version"]


def test_the_directory_is_for_services_only(gateway: Any) -> None:
    assert gateway.call("GET", "/v1/directory").json["code"] == "services_only"
    role = gateway.make("roles", **ROLE)
    anna = gateway.make_user("anna", role_ids=[role["id"]])
    one = gateway.call("GET", f"/v1/directory?user_id={anna['id']}", token=gateway.service.own_token()).json
    assert [user["username"] for user in one["users"]] == ["anna"]
    assert [known["id"] for known in one["roles"]] == [role["id"]], "so that he may do at once what they allow"


def test_a_change_is_seen_at_once_in_this_process(gateway: Any) -> None:
    role = gateway.make_role("auditor", "audit.read")
    user = gateway.make_user("anna")
    assert gateway.call("GET", "audit", by="anna").status_code == 403
    gateway.call("PATCH", f"users/{user['id']}", {"role_ids": [role["id"]]})
    assert gateway.call("GET", "audit", by="anna").status_code == 200


def test_deactivating_ends_sessions_and_keeps_the_name(gateway: Any) -> None:
    user = gateway.make_user("anna")
    gateway.token("anna")
    assert gateway.call("DELETE", f"users/{user['id']}").status_code == 204
    assert gateway.call("GET", "/api/auth/me", by="anna").status_code == 401
    assert gateway.sign_in("anna").status_code == 401
    assert gateway.published(SESSION_REVOKED)[-1].data["user_id"] == user["id"]
    people = gateway.call("GET", "people").json["items"]
    assert {"id": user["id"], "name": "Anna", "department_id": None, "active": False} in people


def test_every_event_keeps_its_contract(gateway: Any) -> None:
    root = gateway.make("departments", name="Group")
    role = gateway.make("roles", **ROLE)
    user = gateway.make_user("anna", role_ids=[role["id"]], department_id=root["id"])
    gateway.token("anna")
    gateway.call("DELETE", f"users/{user['id']}")
    gateway.call("PATCH", f"users/{user['id']}", {"role_ids": []})
    gateway.call("DELETE", f"roles/{role['id']}")
    for message in gateway.published(DIRECTORY_CHANGED) + gateway.published(SESSION_REVOKED):
        assert violations(loads(message.to_json())) == []


# the last administrator


@pytest.mark.parametrize("change", [{"active": False}, {"role_ids": []}])
def test_the_last_administrator_stays(gateway: Any, change: dict[str, Any]) -> None:
    admin = gateway.call("GET", "/api/auth/me").json
    assert gateway.call("PATCH", f"users/{admin['id']}", change).json["code"] == "last_administrator"
    assert gateway.call("DELETE", f"users/{admin['id']}").status_code == 409
    second = gateway.make_user("second", role_ids=[admin["roles"][0]["id"]])
    assert gateway.call("PATCH", f"users/{admin['id']}", change, by="second").status_code == 200
    assert gateway.call("DELETE", f"users/{second['id']}", by="second").status_code == 409


def test_two_administrators_cannot_close_each_other_at_the_same_moment(gateway: Any) -> None:
    admin = gateway.call("GET", "/api/auth/me").json
    second = gateway.make_user("second", role_ids=[admin["roles"][0]["id"]])
    tokens, codes = (gateway.token(), gateway.token("second")), []

    def close(token: str, id: str) -> None:
        client = gateway.app.test_client()
        codes.append(client.delete(f"/v1/users/{id}", headers={"Authorization": f"Bearer {token}"}).status_code)

    threads = [threading.Thread(target=close, args=pair)
               for pair in zip(tokens, (second["id"], admin["id"]), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(204) == 1
    assert set(codes) <= {204, 409, 401}


def test_sign_ins_renewals_and_closings_never_wait_for_each_other_in_a_circle(make_gateway: Any) -> None:
    gateway = make_gateway(lockout_after="1000", sign_in_rate="")
    user = gateway.make_user("anna")
    statuses: list[int] = []

    def busy(turn: int) -> None:
        client = gateway.app.test_client()
        admin = {"Authorization": f"Bearer {gateway.token()}"}
        for _ in range(4):
            signed = client.post("/api/auth/login", json={"username": "anna", "password": PASSWORD})
            old = (signed.json or {}).get("refresh_token", "none")
            answers = [signed, *(client.post("/api/auth/refresh", json={"refresh_token": old}) for _ in range(2)),
                       client.patch(f"/v1/users/{user['id']}", json={"active": turn % 2 == 0}, headers=admin),
                       client.post(f"/v1/users/{user['id']}/sign-out", headers=admin),
                       client.patch(f"/v1/users/{user['id']}", json={"active": True}, headers=admin)]
            statuses.extend(answer.status_code for answer in answers)

    threads = [threading.Thread(target=busy, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 204, 401}


def test_the_shipped_role_cannot_be_weakened_or_removed(gateway: Any) -> None:
    role = gateway.call("GET", "/api/auth/me").json["roles"][0]
    for change in ({"permissions": []}, {"objects": {}}, {"key": "chief"}):
        assert gateway.call("PATCH", f"roles/{role['id']}", change).json["code"] == "role_protected"
    assert gateway.call("DELETE", f"roles/{role['id']}").json["code"] == "role_protected"
    assert gateway.call("PATCH", f"roles/{role['id']}", {"name": {"en": "Chief"}}).status_code == 200


# power


def test_nobody_gives_away_power_that_he_lacks(gateway: Any) -> None:
    admin = gateway.call("GET", "/api/auth/me").json
    clerk = gateway.make_role("clerk", "users.manage")
    gateway.make_user("clerk", role_ids=[clerk["id"]])
    grant = gateway.call("POST", "users", {"username": "x1", "name": "X", "role_ids": [admin["roles"][0]["id"]]},
                         by="clerk")
    assert grant.json["code"] == "more_powerful_role"
    for method, path, body in (("POST", f"users/{admin['id']}/reset-password", None),
                               ("PATCH", f"users/{admin['id']}", {"email": "mine@example.com"}),
                               ("DELETE", f"users/{admin['id']}", None)):
        assert gateway.call(method, path, body, by="clerk").json["code"] == "more_powerful_user"
    assert gateway.call("POST", "users", {"username": "x2", "name": "X", "role_ids": [clerk["id"]]},
                        by="clerk").status_code == 201


def test_people_without_permission_see_no_administration(gateway: Any) -> None:
    gateway.make_user("anna")
    for path in ("users", "departments", "roles", "keys", "audit"):
        assert gateway.call("GET", path, by="anna").json["code"] == "permission_missing"
        assert gateway.call("GET", path, by=None).status_code == 401


# roles


def test_wrong_role_bodies_are_refused_with_their_place(gateway: Any) -> None:
    answer = gateway.call("POST", "roles", {
        "key": "Sales Team", "name": {"en": "x"}, "permissions": ["imports.run", "world.rule"],
        "objects": {"lead": {"actions": ["read", "fly"], "scope": "galaxy", "fields": {"amount": "guess"}, "more": 1},
                    "Deal!": {"actions": []}, "task": 7}})
    assert problems(answer) == {
        "/key": "not_a_key", "/permissions/1": "not_a_choice", "/objects/lead/actions/1": "not_a_choice",
        "/objects/lead/scope": "not_a_choice", "/objects/lead/fields/amount": "not_a_choice",
        "/objects/lead/more": "unknown_field", "/objects/Deal!": "invalid", "/objects/task": "not_an_object"}


def test_unhashable_values_in_a_role_are_refused(gateway: Any) -> None:
    for entry in ({"actions": [["read"]], "scope": "own"}, {"actions": ["read"], "scope": {}},
                  {"actions": ["read"], "fields": {"a": []}}):
        answer = gateway.call("POST", "roles", {"key": "k", "name": {"en": "x"}, "objects": {"lead": entry}})
        assert answer.status_code == 422


def test_a_role_that_somebody_has_is_not_removed(gateway: Any) -> None:
    role = gateway.make("roles", **ROLE)
    user = gateway.make_user("anna", role_ids=[role["id"]])
    assert gateway.call("DELETE", f"roles/{role['id']}").json["code"] == "role_in_use"
    gateway.call("PATCH", f"users/{user['id']}", {"role_ids": []})
    assert gateway.call("DELETE", f"roles/{role['id']}").status_code == 204
    assert gateway.published(DIRECTORY_CHANGED)[-1].data["roles"][0]["deleted"] is True


# departments


def test_a_department_cannot_hang_under_itself(gateway: Any) -> None:
    root = gateway.make("departments", name="Group")
    east = gateway.make("departments", name="East", parent_id=root["id"])
    city = gateway.make("departments", name="上海", parent_id=east["id"])
    assert city["path"] == "Group / East / 上海"
    for child in (root, east, city):
        answer = gateway.call("PATCH", f"departments/{root['id']}", {"parent_id": child["id"]})
        assert problems(answer) == {"/parent_id": "department_circle"}


def test_renaming_carries_the_paths_below_and_tells_all_of_them(gateway: Any) -> None:
    root = gateway.make("departments", name="Group")
    east = gateway.make("departments", name="East", parent_id=root["id"])
    city = gateway.make("departments", name="Town", parent_id=east["id"])
    gateway.call("PATCH", f"departments/{east['id']}", {"name": "华东"})
    assert gateway.call("GET", f"departments/{city['id']}").json["path"] == "Group / 华东 / Town"
    told = gateway.published(DIRECTORY_CHANGED)[-1].data["departments"]
    assert {body["id"] for body in told} == {east["id"], city["id"]}


def test_the_tree_is_at_most_twenty_levels_deep(gateway: Any) -> None:
    parent = None
    for level in range(20):
        parent = gateway.make("departments", name=f"L{level}", parent_id=parent)["id"]
    answer = gateway.call("POST", "departments", {"name": "L20", "parent_id": parent})
    assert problems(answer) == {"/parent_id": "department_too_deep"}


def test_only_an_empty_department_is_removed(gateway: Any) -> None:
    root = gateway.make("departments", name="Group")
    east = gateway.make("departments", name="East", parent_id=root["id"])
    user = gateway.make_user("anna", department_id=east["id"])
    assert gateway.call("DELETE", f"departments/{root['id']}").json["code"] == "department_not_empty"
    assert gateway.call("DELETE", f"departments/{east['id']}").json["code"] == "department_not_empty"
    gateway.call("PATCH", f"users/{user['id']}", {"department_id": None})
    assert gateway.call("DELETE", f"departments/{east['id']}").status_code == 204
    assert gateway.call("DELETE", f"departments/{root['id']}").status_code == 204


# lists


def test_lists_page_without_repeating_or_losing_anybody(gateway: Any) -> None:
    for number in range(7):
        gateway.make_user(f"u{number}", name="同名")
    seen, cursor = [], None
    while True:
        page = gateway.client.get("/api/gateway/v1/users", query_string={"limit": 3, "q": "同名"} | (
            {"cursor": cursor} if cursor else {}), headers={"Authorization": f"Bearer {gateway.token()}"}).json
        seen += [user["username"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"u{number}" for number in range(7)]


def test_search_takes_percent_and_underscore_literally(gateway: Any) -> None:
    gateway.make_user("anna", name="100% Anna")
    gateway.make_user("bert")
    found = gateway.call("GET", "users?q=%25").json["items"]
    assert [user["username"] for user in found] == ["anna"]
    assert gateway.call("GET", "users?q=_").json["items"] == []


def test_broken_bodies_are_never_a_500(gateway: Any) -> None:
    for body in (b"\xff\xfe", b"[]", b'{"username":"a"', b'{"username":1,"name":"x"}', b'{"username":null,"name":"x"}',
                 b'{"username":"a\\u0000","name":"x"}', b'{"username":"a","name":"x","id":"1"}',
                 b'{"username":"a","name":"x","role_ids":["1"]}'):
        answer = gateway.client.post("/api/gateway/v1/users", data=body, content_type="application/json",
                                     headers={"Authorization": f"Bearer {gateway.token()}"})
        assert answer.status_code in (400, 422), body
        assert answer.json["instance"] == "/api/gateway/v1/users"


def test_field_rules_for_one_person_stand_in_place_of_what_his_roles_say(gateway: Any) -> None:
    role = gateway.call("POST", "roles", ROLE).json
    rules = {"lead": {"expected_amount": "write", "phone": "masked"}, "order": {}}
    user = gateway.call("POST", "users", {"username": "wang", "name": "Wang", "role_ids": [role["id"]],
                                          "field_rules": rules})
    assert (user.status_code, user.json["field_rules"]) == (201, {"lead": rules["lead"]})
    assert gateway.call("GET", f"users/{user.json['id']}").json["field_rules"] == {"lead": rules["lead"]}
    snapshot = gateway.service.directory.snapshot(fresh=True)
    policy = snapshot.policies_of(snapshot.users[user.json["id"]])("lead")
    assert (policy.access("expected_amount"), policy.access("phone"), policy.access("note")) == (
        "write", "masked", "write")
    assert policy.scopes == {"own"}
    assert snapshot.policy((role["id"],), "lead").access("expected_amount") == "read"


def test_wrong_field_rules_are_told_with_their_places(gateway: Any) -> None:
    for rules, wrong in (
            ({"lead": {"phone": "sometimes"}}, {"/field_rules/lead/phone": "not_a_choice"}),
            ({"*": {"phone": "none"}}, {"/field_rules/*": "invalid"}),
            ({"lead": []}, {"/field_rules/lead": "not_an_object"}),
            ({"lead": {"No Name": "none"}}, {"/field_rules/lead/No Name": "invalid"})):
        answer = gateway.call("POST", "users", {"username": "wang", "name": "Wang", "field_rules": rules})
        assert (answer.status_code, problems(answer)) == (422, wrong)


def test_only_who_may_write_roles_sets_field_rules(gateway: Any) -> None:
    gateway.make_user("clerk", role_ids=[gateway.make_role("clerk", "users.manage")["id"]])
    wang = gateway.call("POST", "users", {"username": "wang", "name": "Wang"}, by="clerk").json
    refused = gateway.call("PATCH", f"users/{wang['id']}", {"field_rules": {"lead": {"phone": "none"}}}, by="clerk")
    assert (refused.status_code, refused.json["code"]) == (403, "permission_missing")
    same = gateway.call("PATCH", f"users/{wang['id']}", {"name": "Wang Fang", "field_rules": {}}, by="clerk")
    assert same.status_code == 200

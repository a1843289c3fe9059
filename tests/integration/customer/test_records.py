"""One record: created, read, changed, deleted, and everything that is refused."""

from __future__ import annotations

from typing import Any

from chassis.testkit import contracts

RECORD_CHANGED = "freehold.customer.record.changed.v1"
FULL = {
    "name": "Zhang San", "company": "上海测试有限公司", "phone": "138 0013 8000", "email": "Zhang@Example.COM",
    "region": "east", "expected_amount": {"amount": "100000", "currency": "CNY"}, "score": 50, "rate": "12.5",
    "visited_on": "2026-03-01", "called_at": "2026-03-01T08:00:00+08:00", "vip": True, "tags": ["b", "a"],
    "note": "line 1\r\nline 2", "site": "www.example.com", "place": "浙江省/杭州市", "code": "X-1",
}


def test_every_type_comes_back_in_its_canonical_form(company: Any) -> None:
    made = company.lead(company.wang, **FULL)

    read = company.call(company.wang, "GET", f"/records/lead/{made['id']}").json
    assert read == made
    expected = FULL | {
        "phone": "+8613800138000", "email": "Zhang@example.com", "rate": "12.5000", "tags": ["a", "b"],
        "expected_amount": {"amount": "100000.00", "currency": "CNY"}, "called_at": "2026-03-01T00:00:00.000Z",
        "note": "line 1\nline 2", "site": "https://www.example.com", "status": "new", "number": "L-00001",
        "owner_id": company.wang, "department_id": company.east_team, "version": 1, "customer_id": None}
    assert {name: read[name] for name in expected} == expected


WRONG_VALUES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": None}, "/name", "required"),
    ({"name": 5}, "/name", "not_text"),
    ({"name": "x" * 256}, "/name", "too_long"),
    ({"name": "a\u0007b"}, "/name", "control_characters"),
    ({"nothing": 1}, "/nothing", "unknown_field"),
    ({"version": 3}, "/version", "read_only"),
    ({"id": "x"}, "/id", "read_only"),
    ({"number": "L-9"}, "/number", "read_only"),
    ({"created_at": "2020-01-01T00:00:00Z"}, "/created_at", "read_only"),
    ({"phone": "12"}, "/phone", "bad_phone"),
    ({"email": "no"}, "/email", "bad_email"),
    ({"region": "west"}, "/region", "not_a_choice"),
    ({"tags": "a"}, "/tags", "not_list"),
    ({"tags": ["z"]}, "/tags", "not_a_choice"),
    ({"score": 101}, "/score", "too_large"),
    ({"score": 10**18}, "/score", "too_large"),
    ({"score": True}, "/score", "not_integer"),
    ({"score": "5"}, "/score", "not_integer"),
    ({"rate": "1e5"}, "/rate", "not_number"),
    ({"rate": "1.23456"}, "/rate", "too_many_decimals"),
    ({"rate": "9" * 39}, "/rate", "number_too_big"),
    ({"expected_amount": 5}, "/expected_amount", "not_money"),
    ({"expected_amount": {"amount": "5", "currency": "XXX"}}, "/expected_amount", "unknown_currency"),
    ({"expected_amount": {"amount": "5", "more": 1}}, "/expected_amount", "not_money"),
    ({"visited_on": "2026-02-30"}, "/visited_on", "no_such_date"),
    ({"visited_on": "01.02.2026"}, "/visited_on", "not_date"),
    ({"called_at": "2026-03-01T08:00:00"}, "/called_at", "not_datetime"),
    ({"called_at": "0001-01-01T00:00:00+14:00"}, "/called_at", "no_such_date"),
    ({"vip": "yes"}, "/vip", "not_boolean"),
    ({"site": "javascript:alert(1)"}, "/site", "bad_url"),
    ({"site": "http://[broken"}, "/site", "bad_url"),
    ({"place": "a//b"}, "/place", "bad_region"),
    ({"owner_id": "nobody"}, "/owner_id", "not_an_id"),
    ({"owner_id": "0199d0a0-0000-7000-8000-000000000000"}, "/owner_id", "unknown_user"),
    ({"partner_id": "0199d0a0-0000-7000-8000-000000000000"}, "/partner_id", "unknown_user"),
    ({"customer_id": "0199d0a0-0000-7000-8000-000000000000"}, "/customer_id", "unknown_reference"),
    ({"customer_id": {"deep": [[[]]]}}, "/customer_id", "not_an_id"),
]


def test_a_wrong_value_is_refused_with_its_place_and_a_sentence(company: Any) -> None:
    for values, pointer, code in WRONG_VALUES:
        answer = company.call(company.wang, "POST", "/records/lead", {"name": "x", **values})

        assert answer.status_code == 422, values
        error = answer.json["errors"][0]
        assert (error["pointer"], error["code"]) == (pointer, code)
        assert error["detail"] not in ("", f"error.{code}")
        assert "{" not in error["detail"]
    assert company.call(company.admin, "GET", "/records/lead").json["items"] == []


BROKEN_BODIES = [
    (b"{", "application/json", 400), (b'{"name":"\\ud800"}', "application/json", 400),
    (b"\xff", "application/json", 400), (b"[]", "application/json", 422), (b'{"name":"x"}', "text/plain", 415),
    (b"[" * 5000, "application/json", 400), (b'{"name":' + b"[" * 60 + b"]" * 60 + b"}", "application/json", 400),
    (b'{"name":"x","score":1' + b"0" * 40 + b"}", "application/json", 422),
    (b'{"name":"' + b"x" * 1_100_000 + b'"}', "application/json", 413),
]


def test_a_broken_body_is_a_problem(company: Any) -> None:
    for body, content_type, status in BROKEN_BODIES:
        answer = company.call(company.wang, "POST", "/records/lead", data=body, content_type=content_type)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), body[:40]


def test_problems_speak_the_language_of_the_caller(company: Any) -> None:
    person = company.harness.user("陈", company.east, company_roles(company, company.wang), locale="zh-CN")
    answer = company.call(person, "POST", "/records/lead", {"name": "x", "region": "west"})
    assert answer.json["errors"][0]["detail"] == "不在可选范围内。"


def company_roles(company: Any, user_id: str) -> tuple[str, ...]:
    return tuple(company.harness.service.directory.snapshot().users[user_id]["role_ids"])


def test_a_change_merges_counts_and_tells(company: Any) -> None:
    made = company.lead(company.wang, region="east", score=5)

    answer = company.call(company.wang, "PATCH", f"/records/lead/{made['id']}", {"score": 6, "region": None})

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert (answer.json["score"], answer.json["region"], answer.json["name"]) == (6, None, "王五")
    events = company.harness.published(RECORD_CHANGED)
    assert [contracts.violations(event_body(event)) for event in events] == [[], []]
    change = events[-1].data["changes"][0]
    assert (change["action"], sorted(change["changed"]), change["before"]) == (
        "updated", ["region", "score"], {"region": "east", "score": 5})
    assert change["after"] == answer.json
    assert events[-1].data["origin"]["kind"] == "person"


def event_body(message: Any) -> Any:
    from chassis.jsonio import loads

    return loads(message.to_json())


def test_a_change_to_the_same_values_writes_nothing(company: Any) -> None:
    made = company.lead(company.wang, region="east", phone="13800138000")
    before = len(company.harness.published())

    same = {"region": "east", "phone": "+86 138-0013-8000", "owner_id": company.wang}
    answer = company.call(company.wang, "PATCH", f"/records/lead/{made['id']}", same)

    assert answer.json == made
    assert answer.headers["ETag"] == '"1"'
    assert len(company.harness.published()) == before


def test_a_stale_version_is_refused(company: Any) -> None:
    path = f"/records/lead/{company.lead(company.wang)['id']}"
    assert company.call(company.wang, "PATCH", path, {"score": 1}, headers={"If-Match": '"1"'}).status_code == 200
    stale = company.call(company.wang, "PATCH", path, {"score": 2}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"2"')
    assert company.call(company.wang, "PATCH", path, {"score": 2}, headers={"If-Match": '"x"'}).status_code == 412
    assert company.call(company.wang, "DELETE", path, headers={"If-Match": '"1"'}).status_code == 412
    assert company.call(company.wang, "PATCH", path, {"score": 3}).json["version"] == 3


def test_the_same_idempotency_key_creates_once(company: Any) -> None:
    calls = [company.call(company.wang, "POST", "/records/lead", {"name": "once"}, headers={"Idempotency-Key": "k1"})
             for _ in range(3)]
    assert [answer.status_code for answer in calls] == [201] * 3
    assert len({answer.json["id"] for answer in calls}) == 1
    assert len(company.call(company.wang, "GET", "/records/lead").json["items"]) == 1


def test_a_unique_value_stands_once(company: Any) -> None:
    company.lead(company.wang, code="A")
    taken = company.call(company.wang, "POST", "/records/lead", {"name": "x", "code": "A"})
    assert (taken.status_code, taken.json["errors"][0]["pointer"]) == (409, "/code")
    other = company.lead(company.wang, code="B")
    assert company.call(company.wang, "PATCH", f"/records/lead/{other['id']}", {"code": "A"}).status_code == 409
    assert company.lead(company.wang, code=None)["code"] is None


def test_a_record_that_others_point_at_is_not_deleted(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "ACME"}).json
    lead = company.lead(company.wang, customer_id=customer["id"])

    refused = company.call(company.admin, "DELETE", f"/records/customer/{customer['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "in_use")
    assert company.call(company.wang, "DELETE", f"/records/lead/{lead['id']}").status_code == 204
    assert company.call(company.admin, "DELETE", f"/records/customer/{customer['id']}").status_code == 204
    assert company.harness.published(RECORD_CHANGED)[-1].data["changes"][0]["action"] == "deleted"
    assert company.call(company.admin, "GET", f"/records/customer/{customer['id']}").status_code == 404


def test_the_department_follows_the_owner(company: Any) -> None:
    made = company.lead(company.admin, owner_id=company.li)
    assert made["department_id"] == company.north
    moved = company.call(company.admin, "PATCH", f"/records/lead/{made['id']}", {"owner_id": company.wang}).json
    assert moved["department_id"] == company.east_team
    nobody = company.call(company.admin, "PATCH", f"/records/lead/{made['id']}", {"owner_id": None}).json
    assert (nobody["owner_id"], nobody["department_id"]) == (None, None)
    free = company.lead(company.admin, owner_id=None)
    assert (free["owner_id"], free["department_id"]) == (None, None)


def test_labels_name_people_and_records(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "ACME"}).json
    lead = company.lead(company.wang, customer_id=customer["id"])
    labels = company.call(company.wang, "GET", f"/records/lead/{lead['id']}?expand=labels").json["_labels"]
    assert labels == {"owner_id": "王芳", "created_by": "王芳", "updated_by": "王芳", "department_id": "East 1",
                      "customer_id": "ACME"}


def test_times_may_be_set_by_who_manages_objects(company: Any) -> None:
    operation = {"action": "create", "values": {"name": "old", "created_at": "2020-05-01T00:00:00Z"}}
    headers = {"X-Freehold-Backdate": "true"}
    refused = company.call(company.wang, "POST", "/records/lead/batch", {"operations": [operation]}, headers=headers)
    assert refused.status_code == 403
    done = company.call(company.admin, "POST", "/records/lead/batch", {"operations": [operation]}, headers=headers)
    record = done.json["results"][0]["record"]
    assert (record["created_at"], record["updated_at"]) == ("2020-05-01T00:00:00.000Z",) * 2

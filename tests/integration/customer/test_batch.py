"""Many operations in one call."""

from __future__ import annotations

from typing import Any


def batch(company: Any, operations: list[Any], who: str | None = None, **more: Any) -> Any:
    return company.call(who or company.wang, "POST", "/records/lead/batch", {"operations": operations, **more})


def test_each_operation_has_its_own_result(company: Any) -> None:
    first, foreign = company.lead(company.wang), company.lead(company.li)
    answer = batch(company, [
        {"action": "create", "values": {"name": "a", "code": "A"}},
        {"action": "create", "values": {"name": "b", "code": "A"}},
        {"action": "create", "values": {"score": 5}},
        {"action": "update", "id": first["id"], "version": 1, "values": {"score": 1}},
        {"action": "update", "id": first["id"], "version": 1, "values": {"score": 2}},
        {"action": "update", "id": foreign["id"], "values": {"score": 2}},
        {"action": "delete", "id": "no id"},
        {"action": "delete", "id": first["id"]},
    ])
    results = answer.json["results"]
    assert [result["status"] for result in results] == [201, 409, 422, 200, 412, 404, 404, 204]
    assert results[2]["problem"]["errors"][0]["pointer"] == "/values/name"
    assert results[1]["problem"]["errors"][0]["pointer"] == "/values/code"
    assert results[0]["record"]["number"] == "L-00003"
    assert company.call(company.wang, "GET", f"/records/lead/{first['id']}").status_code == 404


def test_atomic_does_all_or_nothing(company: Any) -> None:
    lead = company.lead(company.wang)
    refused = batch(company, [{"action": "update", "id": lead["id"], "values": {"score": 1}},
                              {"action": "create", "values": {"name": "x", "region": "west"}}], atomic=True)
    assert (refused.status_code, refused.json["code"]) == (422, "batch_refused")
    assert refused.json["errors"][0]["pointer"] == "/operations/1/values/region"
    assert company.call(company.wang, "GET", f"/records/lead/{lead['id']}").json == lead
    assert len(company.call(company.wang, "GET", "/records/lead").json["items"]) == 1


def test_a_large_batch_is_one_event_of_at_most_500_changes(company: Any) -> None:
    before = len(company.harness.published())
    operations = [{"action": "create", "values": {"name": f"n{place}"}} for place in range(500)]
    results = batch(company, operations).json["results"]
    assert {result["status"] for result in results} == {201}
    assert [result["record"]["name"] for result in results] == [f"n{place}" for place in range(500)]
    events = company.harness.published()[before:]
    assert [len(event.data["changes"]) for event in events] == [500]


def test_wrong_operations_are_named(company: Any) -> None:
    for operations, pointer in (
            ([], "/operations"), ("x", "/operations"), ([{"action": "create", "values": {}}] * 501, "/operations"),
            ([5], "/operations/0/action"), ([{"action": "drop"}], "/operations/0/action"),
            ([{"action": "update", "values": {}}], "/operations/0/id"),
            ([{"action": "create"}], "/operations/0/values"),
            ([{"action": "create", "values": {}, "id": "x"}], "/operations/0/id"),
            ([{"action": "update", "id": "x", "version": "1", "values": {}}], "/operations/0/version")):
        answer = batch(company, operations)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert batch(company, [{"action": "create", "values": {}}], atomic="yes").status_code == 422
    values_of_another_kind = batch(company, [{"action": "create", "values": [1]}])
    assert values_of_another_kind.json["results"][0]["status"] == 422

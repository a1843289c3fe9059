"""Who may see and do what: actions, scopes and fields, on every way to a record."""

from __future__ import annotations

from typing import Any

from .conftest import grant

VISIBLE = {"own": {"wang"}, "department": {"wang"}, "department_and_below": {"wang", "east"},
           "all": {"wang", "east", "li"}}


def people_with_leads(company: Any) -> dict[str, str]:
    """One lead each: of Wang (East 1), of somebody in East, of Li (North)."""
    boss = company.lead(company.admin, name="east", owner_id=company.boss)
    return {"wang": company.lead(company.wang, name="wang")["id"], "east": boss["id"],
            "li": company.lead(company.li, name="li")["id"]}


def test_a_scope_decides_alike_on_every_path(company: Any) -> None:
    ids = people_with_leads(company)
    team = {"own": company.wang, "department": None, "department_and_below": None, "all": None}
    for scope, visible in VISIBLE.items():
        where = company.east if scope == "department_and_below" else company.east_team
        person = team[scope] or company.seller(where, grant(scope))
        listed = {item["name"] for item in company.call(person, "GET", "/records/lead").json["items"]}
        queried = {item["name"] for item in company.call(person, "POST", "/records/lead/query", {}).json["items"]}
        found = {item["name"] for item in company.call(person, "GET", "/records/lead?q=a").json["items"]}
        assert (listed, queried) == (visible, visible), scope
        assert found == {name for name in visible if "a" in name}
        exported = company.call(person, "POST", "/records/lead/export", {"format": "csv", "fields": ["name"]})
        assert set(exported.text.lstrip("\ufeff").split()[1:]) == visible
        for name, id in ids.items():
            expected = 200 if name in visible else 404
            for method, path, body in (
                    ("GET", "", None), ("GET", "/timeline", None), ("PATCH", "", {"score": 1})):
                answer = company.call(person, method, f"/records/lead/{id}{path}", body)
                assert answer.status_code == expected, (scope, name, method, path)
            if expected == 404:
                assert company.call(person, "DELETE", f"/records/lead/{id}").status_code == 404
                assert company.call(person, "POST", f"/records/lead/{id}/convert", {}).status_code == 404


def test_an_action_that_is_not_granted_is_forbidden(company: Any) -> None:
    id = company.lead(company.wang)["id"]
    tries = {"read": [("GET", "", None), ("GET", f"/{id}", None), ("POST", "/query", {}),
                      ("GET", f"/{id}/timeline", None), ("POST", "/duplicates", {"values": {}})],
             "create": [("POST", "", {"name": "x"}),
                        ("POST", "/batch", {"operations": [{"action": "create", "values": {}}]})],
             "update": [("PATCH", f"/{id}", {"score": 1})], "delete": [("DELETE", f"/{id}", None)],
             "export": [("POST", "/export", {"format": "csv"})], "convert": [("POST", f"/{id}/convert", {})]}
    for action, requests in tries.items():
        others = [one for one in ("create", "read", "update", "delete", "export", "convert") if one != action]
        person = company.seller(company.east_team, grant("all", others))
        for method, path, body in requests:
            answer = company.call(person, method, f"/records/lead{path}", body)
            assert (answer.status_code, answer.json["code"]) == (403, "action_not_granted"), (action, path)


def test_an_unreadable_field_does_not_exist(company: Any) -> None:
    id = company.lead(company.wang, expected_amount={"amount": "5", "currency": "CNY"}, note="secret")["id"]
    company.call(company.wang, "PATCH", f"/records/lead/{id}", {"note": "more"})
    person = company.seller(company.east_team, grant("all", None, expected_amount="none", note="none", name="read"))

    def code_of(answer: Any) -> Any:
        return answer.status_code, answer.json["errors"][0]["code"]

    record = company.call(person, "GET", f"/records/lead/{id}").json
    assert not record.keys() & {"expected_amount", "note"}
    assert not company.call(person, "GET", "/records/lead").json["items"][0].keys() & {"expected_amount", "note"}
    hidden, unknown = ({"field": name, "op": "is_set"} for name in ("expected_amount", "nonsense"))
    for criteria in (hidden, unknown, {"field": "expected_amount.amount", "op": "is_set"}):
        answer = company.call(person, "POST", "/records/lead/query", {"criteria": criteria})
        assert code_of(answer) == (422, "criteria.unknown_field")
    for name in ("note", "nonsense"):
        assert code_of(company.call(person, "GET", f"/records/lead?sort={name}"))[0] == 422
        assert code_of(company.call(person, "GET", f"/records/lead?fields={name}")) == (422, "unknown_field")
        assert code_of(company.call(person, "PATCH", f"/records/lead/{id}", {name: "x"})) == (422, "unknown_field")
        export = company.call(person, "POST", "/records/lead/export", {"format": "csv", "fields": [name]})
        assert code_of(export) == (422, "unknown_field")
    assert code_of(company.call(person, "PATCH", f"/records/lead/{id}", {"name": "x"})) == (422, "read_only")
    told = {change["field"] for entry in company.call(person, "GET", f"/records/lead/{id}/timeline").json["items"]
            for change in entry["changes"]}
    assert not told & {"expected_amount", "note"}
    assert "secret" not in company.call(person, "POST", "/records/lead/export", {"format": "csv"}).text
    shown = company.call(person, "GET", "/objects/lead").json
    assert not {field["name"] for field in shown["fields"]} & {"expected_amount", "note"}


def test_several_roles_add_up(company: Any) -> None:
    people_with_leads(company)
    narrow = company.harness.role({"lead": grant("own", ["read"], note="none")})
    wide = company.harness.role({"lead": grant("department", ["read", "update"])})
    person = company.harness.user("Both", company.north, (narrow, wide))
    assert [item["name"] for item in company.call(person, "GET", "/records/lead").json["items"]] == ["li"]
    assert "note" in company.call(person, "GET", "/records/lead").json["items"][0]


def test_an_object_nobody_granted_is_not_seen(company: Any) -> None:
    person = company.harness.user("New", company.east, (company.harness.role({"customer": grant("all", ["read"])}),))
    assert [one["name"] for one in company.call(person, "GET", "/objects").json["items"]] == ["customer"]
    assert company.call(person, "GET", "/objects/lead").status_code == 404
    assert company.call(person, "GET", "/records/lead").status_code == 403
    assert company.call(None, "GET", "/records/lead").status_code == 401
    assert company.call(person, "POST", "/objects", {"name": "x"}).status_code == 403
    assert company.call(person, "GET", "/records/nothing").status_code == 404


def test_a_link_to_an_invisible_record_is_refused(company: Any) -> None:
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "Secret"}).json["id"]
    person = company.seller(company.east, grant("all"), customer=grant("own"))
    answer = company.call(person, "POST", "/records/lead", {"name": "x", "customer_id": customer})
    assert answer.json["errors"][0]["code"] == "unknown_reference"


def test_a_service_speaks_for_a_rule_and_hands_on_where_it_comes_from(company: Any) -> None:
    id = company.lead(company.wang)["id"]
    headers = {"X-Freehold-Origin": "rule:r1", "X-Freehold-Depth": "3", "X-Freehold-Bulk": "b1"}
    operations = [{"action": "update", "id": id, "values": {"score": 9}}]
    answer = company.harness.call_as_service("customer", "POST", "/v1/records/lead/batch",
                                             {"operations": operations}, headers)
    assert answer.json["results"][0]["status"] == 200
    event = company.harness.published("freehold.customer.record.changed.v1")[-1]
    assert (event.depth, event.data["bulk"], event.data["origin"]["kind"]) == (3, "b1", "rule")
    line = company.call(company.wang, "GET", f"/records/lead/{id}/timeline").json["items"][0]
    assert (line["origin"]["id"], line["by"]) == ("r1", None)

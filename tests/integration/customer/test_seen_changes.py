"""What a service is told of changes on behalf of a person is what he would read himself."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id

from .conftest import grant


def seen(company: Any, person: str, *changes: dict[str, Any]) -> Any:
    return company.harness.call_as_service("customer", "POST", "/v1/records/lead/seen",
                                           {"person": person, "changes": list(changes)})


def test_scope_shares_hidden_and_masked_fields_hold_for_a_change(company: Any) -> None:
    person = company.seller(company.east_team, grant("own", None, score="none", phone="masked"))
    own = company.lead(person, name="Own")
    other = company.lead(company.admin, name="Other")
    values = {"score": 5, "phone": "+8613800138000", "name": "New"}
    changes = [{"after": one | values, "before": {"score": 4, "phone": "+8613900139000", "name": "Old"}}
               for one in (own, other)]
    [mine, hidden] = seen(company, person, *changes).json["seen"]
    assert hidden is None
    assert mine["before"] == {"phone": "139****9000", "name": "Old"}
    assert (mine["after"]["phone"], "score" in mine["after"]) == ("138****8000", False)
    shared = company.call(company.admin, "POST", f"/records/lead/{other['id']}/shares",
                          {"grantee": f"user:{person}", "level": "read"})
    assert shared.status_code == 201, shared.json
    assert seen(company, person, changes[1]).json["seen"][0] is not None


def test_somebody_who_was_hired_a_moment_ago_is_asked_for_before_he_counts_as_gone(company: Any) -> None:
    hired = new_id()
    company.harness.neighbours["gateway", "GET", "/v1/directory"] = lambda _: (200, {
        "version": 999, "departments": [], "roles": [], "users": [{
            "id": hired, "version": 999, "name": "New", "username": "new", "active": True, "role_ids": []}]})
    assert seen(company, hired, {"after": company.lead(company.admin)}).json == {"seen": [None]}


def test_only_services_ask_and_a_person_who_has_left_sees_nothing(company: Any) -> None:
    body = {"person": company.wang, "changes": []}
    assert company.call(company.admin, "POST", "/records/lead/seen", body).status_code == 403
    company.harness.neighbours["gateway", "GET", "/v1/directory"] = lambda _: (200, {
        "version": 1, "users": [], "departments": [], "roles": []})
    assert seen(company, new_id()).status_code == 409
    assert seen(company, company.wang, {"after": {"id": "x"}}).status_code == 422
    nobody = company.harness.user("Nobody", company.east_team, ())
    lead = company.lead(company.admin)
    assert seen(company, nobody, {"after": lead}).json == {"seen": [None]}

"""Why somebody sees a record and who sees it: the same as what happens when they ask."""

from __future__ import annotations

import random
from typing import Any

from .conftest import grant
from .test_sharing import rule, share


def test_the_reasons_are_said_in_both_languages(company: Any) -> None:
    id = company.lead(company.li, name="name", region="east")["id"]
    share(company, company.li, id, f"user:{company.wang}", "write", team="售前")
    rule(company, {"field": "region", "op": "eq", "value": "east"}, f"department_and_below:{company.east}")
    answer = company.call(company.wang, "GET", f"/records/lead/{id}/access", headers={"Accept-Language": "en"}).json
    assert [(one["kind"], one["level"], one["text"]) for one in answer["reasons"]] == [
        ("rule", "read", "Sharing rule “A rule” for East and below"), ("team", "write", "In the team (售前): 王芳")]
    assert answer["actions"] == ["convert", "export", "read", "update"]
    assert answer["may_ask_who"] is False
    chinese = company.call(company.wang, "GET", f"/records/lead/{id}/access",
                           headers={"Accept-Language": "zh-CN"}).json
    assert chinese["reasons"][1]["text"] == "团队成员（售前）：王芳"
    own = company.call(company.li, "GET", f"/records/lead/{id}/access").json
    assert [one["kind"] for one in own["reasons"]] == ["own"]
    assert "delete" in own["actions"]
    assert company.call(company.wang, "GET", f"/records/lead/{id}/access/people").status_code == 403
    stranger = company.seller(company.north, grant("own"))
    assert company.call(stranger, "GET", f"/records/lead/{id}/access").status_code == 404


def test_who_sees_a_record_is_who_gets_it(company: Any) -> None:
    dice = random.Random(11)
    people = [company.wang, company.li, company.boss, company.admin] + [
        company.seller(dice.choice([company.east, company.east_team, company.north]), grant(scope))
        for scope in ("own", "department", "department_and_below", "all")]
    people.append(company.seller(company.north, grant("all", ["create"])))
    company.call(company.admin, "PATCH", "/objects/lead/fields/customer_id", {
        "options": {"object": "customer", "follow": "read"}})
    customer = company.call(company.admin, "POST", "/records/customer", {"name": "Acme"}).json["id"]
    rule(company, {"field": "region", "op": "eq", "value": "east"}, f"user:{people[4]}")
    for number in range(6):
        id = company.lead(dice.choice(people[:4]), name=f"n{number}", region=dice.choice(["east", "north"]),
                          **({"customer_id": customer} if number == 5 else {}))["id"]
        share(company, company.admin, id, dice.choice([f"user:{people[5]}", f"department:{company.east}"]))
        found, cursor = {}, ""
        while True:
            page = company.call(company.admin, "GET", f"/records/lead/{id}/access/people?limit=3{cursor}").json
            found |= {one["id"]: one["reasons"] for one in page["items"]}
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert all(found.values())
        for person in people:
            status = company.call(person, "GET", f"/records/lead/{id}").status_code
            assert (status == 200) == (person in found), (number, person)

"""Sharing: rules over values, single records, teams and references that are followed, the same on every path."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from chassis.auth.directory import Directory
from chassis.clock import to_wire, utcnow
from services.customer.store.sharing.tables import record_share
from services.customer.usecases.access import Access
from services.customer.usecases.sharing.shares import end_shares

from .conftest import grant


def share(company: Any, who: str, id: str, grantee: str, level: str = "read", **more: Any) -> Any:
    answer = company.call(who, "POST", f"/records/lead/{id}/shares", {"grantee": grantee, "level": level, **more})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def rule(company: Any, criteria: Any, *grantees: str, level: str = "read", object: str = "lead") -> str:
    answer = company.call(company.admin, "POST", "/sharing/rules", {
        "object": object, "name": {"en": "A rule"}, "criteria": criteria, "grantees": list(grantees), "level": level})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def listed(company: Any, who: str, query: str = "", object: str = "lead") -> list[str]:
    return [item["name"] for item in company.call(who, "GET", f"/records/{object}?sort=name{query}").json["items"]]


def assert_seen_everywhere(company: Any, who: str, leads: dict[str, str], seen: set[str]) -> None:
    """List, query, total, quick search, search box, export, get, timeline and labels agree."""
    everything = {"any": [{"field": "name", "op": "is_set"}, {"field": "name", "op": "is_empty"}]}
    assert set(listed(company, who)) == seen
    page = company.call(who, "POST", "/records/lead/query", {"criteria": everything, "total": "exact"}).json
    assert {item["name"] for item in page["items"]} == seen
    assert page["total"] == len(seen)
    assert {name for one in "aeiou" for name in listed(company, who, f"&q={one}")} == {
        name for name in seen if set("aeiou") & set(name)}
    found = company.call(who, "GET", "/search?q=ame&objects=lead&limit=20").json["items"]
    assert {item["title"] for group in found for item in group["items"]} == {name for name in seen if "ame" in name}
    exported = company.call(who, "POST", "/records/lead/export", {"format": "csv", "fields": ["name"]})
    assert set(exported.text.lstrip("\ufeff").split()[1:]) == seen
    for name, id in leads.items():
        for path in ("", "/timeline", "/shares"):
            assert company.call(who, "GET", f"/records/lead/{id}{path}").status_code == (
                200 if name in seen else 404), (name, path)


def names_of(company: Any, who: str, *names: str, **values: Any) -> dict[str, str]:
    return {name: company.lead(who, name=name, **values)["id"] for name in names}


def test_a_shared_record_is_there_on_every_path_until_it_is_taken_back(company: Any) -> None:
    leads = names_of(company, company.li, "name-one", "name-two", "name-three") | names_of(
        company, company.wang, "mine")
    assert_seen_everywhere(company, company.wang, leads, {"mine"})
    first = share(company, company.li, leads["name-one"], f"user:{company.wang}")
    share(company, company.li, leads["name-two"], f"department_and_below:{company.east}")
    assert_seen_everywhere(company, company.wang, leads, {"mine", "name-one", "name-two"})
    assert_seen_everywhere(company, company.boss, leads, {"mine", "name-two"})
    shown = company.call(company.wang, "GET", f"/records/lead/{leads['name-one']}/shares").json
    assert [one["grantee_name"] for one in shown["items"]] == ["王芳"]
    assert shown["may_share"] is False
    path = f"/records/lead/{leads['name-one']}/shares/{first}"
    assert company.call(company.boss, "DELETE", path).status_code == 404
    assert company.call(company.li, "DELETE", path).status_code == 204
    assert_seen_everywhere(company, company.wang, leads, {"mine", "name-two"})


def test_a_department_alone_does_not_reach_those_below_it(company: Any) -> None:
    leads = names_of(company, company.li, "name")
    share(company, company.li, leads["name"], f"department:{company.east}")
    assert_seen_everywhere(company, company.wang, leads, set())
    assert_seen_everywhere(company, company.boss, leads, {"name"})


def test_a_role_gets_what_is_shared_with_it(company: Any) -> None:
    role = company.harness.role({"lead": grant("own")})
    person = company.harness.user("Person", company.east_team, (role,))
    leads = names_of(company, company.li, "name")
    share(company, company.li, leads["name"], f"role:{role}")
    assert_seen_everywhere(company, person, leads, {"name"})
    assert_seen_everywhere(company, company.wang, leads, set())


def test_a_share_ends_by_itself(company: Any) -> None:
    leads = names_of(company, company.li, "name")
    share(company, company.li, leads["name"], f"user:{company.wang}",
          expires_at=to_wire(utcnow() + timedelta(days=1)))
    assert_seen_everywhere(company, company.wang, leads, {"name"})
    service = company.harness.service
    with service.db.unit_of_work() as uow:
        uow.execute(record_share.update().values(expires_at=utcnow() - timedelta(minutes=5)))
    assert_seen_everywhere(company, company.wang, leads, set())
    end_shares(service)
    with service.db.read() as connection:
        assert connection.execute(record_share.select()).all() == []


def test_reading_is_not_changing_and_changing_is_neither_deleting_nor_giving_away(company: Any) -> None:
    id = company.lead(company.li, name="name")["id"]
    path, call = f"/records/lead/{id}", company.call
    share(company, company.li, id, f"user:{company.wang}", "read")
    answers = [call(company.wang, "PATCH", path, {"score": 1}),
               call(company.wang, "DELETE", path), call(company.wang, "POST", f"{path}/convert", {})]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(403, "only_shared")] * 3
    batch = call(company.wang, "POST", "/records/lead/batch", {
        "operations": [{"action": "update", "id": id, "values": {"score": 1}}], "atomic": False}).json
    assert batch["results"][0]["status"] == 403
    share(company, company.li, id, f"user:{company.wang}", "write")
    assert call(company.wang, "PATCH", path, {"score": 1}).status_code == 200
    assert call(company.wang, "PATCH", path, {"owner_id": company.wang}).json["code"] == "only_shared"
    assert call(company.wang, "DELETE", path).json["code"] == "only_shared"
    assert call(company.wang, "POST", f"{path}/shares", {"grantee": f"user:{company.boss}"}).status_code == 403
    own = company.lead(company.wang, name="own")["id"]
    merged = call(company.wang, "POST", f"/records/lead/{own}/merge", {"merged": id})
    assert (merged.status_code, merged.json["code"]) == (403, "only_shared")


def test_a_member_of_the_team_has_a_duty_and_may_leave_it(company: Any) -> None:
    id = company.lead(company.li, name="name")["id"]
    share_id = share(company, company.li, id, f"user:{company.wang}", "write", team="售前")
    shown = company.call(company.wang, "GET", f"/records/lead/{id}/shares").json["items"]
    assert [(one["team"], one["level"]) for one in shown] == [("售前", "write")]
    told = company.call(company.li, "GET", f"/records/lead/{id}/timeline").json["items"]
    assert [one["text"] for one in told if one["kind"] == "share"] == ["Shared with 王芳 (may read and change)"]
    assert company.call(company.wang, "DELETE", f"/records/lead/{id}/shares/{share_id}").status_code == 204
    assert company.call(company.wang, "GET", f"/records/lead/{id}").status_code == 404


def test_a_rule_shares_by_values_and_follows_them(company: Any) -> None:
    leads = names_of(company, company.li, "name-east", region="east") | names_of(
        company, company.li, "name-north", region="north")
    id = rule(company, {"field": "region", "op": "eq", "value": "east"}, f"department:{company.east_team}")
    assert_seen_everywhere(company, company.wang, leads, {"name-east"})
    answer = company.call(company.wang, "PATCH", f"/records/lead/{leads['name-east']}", {"score": 1})
    assert answer.json["code"] == "only_shared"
    company.call(company.li, "PATCH", f"/records/lead/{leads['name-north']}", {"region": "east"})
    assert_seen_everywhere(company, company.wang, leads, {"name-east", "name-north"})
    changed = company.call(company.admin, "PATCH", f"/sharing/rules/{id}", {"level": "write"}).json
    assert (changed["level"], changed["version"], changed["broken"]) == ("write", 2, False)
    assert company.call(company.wang, "PATCH", f"/records/lead/{leads['name-east']}", {"score": 1}).status_code == 200
    company.call(company.admin, "PATCH", f"/sharing/rules/{id}", {"active": False})
    assert_seen_everywhere(company, company.wang, leads, set())
    company.call(company.admin, "PATCH", f"/sharing/rules/{id}", {"active": True})
    assert company.call(company.admin, "DELETE", f"/sharing/rules/{id}").status_code == 204
    assert_seen_everywhere(company, company.wang, leads, set())


def test_a_rule_may_speak_of_the_caller_and_of_time(company: Any) -> None:
    leads = names_of(company, company.li, "name-mine", partner_id=company.wang) | names_of(company, company.li, "name")
    rule(company, {"all": [{"field": "partner_id", "op": "eq", "value": "$me"},
                           {"field": "created_at", "op": "on", "value": "this_year"}]},
         f"department_and_below:{company.east}")
    assert_seen_everywhere(company, company.wang, leads, {"name-mine"})
    assert_seen_everywhere(company, company.boss, leads, set())


def test_a_rule_whose_field_is_gone_shares_nothing_and_says_so(company: Any) -> None:
    leads = names_of(company, company.li, "name", vip=True)
    id = rule(company, {"field": "vip", "op": "eq", "value": True}, f"user:{company.wang}")
    assert_seen_everywhere(company, company.wang, leads, {"name"})
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/vip").status_code == 204
    assert_seen_everywhere(company, company.wang, leads, set())
    assert company.call(company.admin, "GET", f"/sharing/rules/{id}").json["broken"] is True


def test_what_is_wrong_with_a_share_or_a_rule_is_said_with_its_place(company: Any) -> None:
    id = company.lead(company.li, name="name")["id"]
    answer = company.call(company.li, "POST", f"/records/lead/{id}/shares", {
        "grantee": "user:nobody", "level": "own", "team": "x" * 61, "expires_at": "2020-01-01T00:00:00Z"})
    assert {(one["pointer"], one["code"]) for one in answer.json["errors"]} == {
        ("/grantee", "bad_grantee"), ("/level", "bad_level"), ("/team", "bad_team"), ("/expires_at", "already_over")}
    made = company.call(company.admin, "POST", "/sharing/rules", {
        "object": "lead", "name": {"en": "x"}, "criteria": {"field": "nothing", "op": "is_set"},
        "grantees": [f"user:{company.li}"]})
    assert (made.status_code, made.json["errors"][0]["pointer"]) == (422, "/criteria/field")
    assert company.call(company.li, "GET", "/sharing/rules").status_code == 403


def test_references_are_followed_several_levels_far(company: Any) -> None:
    seller = company.harness.role({name: grant("own") for name in ("lead", "customer", "contact")})
    person = company.harness.user("Person", company.north, (seller,))
    call, admin = company.call, company.admin
    for object_name, field, target in (("contact", "customer_id", "customer"), ("customer", "lead_id", "lead")):
        body = {"options": {"object": target, "follow": "read"}}
        if object_name == "customer":
            assert call(admin, "POST", "/objects/customer/fields", {
                "name": field, "type": "reference", **body}).status_code == 201
        else:
            assert call(admin, "PATCH", f"/objects/contact/fields/{field}", body).status_code == 200
    lead = call(person, "POST", "/records/lead", {"name": "lead"}).json["id"]
    customer = call(admin, "POST", "/records/customer", {"name": "customer", "lead_id": lead}).json["id"]
    contact = call(admin, "POST", "/records/contact", {"name": "contact", "customer_id": customer}).json["id"]
    other = call(admin, "POST", "/records/contact", {"name": "other"}).json["id"]
    assert listed(company, person, object="contact") == ["contact"]
    assert call(person, "GET", f"/records/contact/{contact}").status_code == 200
    assert call(person, "GET", f"/records/contact/{other}").status_code == 404
    assert call(person, "PATCH", f"/records/contact/{contact}", {"name": "x"}).json["code"] == "only_shared"
    call(admin, "PATCH", f"/records/customer/{customer}", {"lead_id": None})
    assert listed(company, person, object="contact") == []
    rule(company, {"field": "name", "op": "eq", "value": "customer"}, f"user:{person}", object="customer")
    assert listed(company, person, object="contact") == ["contact"]


def test_a_reference_to_its_own_object_is_followed_too(company: Any) -> None:
    seller = company.harness.role({"customer": grant("own")})
    person = company.harness.user("Person", company.north, (seller,))
    call, admin = company.call, company.admin
    assert call(admin, "POST", "/objects/customer/fields", {
        "name": "parent_id", "type": "reference", "options": {"object": "customer", "follow": "write"}}
    ).status_code == 201
    above = call(person, "POST", "/records/customer", {"name": "0"}).json["id"]
    made = [above]
    for number in range(1, 7):
        made.append(call(admin, "POST", "/records/customer", {"name": str(number), "parent_id": made[-1]}).json["id"])
    assert listed(company, person, object="customer") == ["0", "1", "2", "3", "4"]
    assert call(person, "PATCH", f"/records/customer/{made[4]}", {"phone": "13800138000"}).status_code == 200
    assert call(person, "GET", f"/records/customer/{made[5]}").status_code == 404


def test_pages_of_a_list_with_shares_hold_everything_once_in_order(company: Any) -> None:
    rule(company, {"field": "region", "op": "eq", "value": "east"}, f"user:{company.wang}")
    dice = random.Random(7)
    expected = []
    for number in range(60):
        owner = company.wang if number % 3 == 0 else company.li
        region = dice.choice(["east", "north", None])
        score = dice.choice([None, 1, 2, 3])
        id = company.lead(owner, name=f"n{number:02}", region=region, score=score)["id"]
        with_share = number % 7 == 0
        if with_share:
            share(company, company.admin, id, f"user:{company.wang}")
        if owner == company.wang or region == "east" or with_share:
            expected.append((score is None, score or 0, f"n{number:02}"))
    for sort, wanted in (("name", sorted(name for _, _, name in expected)),
                         ("score,name", [name for _, _, name in sorted(expected)])):
        found, cursor = [], ""
        while True:
            page = company.call(company.wang, "GET", f"/records/lead?sort={sort}&limit=7{cursor}").json
            found += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert found == wanted, sort


def test_the_filter_in_sql_and_the_judgement_of_single_records_never_differ(company: Any) -> None:
    """Random owners, values, shares and rules: both ways, for reading and for changing, and a model of their own."""
    dice, harness = random.Random(20261128), company.harness
    people = [company.wang, company.li, company.boss, company.seller(company.east_team, grant("department"))]
    directory = Directory(harness.service).snapshot()
    grantees = [f"user:{one}" for one in people] + [
        f"{kind}:{one}" for kind in ("department", "department_and_below") for one in (company.east, company.north)]
    leads = [company.lead(company.admin, name=f"n{number}", owner_id=dice.choice(people), score=dice.randint(0, 9),
                          region=dice.choice(["east", "north", None]))["id"] for number in range(40)]
    for _ in range(40):
        share(company, company.admin, dice.choice(leads), dice.choice(grantees), dice.choice(["read", "write"]))
    for _ in range(5):
        field, op, value = dice.choice([("score", "gt", dice.randint(6, 9)), ("region", "ne", "east"),
                                        ("partner_id", "eq", "$me")])
        rule(company, {"field": field, "op": op, "value": value}, dice.choice(grantees),
             level=dice.choice(["read", "write"]))
    record_type = harness.service.parts["types"].renewed()["lead"]
    for person in people:
        principal = _principal(directory, person)
        access = Access(principal, record_type)
        with harness.service.db.read() as connection:
            records = [record_type.load(row) for row in connection.execute(record_type.selection)]
            condition = access.where()
            found = {row[0] for row in connection.execute(record_type.selection.where(condition))}
            judged = {record["id"] for record in records if access.sees(connection, record)}
            writable = access.among(connection, records, "write")
            one_by_one = {id for record in records for id in access.among(connection, [record], "write")}
        assert found == judged == access_among(access, harness, records)
        assert writable == one_by_one <= judged
        seen = set(listed(company, person, "&limit=200"))
        assert seen == {record["name"] for record in records if record["id"] in judged}
        for record in records:
            status = company.call(person, "PATCH", f"/records/lead/{record['id']}", {"note": "x"}).status_code
            assert status == (200 if record["id"] in writable else 403 if record["id"] in judged else 404)


def access_among(access: Access, harness: Any, records: list[Any]) -> set[str]:
    with harness.service.db.read() as connection:
        return access.among(connection, records)


def _principal(directory: Any, id: str) -> Any:
    from chassis.auth.principal import Principal

    user = directory.users[id]
    roles = tuple(user["role_ids"])
    return Principal(kind="user", name=user["name"], user_id=id, department_id=user["department_id"], role_ids=roles,
                     policy_of=lambda name: directory.policy(roles, name),
                     departments_below=directory.departments_below, departments_above=directory.departments_above)

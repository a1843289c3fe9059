"""Public pools: who sees what lies in them, claiming under limits, returning, assigning, moving, and what is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import utcnow
from chassis.ids import new_id
from services.customer.store.pools.tables import pool_passage

from .conftest import grant
from .test_sharing import assert_seen_everywhere, names_of

REASONS = [{"value": "silent", "label": {"en": "Never answers", "zh-CN": "联系不上"}},
           {"value": "other", "label": {"en": "Other", "zh-CN": "其他"}}]


def make(company: Any, *members: str, object: str = "lead", **more: Any) -> str:
    answer = company.call(company.admin, "POST", "/pools", {
        "object": object, "name": {"en": "Pool", "zh-CN": "公海"}, "members": list(members), **more})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def change(company: Any, pool: str, **values: Any) -> Any:
    answer = company.call(company.admin, "PATCH", f"/pools/{pool}", values)
    assert answer.status_code == 200, answer.json
    return answer.json


def pooled(company: Any, pool: str, *names: str, **values: Any) -> dict[str, str]:
    """New leads that lie in the pool."""
    found = names_of(company, company.admin, *names, owner_id=None, **values)
    move(company, company.admin, pool, *found.values())
    return found


def move(company: Any, who: str, pool: str, *ids: str) -> Any:
    answer = company.call(who, "POST", "/records/lead/move", {"ids": list(ids), "pool_id": pool})
    assert answer.json["done"] == len(ids), answer.json
    return answer.json


def claim(company: Any, who: str, id: str) -> Any:
    return company.call(who, "POST", f"/records/lead/{id}/claim")


def give_back(company: Any, who: str, id: str, **body: Any) -> Any:
    return company.call(who, "POST", f"/records/lead/{id}/return", body)


def lead(company: Any, id: str) -> Any:
    return company.call(company.admin, "GET", f"/records/lead/{id}").json


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json.get("code", "")


def test_somebody_who_was_hired_a_moment_ago_has_a_place_and_gets_a_share_at_once(company: Any) -> None:
    seller, colleague = ({"id": new_id(), "version": 999, "name": name, "username": name, "active": True,
                          "role_ids": []} for name in ("seller", "colleague"))
    known = iter((seller, colleague))
    company.harness.neighbours["gateway", "GET", "/v1/directory"] = lambda _: (200, {
        "version": 999, "users": [next(known)], "departments": [], "roles": []})
    make(company, f"user:{seller['id']}")
    id = company.lead(company.wang)["id"]
    shared = company.call(company.wang, "POST", f"/records/lead/{id}/shares", {
        "grantee": f"user:{colleague['id']}", "level": "read"})
    assert shared.status_code == 201, shared.json


def test_members_see_and_claim_what_lies_in_the_pool_and_others_see_nothing(company: Any) -> None:
    pool = make(company, f"user:{company.wang}")
    leads = pooled(company, pool, "name-one", "name-two")
    assert_seen_everywhere(company, company.wang, leads, {"name-one", "name-two"})
    assert_seen_everywhere(company, company.li, leads, set())
    one = leads["name-one"]
    assert outcome(claim(company, company.li, one)) == (404, "not_found")
    assert company.call(company.wang, "PATCH", f"/records/lead/{one}", {"score": 1}).json["code"] == "only_shared"
    before = lead(company, one)
    answer = claim(company, company.wang, one)
    assert answer.status_code == 200
    after = answer.json["record"]
    assert (after["owner_id"], after["pool_id"], after["version"]) == (company.wang, pool, before["version"] + 1)
    assert after["department_id"] == company.east_team
    assert before["updated_at"] < after["owner_since"] <= after["updated_at"]
    assert company.call(company.wang, "PATCH", f"/records/lead/{one}", {"score": 1}).status_code == 200
    assert_seen_everywhere(company, company.boss, leads, {"name-one"})
    line = company.call(company.wang, "GET", f"/records/lead/{one}/timeline").json["items"][1]
    assert line["origin"]["pool"] == {"action": "claimed", "id": pool}
    assert {entry["field"] for entry in line["changes"]} >= {"owner_id", "department_id"}


def test_of_many_who_claim_at_once_exactly_one_wins_and_the_others_are_told_who(company: Any) -> None:
    sellers = [company.seller(company.east_team, grant("own")) for _ in range(6)]
    pool = make(company, *(f"user:{one}" for one in sellers))
    for id in pooled(company, pool, "first", "second").values():
        with ThreadPoolExecutor(len(sellers)) as threads:
            answers = list(threads.map(lambda who, id=id: claim(company, who, id), sellers))
        assert sorted(one.status_code for one in answers) == [200] + [409] * 5
        winner = sellers[[one.status_code for one in answers].index(200)]
        assert lead(company, id)["owner_id"] == winner
        lost = [one.json for one in answers if one.status_code == 409]
        assert {(one["code"], one["owner_id"]) for one in lost} == {("already_claimed", winner)}
        assert outcome(claim(company, winner, id)) == (409, "pool_yours_already")


def test_limits_hold_also_when_one_person_claims_many_at_the_same_moment(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", max_held=3)
    leads = pooled(company, pool, *(f"lead {number}" for number in range(8)))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda id: claim(company, company.wang, id), leads.values()))
    assert sorted(one.status_code for one in answers) == [200] * 3 + [409] * 5
    refused = next(one.json for one in answers if one.status_code == 409)
    assert (refused["code"], refused["held"], refused["allowed"]) == ("pool_holding_limit", 3, 3)
    assert "3" in refused["detail"]
    mine = company.call(company.wang, "GET", "/pools?object=lead").json["items"][0]["mine"]
    assert mine == {"member": True, "manager": False, "held": 3, "max_held": 3, "claimed_today": 3,
                    "max_claims_per_day": None}


def test_a_daily_limit_counts_claims_and_not_what_is_held(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", max_claims_per_day=2)
    leads = list(pooled(company, pool, "a", "b", "c").values())
    many = company.call(company.wang, "POST", "/records/lead/claim", {"ids": leads}).json
    assert many["done"] == 2
    assert [one["status"] for one in many["results"]] == [200, 200, 409]
    assert many["results"][2]["problem"]["code"] == "pool_daily_limit"
    assert give_back(company, company.wang, leads[0]).status_code == 200
    assert outcome(claim(company, company.wang, leads[2])) == (409, "pool_daily_limit")
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(pool_passage.update().values(at=utcnow() - timedelta(days=1, minutes=1)))
    assert claim(company, company.wang, leads[2]).status_code == 200


def test_who_had_a_record_waits_before_he_may_claim_it_again(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", f"user:{company.li}", former_owner_days=7)
    id = pooled(company, pool, "name")["name"]
    assert claim(company, company.wang, id).status_code == 200
    assert give_back(company, company.wang, id).status_code == 200
    refused = claim(company, company.wang, id)
    assert outcome(refused) == (409, "pool_former_owner")
    assert refused.json["until"] > lead(company, id)["updated_at"]
    told = company.call(company.wang, "GET", f"/records/lead/{id}/pool").json
    assert (told["in_pool"], told["can_claim"], told["why_not"]["code"]) == (True, False, "pool_former_owner")
    assert company.call(company.li, "GET", f"/records/lead/{id}/pool").json["can_claim"] is True
    with company.harness.service.db.unit_of_work() as uow:
        uow.execute(pool_passage.update().values(at=utcnow() - timedelta(days=8)))
    assert claim(company, company.wang, id).status_code == 200


def test_a_return_gives_a_reason_where_the_pool_wants_one(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", reasons=REASONS, reason_required=True)
    id = pooled(company, pool, "name")["name"]
    claim(company, company.wang, id)
    assert give_back(company, company.wang, id).json["errors"][0]["pointer"] == "/reason"
    assert give_back(company, company.wang, id, reason="nonsense").json["errors"][0]["code"] == "unknown_reason"
    answer = give_back(company, company.wang, id, reason="silent", note="Three calls")
    assert answer.status_code == 200
    record = lead(company, id)
    assert (record["owner_id"], record["department_id"], record["owner_since"], record["pool_id"]) == (
        None, None, None, pool)
    line = company.call(company.wang, "GET", f"/records/lead/{id}/timeline").json["items"][0]
    assert line["origin"]["pool"] == {"action": "returned", "id": pool, "reason": "silent", "note": "Three calls"}
    passages = company.call(company.admin, "GET", f"/pools/{pool}/passages").json["items"]
    assert [(one["action"], one["reason"], one["person_id"]) for one in passages] == [
        ("returned", "silent", company.wang), ("claimed", None, company.wang), ("put", None, None)]
    assert company.call(company.wang, "GET", f"/pools/{pool}/passages").status_code == 404


def test_who_may_return(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", managers=[f"user:{company.li}"], owners_return=False)
    id = pooled(company, pool, "name")["name"]
    claim(company, company.wang, id)
    assert outcome(give_back(company, company.wang, id)) == (403, "pool_may_not_return")
    assert outcome(give_back(company, company.boss, id)) == (403, "pool_may_not_return")
    assert company.call(company.wang, "GET", f"/records/lead/{id}/pool").json["return_to"] == []
    assert give_back(company, company.li, id).status_code == 200
    assert outcome(give_back(company, company.li, id)) == (409, "pool_not_owned")
    own = company.lead(company.wang, name="own")["id"]
    assert outcome(give_back(company, company.li, own)) == (404, "not_found")


def test_a_manager_assigns_moves_and_is_not_limited(company: Any) -> None:
    first = make(company, f"user:{company.wang}", managers=[f"user:{company.boss}"], max_held=1)
    second = make(company, f"user:{company.li}", managers=[f"user:{company.boss}"])
    leads = list(pooled(company, first, "a", "b", "c").values())
    for id in leads[:2]:
        answer = company.call(company.boss, "POST", f"/records/lead/{id}/assign", {"user_id": company.wang})
        assert answer.status_code == 200, answer.json
    assert {lead(company, id)["owner_id"] for id in leads[:2]} == {company.wang}
    refused = company.call(company.wang, "POST", f"/records/lead/{leads[2]}/assign", {"user_id": company.wang})
    assert outcome(refused) == (403, "pool_managers_only")
    move(company, company.boss, second, leads[2])
    assert outcome(claim(company, company.wang, leads[2])) == (404, "not_found")
    assert claim(company, company.li, leads[2]).status_code == 200
    refused = company.call(company.wang, "POST", f"/records/lead/{leads[0]}/move", {"pool_id": second})
    assert outcome(refused) == (403, "pool_managers_only")


def test_masked_fields_can_be_neither_read_nor_sought_until_the_record_is_claimed(company: Any) -> None:
    pool = make(company, f"user:{company.wang}", managers=[f"user:{company.li}"], masked=["phone", "email"])
    id = pooled(company, pool, "name", phone="13800138000", email="wang@example.com", site="https://acme.example.com")["name"]
    own = company.lead(company.wang, name="own", phone="13800138001")["id"]
    call, query = company.call, "/records/lead/query"
    shown = call(company.wang, "GET", f"/records/lead/{id}").json
    assert (shown["phone"], shown["email"], shown["site"]) == (
        "138****8000", "w***@example.com", "https://acme.example.com")
    assert call(company.wang, "GET", f"/records/lead/{own}").json["phone"] == "+8613800138001"
    assert call(company.li, "GET", f"/records/lead/{id}").json["phone"] == "+8613800138000"
    page = call(company.wang, "GET", "/records/lead").json["items"]
    assert {one["id"]: one["phone"] for one in page} == {id: "138****8000", own: "+8613800138001"}
    timeline = call(company.wang, "GET", f"/records/lead/{id}/timeline").text
    assert "13800138000" not in timeline
    exported = call(company.wang, "POST", "/records/lead/export", {"format": "csv", "fields": ["name", "phone"]}).text
    assert "138****8000" in exported
    assert "13800138000" not in exported
    guesses = [{"field": "phone", "op": "starts_with", "value": "+86138"},
               {"not": {"field": "phone", "op": "eq", "value": "+8613800138009"}},
               {"any": [{"field": "phone", "op": "is_set"}, {"field": "name", "op": "is_set"}]}]
    for guess in guesses:
        assert [one["id"] for one in call(company.wang, "POST", query, {"criteria": guess}).json["items"]] == [own]
    assert [one["id"] for one in call(company.wang, "GET", "/records/lead?sort=phone").json["items"]] == [own]
    assert [one["id"] for one in call(company.wang, "GET", "/records/lead?q=8000").json["items"]] == []
    assert [one["id"] for one in call(company.wang, "GET", "/records/lead?q=nam").json["items"]] == [id]
    assert call(company.wang, "GET", "/search?q=13800138000&objects=lead").json["items"] == []
    found = call(company.wang, "GET", "/search?q=name&objects=lead").json["items"]
    assert [item["id"] for group in found for item in group["items"]] == [id]
    before = lead(company, id)["updated_at"]
    assert claim(company, company.wang, id).json["record"]["phone"] == "+8613800138000"
    then = f"/records/lead/{id}/as-of?at={before}"
    assert call(company.wang, "GET", then).json["record"]["phone"] == "+8613800138000"
    give_back(company, company.wang, id)
    assert call(company.wang, "GET", then).json["record"]["phone"] == "138****8000"


def test_a_pool_takes_what_meets_its_criteria_and_new_records_come_by_themselves(company: Any) -> None:
    east = make(company, f"user:{company.wang}", takes_new=True,
                criteria={"field": "region", "op": "eq", "value": "east"})
    rest = make(company, f"user:{company.li}", takes_new=True,
                criteria={"field": "region", "op": "ne", "value": "east"})
    made = {region: company.lead(company.admin, name=region, region=region, owner_id=None)
            for region in ("east", "north")}
    assert [made[region]["pool_id"] for region in ("east", "north")] == [east, rest]
    assert company.lead(company.admin, name="owned", region="east")["pool_id"] is None
    answer = company.call(company.admin, "POST", f"/records/lead/{made['north']['id']}/move", {"pool_id": east})
    assert outcome(answer) == (409, "pool_criteria")
    own = company.lead(company.wang, name="own", region="north")["id"]
    assert outcome(give_back(company, company.wang, own, pool_id=east)) == (409, "pool_criteria")
    assert give_back(company, company.wang, own, pool_id=rest).status_code == 200
    assert lead(company, own)["pool_id"] == rest


def test_the_fields_of_pools_are_the_systems(company: Any) -> None:
    pool, call, admin = make(company, f"user:{company.wang}"), company.call, company.admin
    id = pooled(company, pool, "name")["name"]
    for name, value in (("pool_id", None), ("owner_since", "2026-01-01T00:00:00Z")):
        assert call(admin, "PATCH", f"/records/lead/{id}", {name: value}).json["errors"][0]["code"] == "read_only"
        assert outcome(call(admin, "DELETE", f"/objects/lead/fields/{name}")) == (409, "field_managed")
    assert call(admin, "PATCH", "/objects/lead/fields/pool_id", {"label": {"en": "Sea"}}).status_code == 200
    made = {"name": "pool_id", "type": "text", "label": {"en": "Mine"}}
    assert call(admin, "POST", "/objects/customer/fields", made).json["errors"][0]["code"] == "reserved_name"
    sly = {"name": "sly", "type": "datetime", "label": {"en": "Sly"}, "options": {"managed": True}}
    assert call(admin, "POST", "/objects/customer/fields", sly).json["errors"][0]["code"] == "unknown_option"
    change(company, pool, name={"en": "Sea of leads", "zh-CN": "线索公海"})
    field = next(one for one in call(admin, "GET", "/objects/lead").json["fields"] if one["name"] == "pool_id")
    assert [one["label"] for one in field["options"]["choices"]] == [{"en": "Sea of leads", "zh-CN": "线索公海"}]
    assert field["label"] == {"en": "Sea"}
    assert outcome(call(admin, "DELETE", f"/pools/{pool}")) == (409, "pool_not_empty")
    assert claim(company, company.wang, id).status_code == 200
    assert call(admin, "DELETE", f"/records/lead/{id}").status_code == 204
    assert call(admin, "DELETE", f"/pools/{pool}").status_code == 204
    assert call(admin, "GET", "/pools").json["items"] == []


def test_a_pool_that_is_switched_off_is_gone_for_its_members(company: Any) -> None:
    pool = make(company, f"user:{company.wang}")
    leads = pooled(company, pool, "name")
    change(company, pool, active=False)
    assert_seen_everywhere(company, company.wang, leads, set())
    assert outcome(claim(company, company.wang, leads["name"])) == (404, "not_found")
    assert company.call(company.wang, "GET", "/pools").json["items"] == []
    assert company.call(company.wang, "GET", f"/pools/{pool}").status_code == 404
    change(company, pool, active=True)
    assert_seen_everywhere(company, company.wang, leads, {"name"})


def test_whoever_may_not_change_records_does_not_claim(company: Any) -> None:
    reader = company.seller(company.east_team, grant("own", ["read"]))
    id = pooled(company, make(company, f"user:{reader}"), "name")["name"]
    assert outcome(claim(company, reader, id)) == (403, "action_not_granted")
    assert company.call(reader, "GET", f"/records/lead/{id}/pool").json["can_claim"] is False


@pytest.mark.parametrize(("body", "pointer"), [
    ({"members": []}, "/members"), ({"members": ["user:nobody"]}, "/members/0"), ({"max_held": 0}, "/max_held"),
    ({"max_claims_per_day": "3"}, "/max_claims_per_day"), ({"former_owner_days": -1}, "/former_owner_days"),
    ({"masked": ["name"]}, "/masked/0"), ({"masked": ["score"]}, "/masked/0"), ({"active": 1}, "/active"),
    ({"criteria": {"field": "nothing", "op": "is_set"}}, "/criteria/field"), ({"reason_required": True}, "/reasons"),
    ({"reasons": [{"value": "!"}]}, "/reasons/0/value"), ({"name": {}}, "/name"), ({"depth": 1}, "/depth"),
])
def test_a_pool_that_makes_no_sense_is_refused_with_a_place(company: Any, body: Any, pointer: str) -> None:
    whole = {"object": "lead", "name": {"en": "Pool"}, "members": [f"user:{company.wang}"], **body}
    answer = company.call(company.admin, "POST", "/pools", whole)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("ids", [None, [], ["x"], "x", [1]])
def test_a_list_of_records_that_is_none_is_refused(company: Any, ids: Any) -> None:
    make(company, f"user:{company.wang}")
    assert company.call(company.wang, "POST", "/records/lead/claim", {"ids": ids}).status_code == 422
    assert outcome(company.call(company.wang, "POST", "/records/customer/claim", {"ids": ids})) == (409, "no_pools")

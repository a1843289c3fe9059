"""Merging two records and undoing it: what moves, what stays, what contradicts; on both databases."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.customer.events import RECORD_CHANGED, RECORD_MERGED

from .conftest import grant

_TECHNICAL = ("version", "updated_at", "updated_by")


def make(company: Any, object_name: str, **values: Any) -> dict[str, Any]:
    answer = company.call(company.admin, "POST", f"/records/{object_name}", values)
    assert answer.status_code == 201, answer.json
    return answer.json


def merge(company: Any, survivor: str, merged: str, who: str | None = None, object_name: str = "customer",
          **more: Any) -> Any:
    return company.call(who or company.admin, "POST", f"/records/{object_name}/{survivor}/merge",
                        {"merged": merged, **more})


def undo(company: Any, id: str, who: str | None = None) -> Any:
    return company.call(who or company.admin, "POST", f"/merges/{id}/undo")


def everything(company: Any) -> dict[str, Any]:
    """Every record of every object without what every write sets."""
    found = {}
    for object_name in ("customer", "contact", "lead"):
        for item in company.call(company.admin, "GET", f"/records/{object_name}?limit=200").json["items"]:
            found[item["id"]] = {name: value for name, value in item.items() if name not in _TECHNICAL}
    return found


def test_the_survivor_gets_values_references_and_history(company: Any) -> None:
    one = make(company, "customer", name="恒科机械有限公司")
    other = make(company, "customer", name="恒科机械", phone="13857101234")
    contact = make(company, "contact", name="李雷", customer_id=other["id"])
    lead = company.lead(company.wang, customer_id=other["id"])
    answer = merge(company, one["id"], other["id"], take=["phone"])
    assert answer.status_code == 200, answer.json
    assert (answer.json["record"]["name"], answer.json["record"]["phone"]) == ("恒科机械有限公司", "+8613857101234")
    for path in (f"contact/{contact['id']}", f"lead/{lead['id']}"):
        assert company.call(company.admin, "GET", f"/records/{path}").json["customer_id"] == one["id"]
    gone = company.call(company.admin, "GET", f"/records/customer/{other['id']}")
    assert (gone.status_code, gone.json["code"], gone.json["merged_into"]) == (410, "record_merged", one["id"])
    lines = company.call(company.admin, "GET", f"/records/customer/{one['id']}/timeline").json["items"]
    assert sorted(line["action"] for line in lines) == ["created", "created", "deleted", "updated"]
    found = company.harness.call(company.admin, "GET", "/v1/search", query_string={"q": "1234"}).json["items"]
    assert [item["id"] for item in found[0]["items"]] == [one["id"]]
    [listed] = company.call(company.admin, "GET", "/merges?object=customer").json["items"]
    assert (listed["id"], listed["survivor_title"], listed["merged_title"], listed["undone_at"]) == (
        answer.json["merge_id"], "恒科机械有限公司", "恒科机械", None)


def test_what_the_survivor_lacks_is_filled_when_nothing_is_said(company: Any) -> None:
    one, other = make(company, "customer", name="A"), make(company, "customer", name="B", phone="13857101234")
    record = merge(company, one["id"], other["id"]).json["record"]
    assert (record["name"], record["phone"]) == ("A", "+8613857101234")


def test_the_events_tell_of_the_merge_before_the_removal(company: Any) -> None:
    one, other = make(company, "customer", name="A"), make(company, "customer", name="B")
    earlier = len(company.harness.published())
    id = merge(company, one["id"], other["id"]).json["merge_id"]
    undo(company, id)
    told = company.harness.published()[earlier:]
    assert [violations(loads(message.to_json())) for message in told] == [[]] * len(told)
    merged = [message.data["undone"] for message in told if message.type == RECORD_MERGED]
    assert merged == [False, True]
    kinds = [message.type if message.type == RECORD_MERGED else message.data["changes"][0]["action"]
             for message in told]
    assert kinds.index(RECORD_MERGED) < kinds.index("deleted")
    versions = [change["version"] for message in told if message.type == RECORD_CHANGED
                for change in message.data["changes"] if change["id"] == other["id"]]
    assert versions == sorted(set(versions))
    assert all(message.data.get("rules") is False for message in told if message.type == RECORD_CHANGED)


@pytest.mark.parametrize("seed", range(3))
def test_merge_and_undo_leave_everything_as_it_was(company: Any, seed: int) -> None:
    chance = random.Random(seed)
    customers = [make(company, "customer", name=f"K{number}", phone=chance.choice([None, f"1385710{number:04d}"]))
                 for number in range(5)]
    for number in range(8):
        make(company, "contact", name=f"P{number}", customer_id=chance.choice(customers)["id"])
        company.lead(company.wang, name=f"L{number}", code=f"C{number}",
                     customer_id=chance.choice([None, chance.choice(customers)["id"]])) if number % 2 else None
    before = everything(company)
    one, other = (record["id"] for record in chance.sample(customers, 2))
    take = chance.choice([None, [], ["name"], ["name", "phone"]])
    merged = merge(company, one, other, take=take)
    assert merged.status_code == 200, merged.json
    between = everything(company)
    assert other not in between
    for id, record in before.items():
        if id not in (one, other):
            leads_on = {name: one if value == other else value for name, value in record.items()}
            assert between[id] == leads_on
    back = undo(company, merged.json["merge_id"])
    assert back.status_code == 200, back.json
    assert everything(company) == before
    assert undo(company, merged.json["merge_id"]).json["code"] == "merge_undone"
    assert company.call(company.admin, "GET", f"/records/customer/{other}").status_code == 200


def test_an_undo_is_refused_when_what_the_merge_gave_was_changed(company: Any) -> None:
    one, other = make(company, "customer", name="A"), make(company, "customer", name="B", phone="13857101234")
    id = merge(company, one["id"], other["id"]).json["merge_id"]
    company.call(company.admin, "PATCH", f"/records/customer/{one['id']}", {"phone": "13900001111"})
    answer = undo(company, id)
    assert (answer.status_code, answer.json["code"]) == (409, "merge_contradicted")
    assert answer.json["errors"][0]["pointer"] == "/phone"
    company.call(company.admin, "PATCH", f"/records/customer/{one['id']}", {"phone": "13857101234"})
    assert undo(company, id).status_code == 200


def test_what_was_led_elsewhere_since_stays_there(company: Any) -> None:
    one, other, third = (make(company, "customer", name=name) for name in "ABC")
    contact = make(company, "contact", name="李雷", customer_id=other["id"])
    id = merge(company, one["id"], other["id"]).json["merge_id"]
    company.call(company.admin, "PATCH", f"/records/contact/{contact['id']}", {"customer_id": third["id"]})
    assert undo(company, id).status_code == 200
    assert company.call(company.admin, "GET", f"/records/contact/{contact['id']}").json["customer_id"] == third["id"]


def test_unique_values_go_over_and_come_back(company: Any) -> None:
    one, other = company.lead(company.wang, code="A1"), company.lead(company.wang, code="B2")
    answer = merge(company, one["id"], other["id"], object_name="lead", take=["code"])
    assert answer.json["record"]["code"] == "B2"
    taken = company.lead(company.wang, code="A1")
    assert undo(company, answer.json["merge_id"]).json["code"] == "merge_contradicted"
    company.call(company.admin, "DELETE", f"/records/lead/{taken['id']}")
    assert undo(company, answer.json["merge_id"]).status_code == 200
    codes = {company.call(company.wang, "GET", f"/records/lead/{lead['id']}").json["code"] for lead in (one, other)}
    assert codes == {"A1", "B2"}


def test_lists_of_references_follow_and_come_back(company: Any) -> None:
    company.call(company.admin, "POST", "/objects/contact/fields",
                 {"name": "firms", "type": "reference_list", "options": {"object": "customer"}})
    company.call(company.admin, "POST", "/objects/customer/fields",
                 {"name": "partners", "type": "reference_list", "options": {"object": "customer"}})
    one, third = make(company, "customer", name="A"), make(company, "customer", name="C")
    other = make(company, "customer", name="B", partners=[one["id"], third["id"]])
    company.call(company.admin, "PATCH", f"/records/customer/{one['id']}", {"partners": [other["id"], third["id"]]})
    contact = make(company, "contact", name="李雷", firms=[third["id"], other["id"], one["id"]])
    before = everything(company)
    merged = merge(company, one["id"], other["id"])
    assert merged.status_code == 200, merged.json
    assert merged.json["record"]["partners"] == [third["id"]]
    firms = company.call(company.admin, "GET", f"/records/contact/{contact['id']}").json["firms"]
    assert firms == [third["id"], one["id"]]
    assert undo(company, merged.json["merge_id"]).status_code == 200
    assert everything(company) == before


def test_a_link_between_the_two_does_not_become_one_to_itself(company: Any) -> None:
    company.call(company.admin, "POST", "/objects/customer/fields",
                 {"name": "parent_id", "type": "reference", "options": {"object": "customer"}})
    one = make(company, "customer", name="A")
    other = make(company, "customer", name="B", parent_id=one["id"])
    company.call(company.admin, "PATCH", f"/records/customer/{one['id']}", {"parent_id": other["id"]})
    before = everything(company)
    answer = merge(company, one["id"], other["id"])
    assert answer.json["record"]["parent_id"] is None
    assert undo(company, answer.json["merge_id"]).status_code == 200
    assert everything(company) == before


def test_a_chain_of_merges_leads_to_the_last_survivor(company: Any) -> None:
    one, other, third = (make(company, "customer", name=name) for name in "ABC")
    first = merge(company, other["id"], one["id"]).json["merge_id"]
    merge(company, third["id"], other["id"])
    gone = company.call(company.admin, "GET", f"/records/customer/{one['id']}")
    assert (gone.status_code, gone.json["merged_into"]) == (410, third["id"])
    assert undo(company, first).status_code == 404
    lines = company.call(company.admin, "GET", f"/records/customer/{third['id']}/timeline").json["items"]
    assert sorted(line["action"] for line in lines) == ["created"] * 3 + ["deleted"] * 2


def test_who_may_merge(company: Any) -> None:
    mine, also, theirs = company.lead(company.wang), company.lead(company.wang), company.lead(company.li)
    assert merge(company, mine["id"], theirs["id"], company.wang, "lead").json["errors"][0]["code"] == (
        "unknown_reference")
    assert merge(company, theirs["id"], mine["id"], company.wang, "lead").status_code == 404
    for actions in (["read", "update"], ["read", "delete"]):
        person = company.seller(company.east_team, grant("all", actions))
        answer = merge(company, mine["id"], also["id"], person, "lead")
        assert (answer.status_code, answer.json["code"]) == (403, "action_not_granted")
    answer = merge(company, mine["id"], also["id"], company.wang, "lead")
    assert answer.status_code == 200
    assert undo(company, answer.json["merge_id"], company.li).status_code == 404
    assert company.call(company.li, "GET", f"/records/lead/{also['id']}").status_code == 404
    assert company.call(company.li, "GET", "/merges?object=lead").json["items"] == []
    assert undo(company, answer.json["merge_id"], company.wang).status_code == 200


def test_a_merge_that_makes_no_sense_is_refused(company: Any) -> None:
    one, other = make(company, "customer", name="A"), make(company, "customer", name="B")
    assert merge(company, one["id"], one["id"]).status_code == 422
    assert merge(company, one["id"], "nonsense").status_code == 422
    assert merge(company, one["id"], other["id"], take=["nonsense"]).json["errors"][0]["pointer"] == "/take"
    assert merge(company, one["id"], other["id"], take="name").status_code == 422
    assert merge(company, one["id"], other["id"], versions={other["id"]: 7}).status_code == 412
    assert merge(company, one["id"], other["id"], versions=[1]).status_code == 422
    assert company.call(company.admin, "GET", "/merges").status_code == 422
    assert company.call(company.admin, "GET", "/merges?object=customer&record_id=x").status_code == 422
    assert undo(company, "nonsense").status_code == 404


def test_a_value_of_a_removed_field_does_not_stand_in_the_way_of_a_merge(company: Any) -> None:
    field = {"name": "backer_id", "type": "reference", "options": {"object": "customer"}}
    assert company.call(company.admin, "POST", "/objects/contact/fields", field).status_code == 201
    one, other = make(company, "customer", name="A"), make(company, "customer", name="B")
    make(company, "contact", name="P", backer_id=other["id"])
    assert company.call(company.admin, "DELETE", "/objects/contact/fields/backer_id").status_code in (200, 202, 204)
    answer = merge(company, one["id"], other["id"])
    assert answer.status_code == 200, answer.json

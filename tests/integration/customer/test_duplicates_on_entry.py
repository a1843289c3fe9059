"""The check while a record is entered: what is alike is found with reasons, a colleague's record is told and no more;
on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import grant


def look(company: Any, who: str, values: dict[str, Any], object_name: str = "lead") -> dict[str, Any]:
    answer = company.call(who, "POST", f"/records/{object_name}/duplicates", {"values": values})
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def customers(company: Any) -> Any:
    """A company whose customers are compared while they are entered."""
    chosen = {"fields": [{"field": "name", "as": "company"}, {"field": "phone", "as": "phone"}]}
    assert company.call(company.admin, "PUT", "/duplicates/customer/setup", chosen).status_code == 200
    return company


def customer(company: Any, **values: Any) -> str:
    return company.call(company.admin, "POST", "/records/customer", values).json["id"]


@pytest.mark.parametrize(("known", "typed", "reason"), [
    ("杭州恒科机械有限公司", "恒科機械（杭州）", "same_core"),
    ("杭州恒科精密机械有限公司", "恒科精蜜机械", "sounds_alike"),
    ("Hengke Precision Machinery Co., Ltd.", "Hengke Precison Machinery", "similar"),
    ("上海华信集团股份有限公司", "上海华信", "same_core"),
    ("Müller Maschinenbau GmbH", "MULLER MASCHINENBAU", "same_core")])
def test_a_company_that_is_written_another_way_is_found_while_one_types(
        customers: Any, known: str, typed: str, reason: str) -> None:
    id = customer(customers, name=known)
    customer(customers, name="大华电子有限公司")
    [match] = look(customers, customers.admin, {"name": typed}, "customer")["items"]
    assert (match["id"], match["title"], match["matched"]) == (id, known, [])
    assert 0.65 <= match["score"] <= 1
    [why] = match["reasons"]
    assert (why["field"], why["reason"], why["for"]) == ("name", reason, True)
    assert why["text"]


def test_what_is_equal_comes_before_what_is_alike(company: Any) -> None:
    alike = company.lead(company.wang, name="张伟", company="恒科机械有限公司", phone="13857101239")["id"]
    equal = company.lead(company.wang, name="李娜", company="大华电子", phone="13857101234")["id"]
    found = look(company, company.wang, {"name": "张伟", "company": "恒科机械", "phone": "13857101234"})
    assert [one["id"] for one in found["items"]] == [equal, alike]
    assert [one["matched"] for one in found["items"]] == [["phone"], []]
    assert {one["field"]: one["reason"] for one in found["items"][1]["reasons"]} == {
        "name": "same", "company": "same_core", "phone": "similar"}


def test_two_people_of_one_name_are_no_duplicates(company: Any) -> None:
    company.lead(company.wang, name="王芳", phone="13857101234")
    assert look(company, company.wang, {"name": "王芳", "phone": "13912345678"}) == {"items": [], "others": None}
    assert len(look(company, company.wang, {"name": "王芳", "phone": "13857101234"})["items"]) == 1


def test_an_object_without_rules_or_choices_is_not_compared(company: Any) -> None:
    customer(company, name="杭州恒科机械有限公司")
    assert look(company, company.admin, {"name": "恒科机械"}, "customer") == {"items": [], "others": None}


def test_a_colleagues_record_is_told_with_its_owner_and_nothing_else(company: Any) -> None:
    theirs = company.lead(company.li, name="张伟", company="杭州恒科机械有限公司", phone="13857101234")
    for values in ({"phone": "+86 138 5710 1234"}, {"name": "张伟", "company": "恒科机械"}):
        found = look(company, company.wang, values)
        assert found == {"items": [], "others": {"owners": [{"id": company.li, "name": "李雷"}]}}
        assert theirs["id"] not in str(found)
    [seen] = look(company, company.li, {"phone": "13857101234"})["items"]
    assert seen["id"] == theirs["id"]


def test_the_administrator_says_how_much_is_told_of_a_colleagues_record(company: Any) -> None:
    company.lead(company.li, name="张伟", phone="13857101234")
    setup = company.call(company.admin, "GET", "/duplicates/lead/setup").json
    for level, told in (("exists", {"owners": []}), ("nothing", None),
                        ("owner", {"owners": [{"id": company.li, "name": "李雷"}]})):
        answer = company.call(company.admin, "PUT", "/duplicates/lead/setup", setup | {"others": level})
        assert answer.json["others"] == level
        assert look(company, company.wang, {"phone": "13857101234"}) == {"items": [], "others": told}
    answer = company.call(company.admin, "PUT", "/duplicates/lead/setup", setup | {"others": "everything"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/others")


def test_a_field_that_the_caller_may_not_read_takes_no_part(company: Any) -> None:
    company.lead(company.wang, name="张伟", company="恒科机械", phone="13857101234")
    blind = company.seller(company.east_team, grant("all", None, phone="none"))
    asked = {"values": {"phone": "13857101234"}}
    assert company.call(blind, "POST", "/records/lead/duplicates", asked).status_code == 422
    [match] = look(company, blind, {"name": "张伟", "company": "恒科机械有限公司"})["items"]
    assert {one["field"] for one in match["reasons"]} == {"name", "company"}


def test_a_changed_and_a_removed_record_are_known_at_once(customers: Any) -> None:
    id = customer(customers, name="大华电子有限公司")
    customers.call(customers.admin, "PATCH", f"/records/customer/{id}", {"name": "杭州恒科机械有限公司"})
    assert look(customers, customers.admin, {"name": "大华电子"}, "customer")["items"] == []
    assert len(look(customers, customers.admin, {"name": "恒科机械"}, "customer")["items"]) == 1
    assert customers.call(customers.admin, "DELETE", f"/records/customer/{id}").status_code == 204
    assert look(customers, customers.admin, {"name": "恒科机械"}, "customer")["items"] == []


def test_half_a_value_matches_nothing(company: Any) -> None:
    company.lead(company.wang, name="张伟", phone="13857101234")
    assert look(company, company.wang, {"phone": "1385", "email": "zw@", "company": ""})["items"] == []


def convert(company: Any, lead: dict[str, Any], who: str | None = None, **wishes: Any) -> Any:
    return company.call(who or company.wang, "POST", f"/records/lead/{lead['id']}/convert", wishes)


def test_a_conversion_uses_the_customer_that_is_there_when_it_shall(customers: Any) -> None:
    known = customer(customers, name="杭州恒科机械有限公司")
    lead = customers.lead(customers.wang, name="张伟", company="恒科机械")
    done = convert(customers, lead, existing="link")
    assert done.status_code == 200, done.json
    assert done.json["created"]["customer"] == known
    assert done.json["record"]["customer_id"] == known
    contact = customers.call(customers.wang, "GET", f"/records/contact/{done.json['created']['contact']}").json
    assert (contact["name"], contact["customer_id"]) == ("张伟", known)
    assert customers.call(customers.admin, "GET", f"/records/customer/{known}").json["version"] == 1


def test_a_conversion_makes_a_new_customer_unless_it_shall_look(customers: Any) -> None:
    known = customer(customers, name="杭州恒科机械有限公司")
    for wishes in ({}, {"existing": "create"}):
        lead = customers.lead(customers.wang, name="张伟", company="恒科机械")
        assert convert(customers, lead, **wishes).json["created"]["customer"] != known
    strange = customers.lead(customers.wang, name="李娜", company="大华电子")
    made = convert(customers, strange, existing="link").json["created"]["customer"]
    assert customers.call(customers.wang, "GET", f"/records/customer/{made}").json["name"] == "大华电子"
    answer = convert(customers, customers.lead(customers.wang, company="大华"), existing="always")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/existing")


def test_a_conversion_does_not_choose_between_two_that_are_equally_sure(customers: Any) -> None:
    both = {customer(customers, name="杭州恒科机械有限公司"), customer(customers, name="恒科机械（杭州）股份公司")}
    lead = customers.lead(customers.wang, name="张伟", company="恒科机械")
    refused = convert(customers, lead, existing="link")
    assert (refused.status_code, refused.json["code"]) == (409, "conversion_ambiguous")
    assert set(refused.json["matches"]) == both
    one = min(both)
    assert convert(customers, lead, values={"customer": {"id": one}}).json["created"]["customer"] == one


def test_a_conversion_never_uses_what_its_caller_does_not_see(customers: Any) -> None:
    foreign = customer(customers, name="杭州恒科机械有限公司")
    person = customers.seller(customers.east_team, grant("own"), customer=grant("own"))
    lead = customers.lead(person, name="张伟", company="恒科机械")
    assert convert(customers, lead, who=person, existing="link").json["created"]["customer"] != foreign


def test_what_is_read_but_not_entered_tells_nothing_of_others(customers: Any) -> None:
    customer(customers, name="杭州恒科机械有限公司")
    reader = customers.seller(customers.east_team, grant("own"), customer=grant("own", actions=("read",)))
    answer = customers.call(reader, "POST", "/records/customer/duplicates", {"values": {"name": "恒科机械"}})
    assert (answer.json["items"], answer.json["others"]) == ([], None)

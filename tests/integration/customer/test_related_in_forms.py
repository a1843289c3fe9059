"""Conditions over related records on forms: demanded by the server, with the eyes of who fills in, and asked ahead."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from .conftest import grant
from .test_layouts import PATH, layout, make, placed, pointers
from .test_related_criteria import customer, lead

FROM_BIG = {"field": "customer_id.name", "op": "contains", "value": "Big"}
NOT_BIG = {"not": FROM_BIG}
LEADS = {"related": "lead.customer_id", "op": "at_least", "value": 2,
         "where": {"field": "region", "op": "eq", "value": "east"}}


def judged(company: Any, who: str, conditions: list[Any], records: list[Any], object_name: str = "lead",
           **more: Any) -> Any:
    answer = company.call(who, "POST", f"/records/{object_name}/judge",
                          {"conditions": conditions, "records": records, **more})
    assert answer.status_code == 200, answer.json
    return answer.json["holds"]


def test_a_form_demands_a_field_by_the_record_behind_a_reference(company: Any) -> None:
    make(company, layout("main", placed("name"), placed("customer_id"), placed("phone", required_when=FROM_BIG)))
    big, small = customer(company, company.admin, "Big Ltd"), customer(company, company.admin, "Small Ltd")
    create = {"name": "A", "customer_id": big}
    assert pointers(company.call(company.wang, "POST", "/records/lead", create)) == [("/phone", "required_by_layout")]
    made = company.call(company.wang, "POST", "/records/lead", {**create, "customer_id": small})
    assert made.status_code == 201
    path = f"/records/lead/{made.json['id']}"
    move = company.call(company.wang, "PATCH", path, {"customer_id": big})
    assert pointers(move) == [("/phone", "required_by_layout")]
    assert company.call(company.wang, "PATCH", path, {"customer_id": big, "phone": "13800138000"}).status_code == 200
    assert company.call(company.wang, "PATCH", path, {"customer_id": None, "phone": None}).status_code == 200


def test_a_form_counts_the_records_that_refer_to_one(company: Any) -> None:
    path = "/objects/customer/layouts"
    form = layout("main", placed("name"), placed("phone", required_when=LEADS))
    made = company.call(company.admin, "POST", path, form)
    assert made.status_code == 201, made.json
    one = customer(company, company.admin, "One")  # a new record has nobody who refers to it
    lead(company, company.admin, one, region="east")
    assert company.call(company.admin, "PATCH", f"/records/customer/{one}", {"name": "Uno"}).status_code == 200
    lead(company, company.admin, one, region="east")
    renamed = company.call(company.admin, "PATCH", f"/records/customer/{one}", {"name": "Ein"})
    assert renamed.status_code == 200, "what was lacking before is not asked for"
    assert company.call(company.admin, "PATCH", f"/records/customer/{one}", {"phone": "13800138000"}).status_code == 200
    assert pointers(company.call(company.admin, "PATCH", f"/records/customer/{one}", {"phone": None})) == [
        ("/phone", "required_by_layout")]


def test_what_the_caller_does_not_see_is_not_there_for_his_form(company: Any) -> None:
    """The customer of a colleague: the seller's form demands nothing because of it, and shows him no condition."""
    make(company, layout("main", placed("name"), placed("customer_id"), placed("phone", required_when=FROM_BIG),
                         placed("email", visible_when=NOT_BIG, required=True)))
    big = customer(company, company.admin, "Big Ltd")
    own = company.seller(company.east_team, grant("all"), customer=grant("own"))
    blind = company.seller(company.east_team, grant("all"), customer=grant("all", name="none"))
    without = company.seller(company.east_team, grant("all"), customer=grant("all", []))
    old = company.lead(company.admin, customer_id=None, email="a@example.com", phone="13800138000")
    company.call(company.admin, "PATCH", f"/records/lead/{old['id']}", {"customer_id": big})
    for caller in (own, blind, without):
        assert company.call(caller, "PATCH", f"/records/lead/{old['id']}", {"note": "seen"}).status_code == 200
        assert pointers(company.call(caller, "PATCH", f"/records/lead/{old['id']}", {"email": None})) == [
            ("/email", "required_by_layout")]
    [shown] = [one for one in resolved(company, blind) if one["key"] == "main"]
    assert [one["required_when"] for one in shown["sections"][0]["fields"]] == [None, None, {"any": []}, None]
    assert shown["sections"][0]["fields"][3]["visible_when"] == {"not": {"any": []}}
    [whole] = [one for one in resolved(company, own) if one["key"] == "main"]
    assert whole["sections"][0]["fields"][2]["required_when"] == FROM_BIG
    assert judged(company, own, [FROM_BIG, NOT_BIG], [{"customer_id": big}]) == [[False, True]]
    assert judged(company, company.admin, [FROM_BIG, NOT_BIG], [{"customer_id": big}]) == [[True, False]]


def resolved(company: Any, who: str) -> list[Any]:
    answer = company.call(who, "GET", "/objects/lead/layout")
    assert answer.status_code == 200, answer.json
    return list(answer.json["candidates"])


def test_the_layout_itself_may_be_chosen_by_a_related_record(company: Any) -> None:
    make(company, layout("big", placed("name"), criteria=FROM_BIG))
    big = customer(company, company.admin, "Big Ltd")
    of_big, of_none = lead(company, company.admin, big), lead(company, company.admin, None)
    keys = [company.call(company.admin, "GET", f"/objects/lead/layout?record_id={id}").json["layout"]["key"]
            for id in (of_big, of_none)]
    assert keys == ["big", "standard"]


def test_a_layout_whose_related_field_goes_demands_nothing(company: Any) -> None:
    make(company, layout("main", placed("name"), placed("phone", required_when={
        "field": "customer_id.phone", "op": "is_set"})))
    of = customer(company, company.admin, "A", phone="13800138000")
    refused = company.call(company.admin, "POST", "/records/lead", {"name": "x", "customer_id": of})
    assert pointers(refused) == [("/phone", "required_by_layout")]
    gone = company.call(company.admin, "DELETE", "/objects/customer/fields/phone")
    assert gone.status_code in (200, 204), gone.json
    assert company.lead(company.admin, customer_id=of)


def test_many_records_are_judged_by_as_many_statements_as_one(company: Any) -> None:
    make(company, layout("main", placed("name"), placed("phone", required_when=FROM_BIG)))
    of = [customer(company, company.admin, f"Small {place}") for place in range(30)]
    counts = []
    for some in (of[:1], of):
        statements: list[str] = []
        engine = company.harness.service.db.engine
        keep = lambda _c, _cur, statement, *_: statements.append(statement)  # noqa: E731, B023
        event.listen(engine, "before_cursor_execute", keep)
        answer = company.call(company.wang, "POST", "/records/lead/batch", {"operations": [
            {"action": "create", "values": {"name": "x", "customer_id": one}} for one in some]})
        event.remove(engine, "before_cursor_execute", keep)
        assert {one["status"] for one in answer.json["results"]} == {201}
        counts.append(sum("r_customer" in one for one in statements))
    assert counts[0] == counts[1]


def test_conditions_are_answered_ahead_for_values_that_nobody_has_saved(company: Any) -> None:
    big, small = customer(company, company.admin, "Big Ltd"), customer(company, company.admin, "Small")
    for _ in range(2):
        lead(company, company.admin, big, region="east")
    holds = judged(company, company.admin, [FROM_BIG, {"field": "region", "op": "eq", "value": "east"}], [
        {"customer_id": big, "region": "east"}, {"customer_id": small}, {"customer_id": "nonsense"}, {}])
    assert holds == [[True, True], [False, False], [False, False], [False, False]]
    assert judged(company, company.admin, [LEADS], [
        {"id": big}, {"id": small}, {}], "customer") == [[True], [False], [False]]
    mine = {"field": "customer_id.owner_id", "op": "eq", "value": "$me"}
    wang = company.harness.service.directory.snapshot().users[company.wang]["id"]
    theirs = customer(company, company.wang, "His")
    assert judged(company, company.wang, [mine], [{"customer_id": theirs}, {"customer_id": big}]) == [[True], [False]]
    asked = {"conditions": [mine], "records": [{"customer_id": theirs}], "person": wang}
    assert pointers(company.call(company.admin, "POST", "/records/lead/judge", asked)) == [
        ("/person", "only_for_services")]


def test_what_is_wrong_with_a_question_about_records_in_hand_is_said_with_its_place(company: Any) -> None:
    for body, pointer in (
            ({"records": []}, "/conditions"), ({"conditions": [FROM_BIG]}, "/records"),
            ({"conditions": [FROM_BIG, {"field": "customer_id.nothing", "op": "is_set"}], "records": []},
             "/conditions/1/field"),
            ({"conditions": [], "records": [1]}, "/records/0"), ({"conditions": [1], "records": []}, "/conditions/0"),
            ({"conditions": [], "records": [], "person": "x"}, "/person"),
            ({"conditions": [], "records": [], "more": 1}, "/more"),
            ({"conditions": [FROM_BIG] * 101, "records": []}, "/conditions"),
            ({"conditions": [], "records": [{}] * 501}, "/records")):
        answer = company.call(company.admin, "POST", "/records/lead/judge", body)
        assert [one[0] for one in pointers(answer)] == [pointer], body
    stranger = company.harness.user("Nobody", company.east_team, (company.harness.role({}),))
    assert company.call(stranger, "POST", "/records/lead/judge", {"conditions": [], "records": []}).status_code == 404


def test_a_layout_asks_at_most_twenty_different_conditions_over_related_records(company: Any) -> None:
    many = [{"field": "customer_id.name", "op": "contains", "value": str(place)} for place in range(21)]
    fields = [placed("name", required_when={"any": many[:20]}), placed("phone", required_when=many[20])]
    assert pointers(company.call(company.admin, "POST", PATH, layout("main", *fields))) == [
        ("/sections", "too_many_related_conditions")]
    fields[1]["required_when"] = many[0]
    make(company, layout("main", *fields))

"""Stage gates: a record moves on only when the stage's condition holds, over its own values and related records."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import grant
from .test_layouts import pointers
from .test_related_criteria import customer, lead

AMOUNT = {"field": "expected_amount", "op": "is_set"}
NAMED = {"field": "customer_id.name", "op": "contains", "value": "Ltd"}
TWO_LEADS = {"related": "lead.deal_id", "op": "at_least", "value": 2,
             "where": {"field": "region", "op": "eq", "value": "east"}}


def stages(**exits: Any) -> list[dict[str, Any]]:
    """Four stages, the last two of which close a deal."""
    ends = {"won": {"closed": "won"}, "lost": {"closed": "lost"}}
    return [{"value": value, "label": {"en": value.title(), "zh-CN": f"阶段{value}"}, "stage": {
        **ends.get(value, {}), **({"exit": exits[value]} if value in exits else {})}}
            for value in ("new", "talk", "offer", "won", "lost")]


@pytest.fixture
def deals(company: Any) -> Any:
    """A function that makes an object of deals with these gates, and leads that refer to them."""
    def make(**exits: Any) -> None:
        fields = [{"name": "name", "type": "text"}, {"name": "expected_amount", "type": "money"},
                  {"name": "reason", "type": "text", "label": {"en": "Reason"}},
                  {"name": "customer_id", "type": "reference", "label": {"en": "Customer"},
                   "options": {"object": "customer"}}]
        made = company.call(company.admin, "POST", "/objects", {
            "name": "deal", "label": {"en": "Deal", "zh-CN": "商机"}, "plural": {"en": "Deals"}, "fields": fields})
        assert made.status_code == 201, made.json
        link = {"name": "deal_id", "type": "reference", "options": {"object": "deal"}}
        assert company.call(company.admin, "POST", "/objects/lead/fields", link).status_code == 201
        stage = {"name": "stage", "type": "choice", "label": {"en": "Stage"}, "options": {"choices": stages(**exits)}}
        answer = company.call(company.admin, "POST", "/objects/deal/fields", stage)
        assert answer.status_code == 201, answer.json

    return make


def deal(company: Any, **values: Any) -> str:
    answer = company.call(company.admin, "POST", "/records/deal", {"name": "A", "stage": "new", **values})
    assert answer.status_code == 201, answer.json
    return f"/records/deal/{answer.json['id']}"


def test_a_record_moves_on_only_when_the_condition_of_its_stage_holds(company: Any, deals: Any) -> None:
    deals(new=AMOUNT)
    path = deal(company)
    refused = company.call(company.admin, "PATCH", path, {"stage": "talk"})
    assert pointers(refused) == [("/stage", "stage_gate")]
    assert refused.json["errors"][0]["detail"] == "“New” cannot be left yet. Still needed: expected_amount is set"
    both = {"stage": "talk", "expected_amount": {"amount": "5", "currency": "CNY"}}
    assert company.call(company.admin, "PATCH", path, both).status_code == 200, "judged as the record will be"


def test_no_gate_is_jumped_and_who_goes_back_or_gives_up_is_asked_nothing(company: Any, deals: Any) -> None:
    deals(talk=AMOUNT, lost={"field": "reason", "op": "is_set"}, won={"field": "reason", "op": "is_set"})
    path = deal(company)
    assert pointers(company.call(company.admin, "PATCH", path, {"stage": "offer"})) == [("/stage", "stage_gate")]
    assert company.call(company.admin, "PATCH", path, {"stage": "talk"}).status_code == 200
    assert company.call(company.admin, "PATCH", path, {"stage": "new"}).status_code == 200
    lost = company.call(company.admin, "PATCH", path, {"stage": "lost"})
    assert pointers(lost) == [("/stage", "stage_closed")]
    assert "cannot be closed as “Lost”" in lost.json["errors"][0]["detail"]
    assert company.call(company.admin, "PATCH", path, {"stage": "lost", "reason": "price"}).status_code == 200
    assert company.call(company.admin, "PATCH", path, {"stage": "talk"}).status_code == 200, "taken up again"
    won = company.call(company.admin, "PATCH", path, {"stage": "won", "reason": None})
    assert pointers(won) == [("/stage", "stage_gate")]


def test_a_gate_asks_related_records_for_everybody_alike(company: Any, deals: Any) -> None:
    deals(new={"all": [AMOUNT, NAMED, TWO_LEADS]})
    of = customer(company, company.admin, "Huawei Ltd")
    path = deal(company, customer_id=of, expected_amount={"amount": "5", "currency": "CNY"})
    own = company.seller(company.east_team, grant("own"), deal=grant("all"), customer=grant("own"))
    blind = company.seller(company.east_team, grant("all", []), deal=grant("all"))
    refused = company.call(own, "PATCH", path, {"stage": "talk"})
    assert "has at least 2 Leads with (Region is East)" in refused.json["errors"][0]["detail"]
    told = company.call(blind, "PATCH", path, {"stage": "talk"}).json["errors"][0]["detail"]
    assert "Region" not in told
    assert "may not read" in told
    for _ in range(2):
        lead(company, company.admin, None, region="east", deal_id=path.rpartition("/")[2])
    assert company.call(own, "PATCH", path, {"stage": "talk"}).status_code == 200, "the system sees them"


def test_a_refusal_is_said_in_the_language_of_the_reader(company: Any, deals: Any) -> None:
    deals(new={"all": [NAMED, {"field": "stage", "op": "eq", "value": "won"}]})
    path = deal(company)
    role = company.harness.role({"*": grant("all")})
    reader = company.harness.user("王", company.east_team, (role,), locale="zh-CN")
    told = company.call(reader, "PATCH", path, {"stage": "talk"}).json["errors"][0]["detail"]
    assert told.startswith("尚不能离开“阶段new”阶段，还需满足：")
    assert "Customer › " in told
    assert "阶段won" in told


def test_many_moves_at_once_are_judged_each_by_itself(company: Any, deals: Any) -> None:
    deals(new=AMOUNT)
    rich, poor = deal(company, expected_amount={"amount": "1", "currency": "CNY"}), deal(company)
    answer = company.call(company.admin, "POST", "/records/deal/batch", {"operations": [
        {"action": "update", "id": path.rpartition("/")[2], "values": {"stage": "talk"}} for path in (rich, poor)]})
    assert [one["status"] for one in answer.json["results"]] == [200, 422]


def test_a_gate_whose_field_is_gone_lets_everybody_through(company: Any, deals: Any) -> None:
    deals(new={"field": "reason", "op": "is_set"})
    path = deal(company)
    assert company.call(company.admin, "PATCH", path, {"stage": "talk"}).status_code == 422
    assert company.call(company.admin, "DELETE", "/objects/deal/fields/reason").status_code in (200, 204)
    assert company.call(company.admin, "PATCH", path, {"stage": "talk"}).status_code == 200


def test_a_condition_with_groups_counts_among_the_clauses_of_a_stage(company: Any) -> None:
    many = {"all": [{"related": "lead.customer_id", "op": "some", "where": AMOUNT}] * 26}
    field = {"name": "stage", "type": "choice", "options": {"choices": stages(new=many)}}
    answer = company.call(company.admin, "POST", "/objects/customer/fields", field)
    assert [one["code"] for one in answer.json["errors"]] == ["bad_stage"]


def entries(**about: Any) -> dict[str, Any]:
    """The stages of a deal as the designer sends them, in their order, with what is said about some of them."""
    ends = {"won": {"closed": "won"}, "lost": {"closed": "lost"}}
    return {"stages": [{"value": value, "stage": {**ends.get(value, {}), **about.get(value, {})}}
                       for value in ("new", "talk", "offer", "won", "lost")]}


def designed(company: Any, body: Any, field: str = "stage") -> Any:
    return company.call(company.admin, "PUT", f"/objects/deal/fields/{field}/stages", body)


def test_a_record_comes_into_a_stage_only_with_what_is_required_there(company: Any, deals: Any) -> None:
    deals()
    answer = designed(company, entries(offer={"required": ["expected_amount", "reason"], "enter": NAMED}))
    assert answer.status_code == 200, answer.json
    path = deal(company)
    refused = company.call(company.admin, "PATCH", path, {"stage": "offer"})
    assert pointers(refused) == [("/stage", "stage_entry")]
    assert refused.json["errors"][0]["detail"] == (
        "“Offer” cannot be entered yet. Still needed: expected_amount is set and Reason is set and "
        "Customer › Name contains “Ltd”")
    assert company.call(company.admin, "PATCH", path, {"stage": "talk"}).status_code == 200, "it asks nothing"
    whole = {"reason": "x", "expected_amount": {"amount": "5", "currency": "CNY"},
             "customer_id": customer(company, company.admin, "Huawei Ltd")}
    assert company.call(company.admin, "PATCH", path, {"stage": "offer", **whole}).status_code == 200
    assert company.call(company.admin, "PATCH", path, {"stage": "new", "reason": None}).status_code == 200
    assert pointers(company.call(company.admin, "PATCH", path, {"stage": "won"})) == [("/stage", "stage_entry")]
    assert company.call(company.admin, "PATCH", path, {"stage": "lost"}).status_code == 200, "who gives up passes none"


def test_who_is_refused_reads_the_sentence_of_the_company(company: Any, deals: Any) -> None:
    deals()
    said = {"en": "First ask finance.", "zh-CN": "请先咨询财务。"}
    assert designed(company, entries(talk={"enter": AMOUNT, "message": said})).status_code == 200
    path = deal(company)
    refused = company.call(company.admin, "PATCH", path, {"stage": "talk"})
    assert [(one["code"], one["detail"]) for one in refused.json["errors"]] == [("stage_entry", said["en"])]


def test_the_designer_brings_the_stages_into_another_order(company: Any, deals: Any) -> None:
    deals(talk=AMOUNT)
    body = entries()
    body["stages"].insert(0, body["stages"].pop(1))
    body["stages"][4]["stage"] = None
    answer = designed(company, body)
    assert answer.status_code == 200, answer.json
    choices = answer.json["options"]["choices"]
    assert [one["value"] for one in choices] == ["talk", "new", "offer", "won", "lost"]
    assert choices[0]["label"] == {"en": "Talk", "zh-CN": "阶段talk"}
    assert "exit" not in choices[0]["stage"], "what is not said is gone"
    assert "stage" not in choices[4]


@pytest.mark.parametrize(("about", "found"), [
    ({"talk": {"required": ["name", "nothing"]}}, [("/stages/1/stage/required/1", "criteria.unknown_field")]),
    ({"talk": {"enter": {"field": "name", "op": "lt", "value": 1}}}, [
        ("/stages/1/stage/enter/op", "criteria.operator_not_allowed")]),
    ({"new": {"exit": {"all": [AMOUNT, {"field": "nothing", "op": "is_set"}]}, "probability": 20},
      "won": {"probability": 120}}, [("/stages/0/stage/exit/all/1/field", "criteria.unknown_field"),
                                     ("/stages/3/stage/probability", "bad_stage")]),
    ({"talk": {"enter": {"field": "customer_id.nothing", "op": "is_set"}}}, [
        ("/stages/1/stage/enter/field", "criteria.unknown_field")]),
])
def test_what_is_wrong_in_the_stages_stands_at_its_place(company: Any, deals: Any, about: Any, found: Any) -> None:
    deals()
    answer = designed(company, entries(**about))
    assert pointers(answer) == found
    assert not any("{" in one["detail"] or one["detail"].startswith(("error.", "criteria.", "errors."))
                   for one in answer.json["errors"])


def test_every_choice_is_named_once_and_only_choices_are_stages(company: Any, deals: Any) -> None:
    deals()
    whole = entries()["stages"]
    for wrong in (None, [], whole[:-1], [*whole, whole[0]], [*whole[:-1], {"value": "more"}], [1, 2, 3, 4, 5]):
        assert pointers(designed(company, {"stages": wrong})) == [("/stages", "not_every_choice")]
    assert designed(company, {"stages": [*whole[:-1], {**whole[-1], "more": 1}]}).status_code == 422
    assert designed(company, entries(), "name").json["code"] == "not_a_pipeline"
    assert designed(company, entries(), "nothing").status_code == 404


def test_a_field_says_that_a_gate_asks_for_it(company: Any, deals: Any) -> None:
    deals()
    assert designed(company, entries(talk={"required": ["reason"]})).status_code == 200
    uses = company.call(company.admin, "GET", "/objects/deal/fields/reason/uses").json["items"]
    assert ("stage", "deal", "stage", False) in {
        (one["kind"], one["object"], one["field"], one["blocking"]) for one in uses}

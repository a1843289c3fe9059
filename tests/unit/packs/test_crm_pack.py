"""The shipped CRM pack: valid, complete in both languages, and fit for the main job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.packs import Pack, load_pack, shipped_pack

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def crm() -> Pack:
    return load_pack(shipped_pack("crm"))


def body(pack: Pack, kind: str, key: str) -> dict[str, Any]:
    return next(item.body for item in pack.of(kind) if item.key == key)


def field(pack: Pack, name: str, field_name: str) -> dict[str, Any]:
    return next(one for one in body(pack, "object", name)["fields"] if one["name"] == field_name)


def choices(pack: Pack, name: str, field_name: str) -> list[str]:
    return [choice["value"] for choice in field(pack, name, field_name)["options"]["choices"]]


def texts(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict):
        if "en" in value:
            yield place, value
        for name, inner in value.items():
            yield from texts(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts(inner, f"{place}/{number}")


def test_the_pack_holds_every_object_of_the_main_job(crm: Pack) -> None:
    assert {"customer", "contact", "lead", "opportunity", "activity"} <= {item.key for item in crm.of("object")}


def test_the_pack_leads_from_the_quote_to_the_payment_and_beyond(crm: Pack) -> None:
    assert {"product", "price_list", "price_list_entry", "quote", "quote_line", "contract", "contract_line", "order",
            "order_line", "payment_term", "payment_plan", "instalment", "payment", "payment_match", "invoice_request",
            "ticket", "campaign", "survey_response", "knowledge_article", "member_account", "points_entry",
            "sales_target", "refund"} <= {item.key for item in crm.of("object")}


def test_every_object_may_be_read_by_somebody_beside_the_administrator(crm: Pack) -> None:
    granted = {name for item in crm.of("role") for name in item.body["objects"]}
    assert {item.key for item in crm.of("object")} <= granted


def test_every_stage_of_a_deal_has_tasks_checks_and_a_way_out(crm: Pack) -> None:
    stages = [choice["stage"] for choice in field(crm, "opportunity", "stage")["options"]["choices"]]
    assert [stage["probability"] for stage in stages] == [10, 30, 50, 70, 100, 0]
    assert all(stage["tasks"] and stage["checks"] for stage in stages)
    assert [stage.get("closed") for stage in stages] == [None] * 4 + ["won", "lost"]
    assert all("exit" in stage for stage in stages[:4])


def test_a_line_is_worth_quantity_times_price_less_the_discount_with_tax(crm: Pack) -> None:
    for name in ("quote_line", "contract_line", "order_line"):
        formulas = {one: field(crm, name, one)["options"]["expression"] for one in ("net", "tax", "gross")}
        assert formulas == {"net": "ROUND(unit_price * quantity * (1 - COALESCE(discount, 0)), 2)",
                            "tax": "ROUND(net * COALESCE(tax_rate, 0), 2)", "gross": "net + tax"}


def test_every_text_stands_in_both_languages(crm: Pack) -> None:
    for item in crm.items:
        for place, text in texts(item.body):
            assert text.keys() == {"en", "zh-CN"}, f"{item.file}{place}"
            assert not CHINESE.search(text["en"]), f"{item.file}{place}"


def test_every_label_of_an_object_is_translated(crm: Pack) -> None:
    for item in crm.of("object"):
        for one in item.body["fields"]:
            assert CHINESE.search(one["label"]["zh-CN"]), f"{item.file} {one['name']}"


def test_the_stages_of_both_funnels_stand_in_order(crm: Pack) -> None:
    assert choices(crm, "lead", "status") == ["new", "working", "qualified", "converted", "unqualified"]
    assert choices(crm, "opportunity", "stage") == [
        "first_contact", "needs", "proposal", "negotiation", "won", "lost"]


def test_regions_and_sources_are_the_same_everywhere(crm: Pack) -> None:
    for name in ("customer", "opportunity"):
        assert choices(crm, name, "region") == choices(crm, "lead", "region")
        assert choices(crm, name, "source") == choices(crm, "lead", "source")


def test_every_field_of_a_form_stands_in_it_once(crm: Pack) -> None:
    for item in crm.of("object"):
        placed = [name for section in item.body["form_sections"] for name in section["fields"]]
        assert sorted(placed) == sorted(one["name"] for one in item.body["fields"]), item.file


def test_leads_are_compared_by_phone_by_email_and_by_company_with_name(crm: Pack) -> None:
    rules = [rule["fields"] for rule in body(crm, "object", "lead")["duplicate_rules"]]
    assert rules == [["phone"], ["email"], ["company", "name"]]


def test_a_lead_becomes_customer_contact_and_opportunity_that_know_each_other(crm: Pack) -> None:
    conversion = body(crm, "object", "lead")["conversion"]
    assert [made["object"] for made in conversion["creates"]] == ["customer", "contact", "opportunity"]
    assert conversion["creates"][2]["references"] == {"customer_id": "customer", "contact_id": "contact"}
    assert conversion["set"] == {"status": "converted"}


def test_a_conversion_copies_only_between_fields_of_one_type(crm: Pack) -> None:
    for made in body(crm, "object", "lead")["conversion"]["creates"]:
        for target, source in made["fields"].items():
            assert field(crm, made["object"], target)["type"] == field(crm, "lead", source)["type"]


def kind(one: dict[str, Any]) -> str:
    return one["options"]["result"] if one["type"] in ("formula", "rollup") else one["type"]


def test_every_conversion_of_the_trade_copies_only_between_fields_of_one_type(crm: Pack) -> None:
    for item in crm.of("object"):
        for plan in item.body.get("conversions", ()):
            for made in plan["creates"]:
                copies = [(made["object"], item.key, made["fields"]), *(
                    (line["object"], line["from"], line["fields"]) for line in made.get("lines", ()))]
                for target, source, fields in copies:
                    for name, origin in fields.items():
                        assert kind(field(crm, target, name)) == kind(field(crm, source, origin)), (plan["key"], name)


def test_lines_know_what_they_are_lines_of_and_in_which_order(crm: Pack) -> None:
    told = {item.key: item.body["line_of"] for item in crm.of("object") if "line_of" in item.body}
    assert told.keys() == {"price_list_entry", "payment_term_line", "quote_line", "contract_line", "order_line",
                           "instalment", "payment_match"}
    assert all(one["order"] == "position" for one in told.values())


def test_no_shipped_rule_acts_before_somebody_switches_it_on(crm: Pack) -> None:
    assert crm.of("rule")
    assert not any(item.body["active"] for item in crm.of("rule"))


def test_sales_representatives_see_their_own_and_delete_nothing(crm: Pack) -> None:
    policies = body(crm, "role", "sales_rep")["objects"].values()
    assert {policy["scope"] for policy in policies if {*policy["actions"]} != {"read"}} == {"own"}
    assert not any("delete" in policy["actions"] for policy in policies)


def test_service_sees_no_amounts(crm: Pack) -> None:
    objects = body(crm, "role", "service")["objects"]
    assert objects["lead"]["fields"] == {"expected_amount": "none"}
    assert objects["opportunity"]["fields"]["amount"] == "none"


def test_who_sees_a_customer_sees_what_belongs_to_it(crm: Pack) -> None:
    """Somebody who takes a customer over finds its people, talks, deals and papers, whoever wrote them."""
    apart = {("customer", "parent_customer_id"), ("lead", "converted_customer_id")}
    leading = {(item.key, one["name"]): one["options"].get("follow") for item in crm.of("object")
               for one in item.body["fields"]
               if one["type"] == "reference" and one["options"]["object"] == "customer"}
    assert {place for place, level in leading.items() if level is None} == apart
    assert [place for place, level in leading.items() if level == "write"] == [("contact", "customer_id")]
    assert field(crm, "activity", "lead_id")["options"]["follow"] == "read"


def test_visibility_follows_one_step_so_that_lists_keep_their_indexes(crm: Pack) -> None:
    """Two steps ask for an OR within an EXISTS, for which PostgreSQL reads whole tables."""
    followed = {one["options"]["object"] for item in crm.of("object") for one in item.body["fields"]
                if one.get("options", {}).get("follow")}
    assert followed == {"customer", "lead"}


def test_the_pack_says_which_fields_are_personal(crm: Pack) -> None:
    marked = {(item.key, one["name"]): one["personal"] for item in crm.of("object") for one in item.body["fields"]
              if "personal" in one}
    assert {place for place, is_personal in marked.items() if is_personal} >= {
        ("contact", "job_title"), ("contact", "wechat"), ("contact", "birthday"), ("contact", "address"),
        ("lead", "job_title"), ("lead", "address")}
    assert marked["customer", "name"] is False
    assert ("lead", "company") not in marked

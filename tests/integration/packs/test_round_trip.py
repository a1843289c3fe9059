"""The configuration of one installation, taken out, brought into an empty one and taken out there, is the same."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from itertools import zip_longest

import pytest

from gateway.packs import shipped_pack
from tests.support.pack_product import Product, folder, services, zipped

CUSTOMER = "/api/customer/v1"
WARRANTY = {
    "name": "warranty", "label": {"en": "Warranty", "zh-CN": "质保"}, "plural": {"en": "Warranties", "zh-CN": "质保"},
    "title_field": "name", "group": "after_sales", "list_fields": ["name", "customer_id", "days", "owner_id"],
    "fields": [
        {"name": "name", "type": "text", "label": {"en": "Name", "zh-CN": "名称"}, "required": True},
        {"name": "customer_id", "type": "reference", "label": {"en": "Customer", "zh-CN": "客户"},
         "options": {"object": "customer"}},
        {"name": "state", "type": "choice", "label": {"en": "State", "zh-CN": "状态"}, "default": "open",
         "options": {"choices": [{"value": "open", "label": {"en": "Open", "zh-CN": "有效"}, "color": "#1c7a4c"},
                                 {"value": "over", "label": {"en": "Over", "zh-CN": "过期"}, "color": "#b3261e"}]}},
        {"name": "months", "type": "integer", "label": {"en": "Months", "zh-CN": "月数"}, "default": 12},
        {"name": "days", "type": "formula", "label": {"en": "Days", "zh-CN": "天数"},
         "options": {"expression": "months * 30", "result": "integer"}}],
    "form_sections": [{"label": {"en": "General", "zh-CN": "基本"}, "fields": ["name", "customer_id", "state"]}],
}
OPEN = {"field": "state", "op": "eq", "value": "open"}
WANTED = {"related": "opportunity.customer_id", "op": "some", "where": {"field": "amount", "op": "is_set"}}


@pytest.fixture(scope="module")
def test_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("test-system"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory,
               make_postgres_database: Callable[[str], str]) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("production"), {name: make_postgres_database(name) for name in services()})
    yield made
    made.stop()


def configure(product: Product) -> None:
    """The shipped CRM, and one of everything that people make beside it."""
    department = east(product)
    product.bring_in(folder(shipped_pack("crm")))
    product.ok("PUT", f"{CUSTOMER}/object-groups/after_sales",
               {"label": {"en": "After sales", "zh-CN": "售后"}, "position": 70})
    product.ok("POST", f"{CUSTOMER}/tags", {"key": "key_account", "label": {"en": "Key account", "zh-CN": "大客户"},
                                            "color": "#8f5f00"})
    product.ok("POST", f"{CUSTOMER}/objects", WARRANTY)
    product.ok("POST", f"{CUSTOMER}/objects/customer/fields", {
        "name": "warranties", "type": "rollup", "label": {"en": "Warranties", "zh-CN": "质保数"},
        "options": {"object": "warranty", "reference": "customer_id", "function": "count", "criteria": OPEN,
                    "result": "integer"}})
    product.ok("POST", f"{CUSTOMER}/objects/warranty/layouts", {
        "key": "warranty_short", "label": {"en": "Short", "zh-CN": "简版"}, "criteria": OPEN, "rest": "hide",
        "sections": [{"label": {"en": "All", "zh-CN": "全部"}, "fields": [
            {"field": "name", "width": "full"}, {"field": "months", "visible_when": OPEN}]}]})
    product.ok("POST", f"{CUSTOMER}/objects/warranty/views", {
        "name": {"en": "Open ones", "zh-CN": "有效的"}, "kind": "list", "criteria": OPEN, "visibility": "everybody",
        "columns": [{"field": "name"}, {"field": "days"}], "sort": ["-months"]})
    segment = product.ok("POST", f"{CUSTOMER}/segments", {
        "object": "customer", "name": {"en": "With deals", "zh-CN": "有商机"}, "criteria": WANTED})
    product.ok("POST", "/api/workflow/v1/rules", {
        "key": "ours.deal", "name": {"en": "A first deal", "zh-CN": "首个商机"}, "object": "customer", "active": True,
        "trigger": {"on": "entered", "segment": segment["id"]},
        "actions": [{"type": "create_task", "title": {"en": "Say hello", "zh-CN": "拜访"}, "assignee": "owner"}]})
    long = product.ok("POST", "/api/workflow/v1/approvals", {
        "name": {"en": "Long warranty", "zh-CN": "长质保"}, "object": "warranty", "approval": {"steps": [{
            "type": "approve", "name": {"en": "Manager", "zh-CN": "经理"},
            "people": [{"role": "sales_manager", "up": 1}]}]}})
    product.ok("POST", "/api/workflow/v1/rules", {
        "key": "ours.long", "name": {"en": "A long one", "zh-CN": "长质保"}, "object": "warranty", "active": True,
        "trigger": {"on": "created"}, "actions": [{"type": "start_process", "process": long["id"]}]})
    product.ok("POST", f"{CUSTOMER}/sharing/rules", {
        "object": "warranty", "name": {"en": "Sales see open ones", "zh-CN": "销售可见"}, "criteria": OPEN,
        "grantees": ["role:" + role(product, "sales_rep"), f"department_and_below:{department}"], "level": "read"})
    product.ok("POST", f"{CUSTOMER}/web-forms", {
        "object": "warranty", "slug": "register", "label": {"en": "Register", "zh-CN": "登记"}, "active": True,
        "sections": [{"label": {"en": "You", "zh-CN": "您"}, "fields": [{"field": "name"}, {"field": "months"}]}]})
    product.ok("PUT", f"{CUSTOMER}/duplicates/warranty/setup", {
        "fields": [{"field": "name", "as": "exact"}, {"field": "months", "as": "number"}], "threshold": "0.80",
        "others": "nothing"})
    for criteria in (OPEN, {"all": []}):
        product.ok("POST", f"{CUSTOMER}/retention", {
            "object": "warranty", "criteria": criteria, "field": "updated_at", "days": 730, "action": "delete",
            "active": True})
    product.ok("PATCH", "/api/gateway/v1/roles/" + role(product, "sales_rep"), {"objects": {
        **one_role(product, "sales_rep")["objects"], "warranty": {"actions": ["create", "read"], "scope": "own"}}})


def one_role(product: Product, key: str) -> dict:
    return next(one for one in product.items("/api/gateway/v1/roles") if one["key"] == key)


def role(product: Product, key: str) -> str:
    return one_role(product, key)["id"]


def east(product: Product) -> str:
    """The department of this name, made when it is not there."""
    found = product.items("/api/gateway/v1/departments")
    known = next((one["id"] for one in found if one["name"] == "East"), None)
    top = next(one["id"] for one in found if not one["parent_id"])
    return known or product.ok("POST", "/api/gateway/v1/departments", {"name": "East", "parent_id": top})["id"]


def files(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def unlike(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    """Of each file that differs, its first line that does."""
    return [(place, *next(pair for pair in zip_longest(text.splitlines(), after[place].splitlines(), fillvalue="")
                          if pair[0] != pair[1]))
            for place, text in before.items() if text != after[place]]


def test_what_is_taken_out_of_one_installation_makes_another_the_same(test_system: Product,
                                                                      production: Product) -> None:
    configure(test_system)
    east(production)
    taken = test_system.export(name="ours", version="2.0.0")
    before = files(taken)
    assert {place.partition("/")[0].removesuffix(".json") for place in before} >= {
        "groups", "tags", "objects", "layouts", "task-kinds", "templates", "dashboards", "roles", "rules", "views",
        "segments", "sharing-rules", "web-forms", "duplicates", "retention"}
    assert [place for place in before if place.startswith("duplicates/")] == ["duplicates/warranty.json"]
    assert json.loads(before["rules/ours.deal.json"])["trigger"] == {"on": "entered", "segment": "customer.with_deals"}
    assert json.loads(before["rules/ours.long.json"])["actions"][0]["process"] == "warranty.long_warranty"
    assert "processes/warranty.long-warranty.json" in before
    production.bring_in(taken)
    after = files(production.export(name="ours", version="2.0.0"))
    assert after.keys() == before.keys()
    assert unlike(before, after) == []
    rules = production.ok("GET", f"{CUSTOMER}/retention")["items"]
    assert [(one["days"], one["active"]) for one in rules] == [(730, False)] * 2, "they rest until somebody has looked"
    _, again = production.upload(taken)
    assert {one["action"] for one in again["changes"]} == {"unchanged"}, "nothing is left to do"


def test_a_rule_of_retention_that_is_switched_on_stays_on_when_a_pack_changes_its_days(test_system: Product) -> None:
    def pack(days: int) -> bytes:
        return zipped({
            "pack.json": {"name": "keeping", "version": "1.0.0", "label": {"en": "Keeping"},
                          "requires": {"freehold": "0.1", "packs": ["crm"]}, "order": ["retention"]},
            "retention/leads.json": {"key": "lead.anonymise_created_at", "object": "lead", "field": "created_at",
                                     "days": days, "action": "anonymise"}})

    def rules() -> list[dict]:
        return [one for one in test_system.ok("GET", f"{CUSTOMER}/retention")["items"] if one["object"] == "lead"]

    test_system.bring_in(pack(900))
    [rule] = rules()
    assert (rule["days"], rule["active"]) == (900, False)
    chosen = {name: rule[name] for name in ("criteria", "field", "days", "action")}
    test_system.ok("PUT", f"{CUSTOMER}/retention/{rule['id']}", chosen | {"active": True})
    test_system.bring_in(pack(1000))
    assert [(one["id"], one["days"], one["active"]) for one in rules()] == [(rule["id"], 1000, True)]


def test_the_same_configuration_is_the_same_bytes(test_system: Product) -> None:
    assert test_system.export(name="ours") == test_system.export(name="ours")

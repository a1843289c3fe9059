"""A customer service on SQLite and on PostgreSQL with quotes and their lines, price lists, contracts and payments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from tests.integration.customer_calculations.conftest import Shop, formula, grant

CNY = {"result": "money", "currency": "CNY", "keep_currency": True}


def ref(name: str, target: str, **more: Any) -> dict[str, Any]:
    """The definition of a reference."""
    return {"name": name, "type": "reference", "options": {"object": target}, **more}


def total(name: str, of: str, reference: str, field: str) -> dict[str, Any]:
    """The definition of a sum over lines."""
    return {"name": name, "type": "rollup", "options": {
        "object": of, "reference": reference, "function": "sum", "field": field, **CNY}}


NAME = {"name": "name", "type": "text", "required": True}
PLACE = {"name": "position", "type": "integer"}
LINE = (NAME, PLACE, ref("product_id", "product"), {"name": "quantity", "type": "decimal", "default": "1"},
        {"name": "unit_price", "type": "money", "required": True}, {"name": "discount", "type": "percent"},
        {"name": "tax_rate", "type": "percent", "default": "13"},
        formula("net", "ROUND(unit_price * quantity * (1 - COALESCE(discount, 0)), 2)", **CNY),
        formula("tax", "ROUND(net * COALESCE(tax_rate, 0), 2)", **CNY), formula("gross", "net + tax", **CNY))
COPIED = {name: name for name in ("name", "product_id", "quantity", "unit_price", "discount", "tax_rate")}
OBJECTS = (
    {"name": "product", "fields": [NAME, {"name": "list_price", "type": "money"}]},
    {"name": "price_list", "fields": [NAME]},
    {"name": "price", "line_of": {"reference": "price_list_id"}, "fields": [
        NAME, ref("price_list_id", "price_list"), ref("product_id", "product"), {"name": "least", "type": "decimal"},
        {"name": "amount", "type": "money"}, {"name": "since", "type": "date"}, {"name": "until", "type": "date"}]},
    {"name": "term", "fields": [NAME]},
    {"name": "term_line", "line_of": {"reference": "term_id", "order": "position"}, "fields": [
        NAME, PLACE, ref("term_id", "term"), {"name": "share", "type": "percent"},
        {"name": "days", "type": "integer"}]},
    {"name": "quote", "fields": [
        NAME, ref("price_list_id", "price_list"), ref("term_id", "term"), {"name": "day", "type": "date"},
        {"name": "status", "type": "choice", "default": "draft", "options": {
            "choices": [{"value": "draft"}, {"value": "accepted"}]}}]},
    {"name": "quote_line", "line_of": {"reference": "quote_id", "order": "position"}, "fields": [
        *LINE, ref("quote_id", "quote", required=True)], "fills": [
        {"reference": "product_id", "set": {"name": "name", "unit_price": "list_price"}},
        {"object": "price", "match": {"price_list_id": "quote_id.price_list_id", "product_id": "product_id"},
         "valid": {"from": "since", "to": "until", "at": "quote_id.day"}, "tier": {"field": "least", "by": "quantity"},
         "set": {"unit_price": "amount"}}]},
    {"name": "contract", "fields": [NAME, ref("quote_id", "quote"), ref("term_id", "term")]},
    {"name": "contract_line", "line_of": {"reference": "contract_id", "order": "position"}, "fields": [
        *LINE, ref("contract_id", "contract", required=True)]},
    {"name": "plan", "fields": [NAME, ref("contract_id", "contract"), {"name": "amount", "type": "money"}]},
    {"name": "instalment", "line_of": {"reference": "plan_id", "order": "position"}, "fields": [
        NAME, PLACE, ref("plan_id", "plan", required=True), {"name": "amount", "type": "money"},
        {"name": "due_on", "type": "date"}]},
    {"name": "payment", "fields": [NAME, {"name": "amount", "type": "money", "required": True}]},
    {"name": "match", "line_of": {"reference": "payment_id"}, "fields": [
        {"name": "number", "type": "auto_number"}, ref("payment_id", "payment", required=True),
        ref("instalment_id", "instalment", required=True), {"name": "amount", "type": "money", "required": True}],
     "title_field": "number"},
)
FIELDS = {
    "quote": [*(total(name, "quote_line", "quote_id", name) for name in ("net", "tax", "gross")),
              {"name": "contracts", "type": "rollup", "options": {
                  "object": "contract", "reference": "quote_id", "function": "count"}}],
    "contract": [total("gross", "contract_line", "contract_id", "gross")],
    "instalment": [total("received", "match", "instalment_id", "amount"),
                   formula("outstanding", "amount - received", **CNY),
                   formula("is_overdue", "AND(received < amount, due_on < TODAY())", "boolean")],
    "payment": [total("matched", "match", "payment_id", "amount")],
}
DESCRIPTIONS = {
    "quote": {"conversions": [{
        "key": "contract", "label": {"en": "Make a contract"},
        "criteria": {"all": [{"field": "contracts", "op": "eq", "value": 0}]}, "set": {"status": "accepted"},
        "creates": [{"object": "contract", "fields": {"name": "name", "term_id": "term_id"}, "source": "quote_id",
                     "lines": [{"object": "contract_line", "from": "quote_line", "fields": COPIED}]}]}]},
    "contract": {"conversions": [{
        "key": "plan", "label": {"en": "Plan"}, "creates": [{
            "object": "plan", "fields": {"name": "name", "amount": "gross"}, "source": "contract_id", "lines": [{
                "object": "instalment", "from": "term_line", "through": "term_id", "fields": {"name": "name"},
                "split": {"amount": "gross", "share": "share", "into": "amount"}}]}]}]},
    "payment": {"limits": [{
        "field": "matched", "at_most": "amount", "message": {"en": "Too much.", "zh-CN": "超额。"}}]},
    "instalment": {"limits": [{"field": "received", "at_most": "amount"}]},
}


class Office(Shop):
    """Somebody who writes quotes; helpers for lines."""

    def save(self, object_name: str, values: dict[str, Any], who: str | None = None, **lines: Any) -> dict[str, Any]:
        """A new record with its lines."""
        return self.good("POST", f"/records/{object_name}/lines", {"values": values, "lines": lines}, who)

    def edit(self, object_name: str, id: str, values: dict[str, Any] | None = None, **lines: Any) -> dict[str, Any]:
        """A changed record with its lines."""
        return self.good("PATCH", f"/records/{object_name}/{id}/lines", {"values": values or {}, "lines": lines})

    def convert(self, object_name: str, id: str, key: str, **more: Any) -> dict[str, Any]:
        """What a conversion made."""
        return self.good("POST", f"/records/{object_name}/{id}/convert", {"conversion": key, **more})["created"]


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    """An amount, in the currency of the fields."""
    return {"amount": amount, "currency": currency}


@pytest.fixture
def office(tmp_path: Path, own_database: OwnDatabase) -> Iterator[Office]:
    """An office on a fresh database."""
    url, opened = own_database.begin("office", lambda url: _opened(tmp_path / "opened", url))
    with closing(opened.harness.on_copy(tmp_path, url)) as harness:
        yield replace(opened, harness=harness)


def _opened(folder: Path, url: str) -> Office:
    with closing(Harness(SPEC, folder, url)) as harness:
        made = Office(harness, harness.administrator(), "")
        for definition in OBJECTS:
            made.good("POST", "/objects", definition, made.admin)
        for name, fields in FIELDS.items():
            made.define(name, *fields)
        for name, described in DESCRIPTIONS.items():
            made.good("PATCH", f"/objects/{name}", described, made.admin)
        names = [str(one["name"]) for one in OBJECTS]
        made.seller = harness.user("Seller", None, (harness.role({name: grant() for name in names}),))
        return made

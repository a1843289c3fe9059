"""Calculated fields of a pack are installed in an order in which each finds what it reads."""

from __future__ import annotations

from gateway.packs import load_pack, shipped_pack
from gateway.packs.calculated import fields_of, in_order, mentioned, paths, steps
from gateway.packs.model import Item


def item(name: str, **fields: dict[str, object]) -> Item:
    return Item("object", name, f"objects/{name}.json", {"name": name, "fields": [
        {"name": field, **body} for field, body in fields.items()]})


def formula(expression: str) -> dict[str, object]:
    return {"type": "formula", "options": {"expression": expression, "result": "decimal"}}


def total(of: str, field: str) -> dict[str, object]:
    return {"type": "rollup", "options": {"object": of, "reference": "order_id", "function": "sum", "field": field,
                                          "criteria": {"all": [{"field": "open", "op": "eq", "value": True}]}}}


def test_a_formula_over_a_rollup_over_a_formula_comes_last() -> None:
    known = fields_of([
        item("order", vat=formula("total * 13%"), total=total("line", "net")),
        item("line", order_id={"type": "reference", "options": {"object": "order"}}, quantity={"type": "integer"},
             net=formula("quantity * 2"), open=formula("net > 0"))])
    assert list(in_order(known)) == [("line", "net"), ("line", "open"), ("order", "total"), ("order", "vat")]


def test_a_path_waits_for_the_field_at_its_end() -> None:
    known = fields_of([
        item("a", b_id={"type": "reference", "options": {"object": "b"}}, x=formula("b_id.y + 1")),
        item("b", y=formula("1 + 1"))])
    assert list(in_order(known)) == [("b", "y"), ("a", "x")]
    assert list(steps("a", ("b_id", "y"), known)) == [("a", "b_id"), ("b", "y")]


def test_a_circle_is_left_for_the_server_to_refuse() -> None:
    known = fields_of([item("a", x=formula("y"), y=formula("x"))])
    assert sorted(in_order(known)) == [("a", "x"), ("a", "y")]


def test_names_within_the_condition_of_a_list_are_those_of_its_records() -> None:
    assert set(paths("SUM(FILTER(items, paid).total) + amount")) >= {("items",), ("amount",)}
    assert ("paid",) not in set(paths("COUNT(FILTER(items, paid))"))


def test_what_cannot_be_read_is_left_for_the_server_to_refuse() -> None:
    assert list(paths("1 +")) == []


def test_a_rollup_speaks_of_the_other_object() -> None:
    assert set(mentioned({"name": "t", **total("line", "net")}, "order")) == {
        ("reference", "line", ("order_id",)), ("field", "line", ("net",)), ("criteria", "line", ("open",))}


def test_every_calculated_field_of_the_shipped_pack_has_its_place() -> None:
    known = fields_of(load_pack(shipped_pack("crm")).of("object"))
    order = list(in_order(known))
    assert order.index(("quote_line", "gross")) < order.index(("quote", "gross"))
    assert order.index(("contract", "gross")) < order.index(("customer", "contract_total")) < order.index(
        ("customer", "receivable"))

"""Saved views and layouts of every shipped pack: they are there for every main object, mean something to the product as
it reads them, are cheap to ask for, and leave nothing out of a form.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from chassis.criteria import clauses, parse
from gateway.packs import load_pack, shipped_pack
from gateway.packs.model import Item
from gateway.packs.names import key_of
from services.customer.model.fields import READY, FieldDef
from services.customer.model.layouts import read_layout
from services.customer.model.objects import ObjectDef, read_object
from services.customer.model.segments import read_criterion
from services.customer.model.views import KINDS, read_body
from services.customer.store.record_type import RecordType
from services.customer.store.relations import related_fields

PACKS = ("crm", "manufacturing", "retail", "business-services")
WITH_MONEY = ("opportunity", "quote", "contract", "order", "payment_plan", "instalment", "payment", "invoice_request",
              "refund")
INDEXED_BY_ITSELF = frozenset({"id", "created_at", "updated_at", "owner_id"})


def ready(item: Item) -> ObjectDef:
    made = read_object(item.body)
    return replace(made, state=READY, fields=tuple(replace(one, state=READY) for one in made.fields))


LOADED = {name: load_pack(shipped_pack(name)) for name in PACKS}
OWN = {name: {item.key: ready(item) for item in pack.of("object")} for name, pack in LOADED.items()}
TYPES = {name: RecordType(one) for own in OWN.values() for name, one in own.items()}


def items(kind: str) -> list[Any]:
    return [pytest.param(item, id=item.file) for pack in LOADED.values() for item in pack.of(kind)]


def mains() -> list[Any]:
    """The objects that people open by themselves: no lines of others, but for instalments, which finance follows."""
    return [pytest.param(pack, name, id=name) for pack in PACKS for name, one in OWN[pack].items()
            if not one.line_of or name == "instalment"]


def of_object(pack: str, kind: str, name: str) -> list[dict[str, Any]]:
    return [item.body for item in LOADED[pack].of(kind) if item.body["object"] == name]


def kind_of(name: str) -> Any:
    fields = TYPES[name].criteria_fields(lambda _: True)
    return lambda member: fields[member].kind if member in fields else None


def is_indexed(one: ObjectDef, member: str) -> bool:
    field: FieldDef | None = one.ready.get(member)
    return member in INDEXED_BY_ITSELF if field is None else field.has_index or field.unique


@pytest.mark.parametrize(("pack", "name"), mains())
def test_every_main_object_has_a_form_and_a_list(pack: str, name: str) -> None:
    assert len(of_object(pack, "layout", name)) == 1
    assert "list" in [view["kind"] for view in of_object(pack, "view", name)]


@pytest.mark.parametrize(("pack", "name"), mains())
def test_every_status_that_people_set_is_a_kanban(pack: str, name: str) -> None:
    choices = {field["name"] for field in OWN[pack][name].to_wire()["fields"] if field["type"] == "choice"}
    grouped = {view.get("group_field") for view in of_object(pack, "view", name)}
    assert {"status", "stage", "outcome"} & choices <= grouped or name == "price_list"


@pytest.mark.parametrize("name", WITH_MONEY)
def test_lists_of_what_is_worth_money_say_the_total(name: str) -> None:
    lists = [view for view in of_object("crm", "view", name) if view["kind"] == "list"]
    assert all(any(total["function"] == "sum" for total in view["totals"]) for view in lists)


@pytest.mark.parametrize("item", items("view"))
def test_a_view_is_one_that_the_product_takes(item: Item) -> None:
    body = item.body
    assert body["kind"] in KINDS
    read = read_body(body, body["kind"], kind_of(body["object"]))
    assert read["columns"] == body["columns"]
    assert body["visibility"] == "everybody"
    assert not body.get("is_default"), "what one sees first stays everything"


@pytest.mark.parametrize("item", items("view"))
def test_what_a_view_asks_for_has_an_index(item: Item) -> None:
    body, one = item.body, TYPES[item.body["object"]].definition
    asked = parse(body["criteria"], related_fields(TYPES[one.name])) if body.get("criteria") else None
    members = [clause.field for clause in clauses(asked)] if asked is not None else []
    if body["kind"] == "calendar":
        members.append(body["date_field"])
    if body["kind"] == "list":
        members += [member.removeprefix("-") for member in body["sort"]]
    assert [member for member in members if not is_indexed(one, member)] == []


@pytest.mark.parametrize("name", PACKS)
def test_views_of_one_object_have_names_and_places_of_their_own(name: str) -> None:
    for told in (lambda view: view["name"]["en"], lambda view: view["name"]["zh-CN"], lambda view: view["position"]):
        found = Counter((item.body["object"], told(item.body)) for item in LOADED[name].of("view"))
        assert [one for one, count in found.items() if count > 1] == []


@pytest.mark.parametrize("item", items("layout"))
def test_a_layout_places_every_field_once_and_its_conditions_mean_something(item: Item) -> None:
    body, record_type = item.body, TYPES[item.body["object"]]
    given = {name: value for name, value in body.items() if name != "object"}
    layout = read_layout(record_type.name, given, related_fields(record_type))
    placed = [field["field"] for section in layout.sections for field in section["fields"]]
    assert sorted(placed) == sorted(record_type.fields)


@pytest.mark.parametrize("item", items("layout"))
def test_what_the_object_demands_is_never_hidden_in_a_new_form(item: Item) -> None:
    record_type = TYPES[item.body["object"]]
    hidden = {field["field"] for section in item.body["sections"] for field in section["fields"]
              if section["visible_when"] or field["visible_when"]}
    assert [name for name in hidden if record_type.fields[name].required] == []


@pytest.mark.parametrize("item", items("segment"))
def test_a_segment_is_one_that_the_product_takes(item: Item) -> None:
    assert read_criterion(item.body["criteria"], related_fields(TYPES[item.body["object"]]))


@pytest.mark.parametrize("item", items("segment"))
def test_a_segment_is_called_as_the_product_calls_it(item: Item) -> None:
    assert item.key == key_of({name: item.body[name] for name in ("object", "name")})

"""A small company of everything that a record can have to do with, made anew for each example.

Examples share a database, so what earlier ones have left stands around and must not change either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from chassis.ids import new_id
from chassis.jobs import JobRunner
from chassis.testkit.harness import Harness
from services.customer.store.duplicates.pairs import decide, keep_pairs
from services.customer.store.duplicates.tables import duplicate_pair
from services.customer.usecases.calculations.work import calculate_due
from services.customer.usecases.indexing import index_due
from services.customer.usecases.segments.due import settle_due
from tests.integration.customer_calculations.conftest import formula
from tests.integration.customer_lines.conftest import NAME, ref

CNY = {"result": "money", "currency": "CNY"}
LEVELS = ("A", "B", "C")
TAGS = ("vip", "risk")


def refs(name: str, target: str) -> dict[str, Any]:
    """The definition of a list of references."""
    return {"name": name, "type": "reference_list", "options": {"object": target}}


def totals(of: str, reference: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """A count of related records, and other roll-ups over them."""
    same = {"object": of, "reference": reference}
    return [{"name": f"{of}s", "type": "rollup", "options": {**same, "function": "count"}},
            *({**one, "type": "rollup", "options": {**same, **one["options"]}} for one in more)]


OBJECTS = (
    {"name": "customer", "duplicate_rules": [{"fields": ["phone"]}, {"fields": ["name", "level"]}], "fields": [
        NAME, {"name": "phone", "type": "phone"}, {"name": "email", "type": "email"},
        {"name": "code", "type": "text", "unique": True, "options": {"max_length": 40}},
        {"name": "level", "type": "choice", "options": {"choices": [{"value": one} for one in LEVELS]}},
        {"name": "number", "type": "auto_number"}, {"name": "papers", "type": "file"},
        {"name": "followed_at", "type": "datetime"}, ref("parent_id", "customer"), refs("partners", "customer")]},
    {"name": "contact", "fields": [NAME, {"name": "phone", "type": "phone"}, ref("customer_id", "customer")]},
    {"name": "deal", "fields": [NAME, ref("customer_id", "customer"), ref("payer_id", "customer")]},
    {"name": "deal_line", "line_of": {"reference": "deal_id", "order": "position"}, "fields": [
        NAME, {"name": "position", "type": "integer"}, {"name": "price", "type": "money"},
        ref("deal_id", "deal", required=True)]},
    {"name": "site", "line_of": {"reference": "customer_id"}, "fields": [NAME, ref("customer_id", "customer")]},
    {"name": "follow_up", "fields": [NAME, {"name": "at", "type": "datetime"}, ref("customer_id", "customer")],
     "touches": [{"reference": "customer_id", "sets": "followed_at", "from": "at"}]},
    {"name": "machine", "label": {"en": "Machine", "zh-CN": "设备"}, "fields": [
        NAME, ref("keeper_id", "customer"), refs("used_by", "customer"), refs("seen_by", "customer"),
        refs("spares", "machine")]},
)
FIELDS = {
    "deal": totals("deal_line", "deal_id", {"name": "amount", "options": {
        "function": "sum", "field": "price", **CNY}}),
    "customer": [*totals("deal", "customer_id", {"name": "volume", "options": {
        "function": "sum", "field": "amount", **CNY}}), formula("size", "deals + 1", "integer")],
}
CALCULATED = frozenset({"deals", "volume", "volume__currency", "size", "deal_lines", "amount", "amount__currency"})
SEGMENTS = ({"field": "level", "op": "eq", "value": "A"}, {"field": "size", "op": "gte", "value": 2},
            {"related": "deal.customer_id", "op": "some", "where": {"field": "name", "op": "eq", "value": "Deal 1"}})


@dataclass(frozen=True)
class Stage:
    """The service and its people."""

    harness: Harness
    admin: str
    people: tuple[str, ...]
    pool: str = ""
    tag_field: str = ""

    def good(self, method: str, path: str, json: Any = None, who: str | None = None, **more: Any) -> Any:
        """The body of an answer that must be good."""
        answer = self.harness.call(who or self.admin, method, f"/v1{path}", json, **more)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.json

    def made(self, object_name: str, values: Iterable[Mapping[str, Any]]) -> list[str]:
        """New records; their ids."""
        operations = [{"action": "create", "values": one} for one in values]
        if not operations:
            return []
        answer = self.good("POST", f"/records/{object_name}/batch", {"operations": operations, "atomic": True})
        return [one["record"]["id"] for one in answer["results"]]

    def settle(self) -> None:
        """Let the worker do everything that waits."""
        runner, service = JobRunner(self.harness.service), self.harness.service
        while runner.run_one() or calculate_due(service) or settle_due(service) or index_due(service):
            pass


def found(harness: Harness) -> Stage:
    """A company with its objects, a pool, tags and segments."""
    departments = [harness.department(name) for name in ("East", "North")]
    role = harness.role({"*": {"actions": ["create", "read", "update", "delete", "import"], "scope": "all",
                               "fields": {}}})
    stage = Stage(harness, harness.administrator(),
                  tuple(harness.user(name, departments[place % 2], (role,)) for place, name in enumerate("WLC")))
    for definition in OBJECTS:
        stage.good("POST", "/objects", definition)
    for object_name, fields in FIELDS.items():
        for one in fields:
            stage.good("POST", f"/objects/{object_name}/fields", one)
    for key in TAGS:
        stage.good("POST", "/tags", {"key": key, "label": {"en": key}})
    tag_field = stage.good("POST", "/objects/customer/tags")["field"]
    pool = stage.good("POST", "/pools", {"object": "customer", "name": {"en": "Pool"}, "members": [
        f"user:{stage.people[0]}"]})["id"]
    for number, criteria in enumerate(SEGMENTS):
        stage.good("POST", "/segments", {"object": "customer", "name": {"en": f"S{number}"}, "criteria": criteria})
    stage.settle()
    return replace(stage, pool=pool, tag_field=tag_field)


_some = st.integers(0, 99)
_perhaps = st.one_of(st.none(), _some)
PLANS = st.fixed_dictionaries({
    "customers": st.lists(st.fixed_dictionaries({
        "owner": _some, "level": st.sampled_from((None, *LEVELS)), "phone": st.booleans(), "code": st.booleans(),
        "pooled": st.booleans(), "paper": st.booleans(), "parent": _perhaps, "partners": st.lists(_some, max_size=3),
        "tags": st.lists(st.sampled_from(TAGS), max_size=2, unique=True)}), min_size=3, max_size=5),
    "contacts": st.lists(_perhaps, min_size=1, max_size=4),
    "deals": st.lists(st.tuples(_some, _perhaps, st.lists(st.integers(1, 90), max_size=3)), min_size=2, max_size=4),
    "sites": st.lists(_some, min_size=1, max_size=3),
    "follow_ups": st.lists(st.tuples(_some, st.integers(1, 28)), max_size=3),
    "machines": st.lists(st.tuples(_perhaps, st.lists(_some, min_size=1, max_size=4), st.lists(_some, max_size=2)),
                         min_size=1, max_size=3),
    "shares": st.lists(st.tuples(_some, _some, st.booleans()), max_size=3),
    "pairs": st.lists(st.tuples(_some, st.sampled_from(("open", "different"))), max_size=2),
})


@dataclass
class World:
    """What was made of a plan: object → ids."""

    stage: Stage
    plan: Mapping[str, Any]
    mark: str = field(default_factory=lambda: new_id()[-9:])
    ids: dict[str, list[str]] = field(default_factory=dict)

    def id(self, object_name: str, place: int | None) -> str | None:
        """The record that a number of the plan means."""
        ids = self.ids[object_name]
        return None if place is None or not ids else ids[place % len(ids)]

    def person(self, place: int) -> str:
        """The person that a number of the plan means."""
        return self.stage.people[place % len(self.stage.people)]

    def get(self, object_name: str, id: str) -> dict[str, Any]:
        """A record as the administrator sees it."""
        answer: dict[str, Any] = self.stage.good("GET", f"/records/{object_name}/{id}")
        return answer

    def set(self, object_name: str, id: str, **values: Any) -> None:
        """Change a record."""
        self.stage.good("PATCH", f"/records/{object_name}/{id}", values)

    def several(self, places: Iterable[int], but: str | None = None) -> list[str] | None:
        """The customers that numbers of the plan mean, each once."""
        found = dict.fromkeys(str(self.id("customer", place)) for place in places)
        return [one for one in found if one != but] or None


def make(stage: Stage, plan: Mapping[str, Any]) -> World:
    """Make everything that a plan says."""
    world = World(stage, plan)
    _customers(world)
    for object_name, values in _around(world):
        world.ids[object_name] = stage.made(object_name, values)
    world.ids["deal_line"] = stage.made("deal_line", [
        {"name": f"Line {place}", "price": {"amount": f"{price}.00", "currency": "CNY"}, "deal_id": deal,
         "owner_id": world.person(place)}
        for place, (deal, one) in enumerate(zip(world.ids["deal"], plan["deals"], strict=True)) for price in one[2]])
    _machines(world)
    for place, person, in_team in plan["shares"]:
        stage.good("POST", f"/records/customer/{world.id('customer', place)}/shares", {
            "grantee": f"user:{world.person(person)}", "level": "read", "team": "Pre-sales" if in_team else None})
    _pairs(world)
    _into_the_pool(world)
    stage.settle()
    return world


def _customers(world: World) -> None:
    stage, plan = world.stage, world.plan["customers"]
    world.ids["customer"] = stage.made("customer", [
        {"name": f"客户{world.mark}{place}", "level": one["level"], "owner_id": world.person(one["owner"]),
         "email": f"{world.mark}{place}@example.com", "code": f"{world.mark}-{place}" if one["code"] else None,
         "phone": _phone(world, place) if one["phone"] else None, stage.tag_field: one["tags"] or None}
        for place, one in enumerate(plan)])
    for id, one in zip(world.ids["customer"], plan, strict=True):
        parent = world.id("customer", one["parent"])
        values = {"parent_id": None if parent == id else parent, "partners": world.several(one["partners"], id)}
        if one["paper"]:
            values["papers"] = [_paper(stage)]
        if any(values.values()):
            world.set("customer", id, **values)


def _into_the_pool(world: World) -> None:
    ids = [id for id, one in zip(world.ids["customer"], world.plan["customers"], strict=True) if one["pooled"]]
    if ids:
        world.stage.good("POST", "/records/customer/move", {"ids": ids, "pool_id": world.stage.pool})


def _phone(world: World, place: int) -> str:
    return f"138{int(world.mark, 16) % 10 ** 7:07d}{place}"


def _paper(stage: Stage) -> str:
    answer: dict[str, Any] = stage.good("POST", "/files", data=b"%PDF-1.7 words", query_string={
        "object": "customer", "field": "papers", "name": "a.pdf"}, content_type="application/octet-stream")
    return str(answer["id"])


def _around(world: World) -> list[tuple[str, list[dict[str, Any]]]]:
    plan = world.plan
    return [
        ("contact", [{"name": f"Contact {place}", "customer_id": world.id("customer", one)}
                     for place, one in enumerate(plan["contacts"])]),
        ("deal", [{"name": f"Deal {place}", "customer_id": world.id("customer", one[0]),
                   "payer_id": world.id("customer", one[1]), "owner_id": world.person(place)}
                  for place, one in enumerate(plan["deals"])]),
        ("site", [{"name": f"Site {place}", "customer_id": world.id("customer", one), "owner_id": _owner(world, one)}
                  for place, one in enumerate(plan["sites"])]),
        ("follow_up", [{"name": f"Call {place}", "at": f"2026-02-{day:02d}T08:00:00Z",
                        "customer_id": world.id("customer", one)}
                       for place, (one, day) in enumerate(plan["follow_ups"])])]


def _owner(world: World, place: int) -> str:
    plans = world.plan["customers"]
    return world.person(plans[place % len(plans)]["owner"])


def _machines(world: World) -> None:
    world.ids["machine"] = world.stage.made("machine", [
        {"name": f"Machine {place}", "keeper_id": world.id("customer", keeper), "used_by": world.several(used),
         "seen_by": world.several(seen)} for place, (keeper, used, seen) in enumerate(world.plan["machines"])])
    for one, other in zip(world.ids["machine"], world.ids["machine"][1:], strict=False):
        world.set("machine", one, spares=[other])


def _pairs(world: World) -> None:
    customers = world.ids["customer"]
    with world.stage.harness.service.db.unit_of_work() as uow:
        for place, state in world.plan["pairs"]:
            one, other = sorted((customers[0], customers[1 + place % (len(customers) - 1)]))
            keep_pairs(uow, "customer", new_id(), [(one, other, 900, [["name", "same", 100]])])
            [id] = uow.execute(select(duplicate_pair.c.id).where(
                duplicate_pair.c.one == one, duplicate_pair.c.other == other)).scalars()
            decide(uow, id, state, None, None)

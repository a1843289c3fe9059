"""Random data and five pairs of eyes that see different parts of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from tests.integration.report.conftest import House, choices, grant

NOW = datetime(2026, 11, 15, 4, tzinfo=UTC)
RATES = {"USD": [(date(2026, 3, 1), Decimal("7.1234")), (date(2026, 9, 1), Decimal("6.9"))], "CNY": []}
KINDS = {"region": "choice", "status": "choice", "expected_amount": "money", "score": "integer", "ratio": "decimal",
         "rate": "percent", "visited_on": "date", "called_at": "datetime", "vip": "boolean", "tags": "multi_choice",
         "partner_id": "user", "owner_id": "user", "customer_id": "reference", "name": "text",
         "customer_id.region": "choice", "customer_id.budget": "money", "customer_id.founded_on": "date",
         "customer_id.name": "text", "customer_id.owner_id": "user", "created_at": "datetime"}
SCALES = {"integer": 0, "money": 2, "decimal": 3, "percent": 4}
CRITERIA: list[Any] = [
    {"field": "status", "op": "in", "value": ["new", "qualified"]}, {"field": "region", "op": "ne", "value": "east"},
    {"field": "vip", "op": "eq", "value": True}, {"field": "score", "op": "gt", "value": 2},
    {"field": "tags", "op": "has_any", "value": ["a", "c"]},
    {"field": "customer_id.region", "op": "eq", "value": "east"},
    {"not": {"field": "owner_id", "op": "eq", "value": "$me"}},
    {"field": "visited_on", "op": "on", "value": "this_year"},
    {"field": "expected_amount.amount", "op": "gte", "value": "40"},
    {"any": [{"field": "called_at", "op": "older_than", "value": "40d"}, {"field": "rate", "op": "is_empty"}]},
    {"field": "created_at", "op": "within_last", "value": "200d"}]


@dataclass
class Eyes:
    """One person, and which fields his roles hide."""

    id: str
    zone: str
    hidden: frozenset[str] = frozenset()
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=dict)

    def may(self, name: str) -> bool:
        """Whether he may speak of a field, also along a reference."""
        parts = name.split(".")
        return not {name, parts[0], ".".join(parts[:2])} & self.hidden


@dataclass
class World:
    """The house with its data."""

    house: House
    dice: random.Random
    people: list[Eyes] = field(default_factory=list)

    def ids(self, eyes: Eyes, object_name: str, criteria: Any = None) -> list[dict[str, Any]]:
        """The records that a list shows him."""
        answer = self.house.customer.call(eyes.id, "POST", f"/v1/records/{object_name}/query",
                                          {"limit": 200, **({"criteria": criteria} if criteria else {})})
        assert answer.status_code == 200, (criteria, answer.json)
        assert answer.json["next_cursor"] is None
        return list(answer.json["items"])


def make_world(house: House, seed: int, leads: int) -> World:
    """People, customers, leads, shares and rates."""
    world = World(house, random.Random(seed))
    for body in ({"name": "region", "type": "choice", "options": choices("east", "north", east="华东", north="华北")},
                 {"name": "budget", "type": "money"}, {"name": "founded_on", "type": "date"}):
        house.write("POST", "/objects/customer/fields", body)
    for currency, rates in RATES.items():
        for day, rate in rates:
            house.write("PUT", f"/exchange-rates/{currency}/{day}", {"rate": str(rate)})
    _make_people(world)
    customers = [_make(world, "customer", number) for number in range(9)]
    for number in range(leads):
        _make(world, "lead", number, customers)
    _share(world)
    _spread(world)
    house.sync()
    house.rebuild()
    for eyes in world.people:
        eyes.seen = {name: {one["id"]: one for one in world.ids(eyes, name)} for name in ("lead", "customer")}
    return world


def _make_people(world: World) -> None:
    house, every = world.house, grant("all")
    top = house.department("Top")
    below = house.department("Below", top)
    plans: list[tuple[str, str, Mapping[str, Any], set[str]]] = [
        ("UTC", top, {"lead": every, "customer": every}, set()),
        ("Asia/Shanghai", below, {"lead": grant("own"), "customer": every}, set()),
        ("America/New_York", top, {"lead": grant("department_and_below"), "customer": grant("own")}, set()),
        ("Asia/Shanghai", below, {"lead": grant("all", expected_amount="masked", status="none"),
                                  "customer": grant("all", region="masked")},
         {"expected_amount", "status", "customer_id.region"}),
        ("Europe/Berlin", below, {"lead": grant("department"), "customer": grant("department")}, set())]
    for zone, department, objects, hidden in plans:
        id = house.user("Person", department, objects=objects, timezone=zone)
        world.people.append(Eyes(id, zone, frozenset(hidden)))


def _make(world: World, object_name: str, number: int, customers: list[str] | None = None) -> str:
    dice = world.dice
    who = dice.choice([world.house.admin, *(one.id for one in world.people[:3])])
    day = (NOW.date() - timedelta(days=dice.randrange(-40, 500))).isoformat()
    currency = dice.choice(["CNY", "CNY", "USD", "EUR"])
    amount = {"amount": str(dice.randrange(10_000) / Decimal(100)), "currency": currency}
    own = ({"region": dice.choice(["east", "north", None]), "budget": dice.choice([amount, None]), "founded_on": day}
           if object_name == "customer" else {
        "region": dice.choice(["east", "north", "south", None]), "status": dice.choice(["new", "working", "qualified"]),
        "expected_amount": dice.choice([amount, amount, None]), "score": dice.choice([None, *range(6)]),
        "ratio": dice.choice([None, "0.125", "1.333"]), "rate": dice.choice([None, "12.5", "99.9999"]),
        "visited_on": dice.choice([day, day, None]), "vip": dice.choice([True, False, None]),
        "called_at": dice.choice([f"{day}T{dice.randrange(24):02d}:30:00Z", None]),
        "tags": dice.sample(["a", "b", "c"], dice.randrange(4)), "partner_id": dice.choice([who, None]),
        "customer_id": dice.choice([*(customers or ()), None])})
    body = {"name": f"{object_name} {number % 5}", **own}
    if own.get("customer_id"):  # only who sees all customers may name any
        who = dice.choice([world.house.admin, *(one.id for one in world.people[:2])])
    return str(world.house.write("POST", f"/records/{object_name}", body, who)["id"])


def _share(world: World) -> None:
    """A rule and some single shares, for those who see little."""
    house, narrow = world.house, world.people[1]
    house.write("POST", "/sharing/rules", {
        "object": "lead", "name": {"en": "South"}, "grantees": [f"user:{narrow.id}"],
        "criteria": {"field": "region", "op": "eq", "value": "south"}})
    for lead in house.write("POST", "/records/lead/query", {"limit": 4})["items"]:
        house.write("POST", f"/records/lead/{lead['id']}/shares", {"grantee": f"user:{world.people[4].id}"})


def _spread(world: World) -> None:
    """Records were made on many days: what the rates go by."""
    service = world.house.customer.service
    types = service.parts["types"].renewed()
    with service.db.unit_of_work() as uow:
        for name in ("lead", "customer"):
            table = types[name].table
            for record in world.house.write("POST", f"/records/{name}/query", {"limit": 200})["items"]:
                made = NOW - timedelta(hours=world.dice.randrange(24 * 400))
                uow.execute(update(table).where(table.c.id == record["id"]).values(created_at=made))

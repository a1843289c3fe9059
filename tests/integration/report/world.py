"""Random data, five pairs of eyes, random questions, and the slow answer to each: what those eyes read in the lists,
put together in plain Python. Nothing here knows how the report service works."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

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


# -- questions -------------------------------------------------------------------------------------


def random_question(dice: random.Random) -> dict[str, Any]:
    """A question about leads; some of the time one that somebody may not ask."""
    names = dice.sample([name for name, kind in KINDS.items() if kind != "money"], dice.choice([0, 1, 1, 2]))
    if {"tags"} < set(names) and dice.random() < 0.5:
        names = ["tags"]
    dimensions = [_dimension(dice, name) for name in names]
    asked: dict[str, Any] = {"dimensions": dimensions, "limit": 2000}
    times = [one["field"] for one in dimensions if "bucket" in one]
    if dice.random() < 0.3:
        place = times[0] if times else dice.choice(["visited_on", "called_at", "customer_id.founded_on"])
        asked["period"] = {"field": place, "is": dice.choice(["this_year", "last_month", "this_quarter", "this_month"])}
    comparable = len(times) == 1 or (not times and "period" in asked)
    asked["measures"] = [_measure(dice, comparable, len(times) == 1) for _ in range(dice.randrange(1, 4))]
    if dice.random() < 0.5:
        asked["criteria"] = dice.choice(CRITERIA)
    return asked


def _dimension(dice: random.Random, name: str) -> dict[str, Any]:
    temporal = KINDS[name] in ("date", "datetime")
    return {"field": name, **({"bucket": dice.choice(["week", "month", "quarter", "year"])} if temporal else {})}


def _measure(dice: random.Random, comparable: bool, running: bool) -> dict[str, Any]:
    measure = _term(dice)
    if dice.random() < 0.2:
        measure = {"op": "rate", "part": _term(dice, base=True), "whole": _term(dice, base=True)}
    if comparable and dice.random() < 0.4:
        measure["compare"] = dice.choice(["previous", "year"])
    if running and dice.random() < 0.3 and "count_distinct" not in repr(measure):
        measure["running"] = True
    return measure


def _term(dice: random.Random, base: bool = False) -> dict[str, Any]:
    op = dice.choice(["count", "count", "sum", "avg", "min", "max", "count_distinct"])
    numbers = ["score", "ratio", "rate", "expected_amount", "customer_id.budget"]
    term: dict[str, Any] = {"op": op}
    if op in ("sum", "avg", "min", "max"):
        term["field"] = dice.choice(numbers)
        if KINDS[term["field"]] == "money" and (base or dice.random() < 0.6):
            term["currency"] = "base"
    elif op == "count_distinct":
        term["field"] = dice.choice(["region", "customer_id.name", "score"])
    elif dice.random() < 0.3:
        term["field"] = dice.choice(numbers)
    if dice.random() < 0.4:
        term["criteria"] = dice.choice(CRITERIA)
    return term


def names_of(asked: Any) -> Iterable[str]:
    """Every field that a question speaks of."""
    if isinstance(asked, list):
        for one in asked:
            yield from names_of(one)
    elif isinstance(asked, dict):
        if isinstance(asked.get("field"), str):
            yield asked["field"]
        for one in asked.values():
            yield from names_of(one)


# -- the slow answer -------------------------------------------------------------------------------


Group = tuple[Any, ...]


@dataclass
class Reference:
    """The answer to one question for one pair of eyes."""

    world: World
    eyes: Eyes
    asked: dict[str, Any]

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.eyes.zone)
        self.today = NOW.astimezone(self.zone).date()
        wanted = self.meeting(self.asked.get("criteria"))
        self.leads = [one for one in self.eyes.seen["lead"].values() if one["id"] in wanted]
        dimensions = self.asked["dimensions"]
        self.time = next((place for place, one in enumerate(dimensions) if "bucket" in one), None)
        period = self.asked.get("period")
        self.period = period and self.window(period["is"])
        unit = dimensions[self.time]["bucket"] if self.time is not None else period and period["is"].split("_")[1]
        self.unit = unit
        self.groups = self.grouped(None)
        self.earlier = {compare: self.grouped(compare) for compare in ("previous", "year")
                        if any(one.get("compare") == compare for one in self.asked["measures"])}

    def meeting(self, criteria: Any) -> set[str]:
        """The ids of the leads that a list shows him for criteria."""
        if criteria is None:
            return set(self.eyes.seen["lead"])
        key = dumps(criteria)
        if key not in self.eyes.met:
            self.eyes.met[key] = {one["id"] for one in self.world.ids(self.eyes, "lead", criteria)}
        return self.eyes.met[key]

    def holder(self, lead: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any] | None, str]:
        """The record that has the field, as far as he sees it."""
        first, _, rest = name.partition(".")
        return (self.eyes.seen["customer"].get(lead[first] or ""), rest) if rest else (lead, name)

    def value(self, lead: Mapping[str, Any], name: str) -> Any:
        """A value as a list shows it."""
        record, own = self.holder(lead, name)
        return None if record is None else record[own]

    def day(self, lead: Mapping[str, Any], name: str) -> tuple[date, datetime | date] | None:
        """The local day, and the local moment or day."""
        value = self.value(lead, name)
        if value is None:
            return None
        if KINDS[name] == "date":
            return date.fromisoformat(value), date.fromisoformat(value)
        local = datetime.fromisoformat(value).astimezone(self.zone).replace(tzinfo=None)
        return local.date(), local

    def window(self, name: str) -> tuple[date, date]:
        """First day, and the first day after."""
        place, unit = name.split("_")
        start = first_of(self.today, unit)
        if place == "last":
            start = first_of(start - timedelta(1), unit)
        return start, after(start, unit)

    def grouped(self, compare: str | None) -> dict[Group, list[dict[str, Any]]]:
        """The records of each group; of a comparison those that lie a step earlier."""
        found: dict[Group, list[dict[str, Any]]] = defaultdict(list)
        for lead in self.leads:
            for keys in self.keys(lead, compare):
                found[keys].append(lead)
        return found

    def keys(self, lead: dict[str, Any], compare: str | None) -> list[Group]:
        """The groups of a record."""
        period = self.asked.get("period")
        mover = self.mover(compare)
        if period is not None and not self.inside(lead, period["field"], mover):
            return []
        basis = (self.asked["dimensions"][self.time]["field"] if self.time is not None
                 else period["field"] if period is not None else None)
        if compare is not None and not self.not_later(lead, str(basis), mover):
            return []
        keys: list[Group] = [()]
        for place, dimension in enumerate(self.asked["dimensions"]):
            own = self.own_keys(lead, dimension, mover if place == self.time else None)
            keys = [(*before, key) for before in keys for key in own]
        return keys

    def mover(self, compare: str | None) -> Callable[[date], date] | None:
        """How records are moved so that they meet what they are compared with."""
        if compare is None:
            return None
        if compare == "year":
            return (lambda day: day + timedelta(364)) if self.unit == "week" else lambda day: add_months(day, 12)
        if self.unit == "week":
            return lambda day: day + timedelta(7)
        months = {"month": 1, "quarter": 3, "year": 12}[str(self.unit)]
        return lambda day: add_months(day, months)

    def moved(self, lead: dict[str, Any], name: str, mover: Callable[[date], date] | None) -> date | None:
        found = self.day(lead, name)
        return None if found is None else mover(found[0]) if mover else found[0]

    def inside(self, lead: dict[str, Any], name: str, mover: Callable[[date], date] | None) -> bool:
        day = self.moved(lead, name, mover)
        return day is not None and self.period is not None and self.period[0] <= day < self.period[1]

    def not_later(self, lead: dict[str, Any], name: str, mover: Callable[[date], date] | None) -> bool:
        """Whether it lies, moved, not behind this moment."""
        found = self.day(lead, name)
        if found is None or mover is None:
            return False
        day, moment = mover(found[0]), found[1]
        if not isinstance(moment, datetime):
            return day <= self.today
        return datetime.combine(day, moment.time()) <= NOW.astimezone(self.zone).replace(tzinfo=None)

    def own_keys(self, lead: dict[str, Any], dimension: dict[str, Any],
                 mover: Callable[[date], date] | None) -> list[Any]:
        name = dimension["field"]
        if "bucket" in dimension:
            day = self.moved(lead, name, mover)
            return [None if day is None else first_of(day, dimension["bucket"]).isoformat()]
        value, kind = self.value(lead, name), KINDS[name]
        if kind == "multi_choice":
            return list(value or ()) or [None]
        if value is None or kind == "boolean":
            return [value]
        if kind in ("decimal", "percent"):
            return [Decimal(value)]
        return [str(value) or None]

    # numbers

    def cell(self, measure: dict[str, Any], keys: Group, groups: Mapping[Group, list[dict[str, Any]]],
             currency: str | None) -> str | None:
        """What stands in a cell."""
        if measure.get("running"):
            if keys[self.time or 0] is None:
                leads: list[dict[str, Any]] = []
            else:
                leads = [lead for other, some in groups.items() for lead in some if self.up_to(other, keys)]
        else:
            leads = groups.get(keys, [])
        if measure["op"] == "rate":
            part, whole = (self.number(measure[side], leads, None) for side in ("part", "whole"))
            return None if part is None or not whole else rounded(part / whole, 4)
        number = self.number(measure, leads, currency)
        return None if number is None else rounded(number, self.scale(measure))

    def up_to(self, other: Group, keys: Group) -> bool:
        time = self.time or 0
        same = all(one == two for place, (one, two) in enumerate(zip(other, keys, strict=True)) if place != time)
        return same and other[time] is not None and other[time] <= keys[time]

    def scale(self, measure: dict[str, Any]) -> int:
        if measure["op"] in ("count", "count_distinct"):
            return 0
        kind = KINDS[measure["field"]]
        return SCALES[kind] + (2 if measure["op"] == "avg" and kind != "money" else 0)

    def counted(self, measure: dict[str, Any], leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records that a measure looks at."""
        wanted = self.meeting(measure["criteria"]) if measure.get("criteria") is not None else None
        return [one for one in leads if (wanted is None or one["id"] in wanted)
                and ("field" not in measure or self.value(one, measure["field"]) is not None)]

    def number(self, measure: dict[str, Any], leads: list[dict[str, Any]], currency: str | None) -> Fraction | None:
        some, op = self.counted(measure, leads), measure["op"]
        if op == "count":
            return Fraction(len(some))
        values = [self.amount(one, measure, currency) for one in some]
        if op == "count_distinct":
            return Fraction(len({self.value(one, measure["field"]) for one in some}))
        if "unknown" in values:
            return None
        numbers = [Fraction(one) for one in values if one is not None]
        if op == "sum":
            return sum(numbers, Fraction(0))
        if not numbers:
            return None
        return {"avg": sum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}[op]

    def amount(self, lead: dict[str, Any], measure: dict[str, Any], currency: str | None) -> Any:
        value = self.value(lead, measure["field"])
        if not isinstance(value, dict):
            return value
        if measure.get("currency") != "base":
            return Decimal(value["amount"]) if currency in (None, value["currency"]) else None
        record, _ = self.holder(lead, measure["field"])
        assert record is not None
        rate = rate_on(value["currency"], datetime.fromisoformat(record["created_at"]).astimezone(UTC).date())
        return "unknown" if rate is None else Decimal(value["amount"]) * rate

    def before(self, measure: dict[str, Any], keys: Group, currency: str | None) -> str | None:
        """What the cell is compared with."""
        start = self.start(keys)
        if measure.get("compare") is None or start is None or start > self.today:
            return None
        return self.cell(measure, keys, self.earlier[measure["compare"]], currency)

    def start(self, keys: Group) -> date | None:
        if self.time is None:
            return self.period and self.period[0]
        return None if keys[self.time] is None else date.fromisoformat(keys[self.time])


def rate_on(currency: str, day: date) -> Decimal | None:
    """What a currency is worth; the earliest rate holds for all days before."""
    if currency == "CNY":
        return Decimal(1)
    rates = RATES.get(currency, [])
    return next((rate for since, rate in reversed(rates) if since <= day), rates[0][1] if rates else None)


def first_of(day: date, unit: str) -> date:
    """The first day of the week, month, quarter or year."""
    if unit == "week":
        return day - timedelta(day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return date(day.year, month, 1)


def after(start: date, unit: str) -> date:
    """The first day after the period."""
    return start + timedelta(7) if unit == "week" else add_months(start, {"month": 1, "quarter": 3, "year": 12}[unit])


def add_months(day: date, months: int) -> date:
    """So many months later, at the end of a shorter month its last day."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    return first.replace(day=min(day.day, last.day))


def rounded(number: Fraction, scale: int) -> str:
    """Halves away from zero."""
    exact = Decimal(number.numerator * 10**30 // number.denominator).scaleb(-30)
    return format(exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP), "f")

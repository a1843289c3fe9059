"""The slow answer to a question: what a person reads in the lists, put together in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.report.world import KINDS, NOW, RATES, SCALES, Eyes, World

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

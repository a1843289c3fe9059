"""Roll-ups over records that match by fields: the deals whose owner is a target's person, signed within its period.

A pair says that a field of the other records equals a field of this one; `below` counts departments below it as well,
and with `optional` an empty field of this record does not restrict. A period says that a date of the others lies from
one date of this record to another, both included; a side that is empty is open.

The same pairs are asked from both ends, each time as a criterion: which others count for a record (`others_of`), and
for which records another one counts (`records_of`). The first needs the record, the second values of the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import from_wire
from chassis.criteria import AllOf, AnyOf, Clause, Criterion

Record = Mapping[str, Any]
Above = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Pair:
    """`field` of the other records equals `own` of this one; their kinds are those of criteria."""

    field: str
    own: str
    kind: str
    own_kind: str
    below: bool = False
    optional: bool = False

    def asks_others(self, record: Record) -> Criterion | None:
        """What the other records must meet; None when there can be none."""
        value = record.get(self.own)
        if value is None:
            return AllOf(()) if self.optional else None
        return Clause(self.field, self.kind, "under" if self.below else "eq", _typed(self.kind, value))

    def asks_records(self, values: Record, above: Above) -> Criterion | None:
        """What the records must meet for which another one with these values counts."""
        value, empty = values.get(self.field), Clause(self.own, self.own_kind, "is_empty")
        if value is None:
            return empty if self.optional else None
        found = (Clause(self.own, self.own_kind, "in", tuple(above(value))) if self.below
                 else Clause(self.own, self.own_kind, "eq", _typed(self.own_kind, value)))
        return AnyOf((found, empty)) if self.optional else found


@dataclass(frozen=True)
class Period:
    """`field` of the other records lies within the days from `start` to `end` of this one."""

    field: str
    kind: str
    start: str
    end: str

    def asks_others(self, record: Record) -> Criterion:
        """What the other records must meet."""
        bounds = [Clause(self.field, self.kind, op, date.fromisoformat(record[own]))
                  for own, op in ((self.start, "gte"), (self.end, "lte")) if record.get(own) is not None]
        return AllOf(tuple(bounds) or (Clause(self.field, self.kind, "is_set"),))

    def asks_records(self, values: Record, zone: ZoneInfo) -> Criterion | None:
        """What the records must meet for which another one with these values counts."""
        value = values.get(self.field)
        if value is None:
            return None
        day = date.fromisoformat(value) if self.kind == "date" else from_wire(value).astimezone(zone).date()
        return AllOf(tuple(AnyOf((Clause(own, "date", op, day), Clause(own, "date", "is_empty")))
                           for own, op in ((self.start, "lte"), (self.end, "gte"))))


@dataclass(frozen=True)
class Match:
    """All that another record must meet besides the criteria of the roll-up."""

    pairs: tuple[Pair, ...]
    period: Period | None = None

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the other records."""
        return frozenset([pair.field for pair in self.pairs] + ([self.period.field] if self.period else []))

    @property
    def own(self) -> frozenset[str]:
        """The fields of this record."""
        ends = [self.period.start, self.period.end] if self.period else []
        return frozenset([pair.own for pair in self.pairs] + ends)

    @property
    def looks_below(self) -> bool:
        """Whether it changes when departments move."""
        return any(pair.below for pair in self.pairs)

    def others_of(self, record: Record) -> Criterion | None:
        """Which others count for a record; None when there can be none."""
        asked = [pair.asks_others(record) for pair in self.pairs]
        return _all([*asked, *([self.period.asks_others(record)] if self.period else [])])

    def records_of(self, values: Record, above: Above, zone: ZoneInfo) -> Criterion | None:
        """For which records another one with these values counts; None when there can be none."""
        asked = [pair.asks_records(values, above) for pair in self.pairs]
        return _all([*asked, *([self.period.asks_records(values, zone)] if self.period else [])])

    def values_of(self, other: Record) -> dict[str, Any] | None:
        """What tells for which records another one counts; None when it cannot count for any."""
        values = {name: other.get(name) for name in sorted(self.fields)}
        return None if any(values[name] is None for name in self._needed()) else values

    def _needed(self) -> Iterator[str]:
        yield from (pair.field for pair in self.pairs if not pair.optional)
        if self.period:
            yield self.period.field


def _all(asked: Sequence[Criterion | None]) -> Criterion | None:
    known = [one for one in asked if one is not None]
    return AllOf(tuple(known)) if len(known) == len(asked) else None


def _typed(kind: str, value: Any) -> Any:
    return date.fromisoformat(value) if kind == "date" else value

"""Sums, averages and counts below a list or above the columns of a kanban, under the criteria and scope of the list.

The whole is tried first, with a time limit. What takes longer is said of the first rows only, as "at least": a large
table never keeps anybody waiting. Money is added up by currency, because amounts of two currencies are no sum; beside
that stands what they are together in the base currency, each at the rate of the day on which its record was made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, literal, select

from chassis.auth.principal import Principal
from services.customer.model.faults import InvalidError
from services.customer.model.views import read_field, read_totals
from services.customer.queries.list_records import scoped
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.queries.views import kinds_of
from services.customer.store.currencies import rate_at, read_codes
from services.customer.store.record_type import RecordType
from services.customer.store.time_limit import TooSlow, limited
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

EXACT, AT_LEAST, UNKNOWN = "exact", "at_least", "unknown"
PART = 100_000
ARITHMETIC = Context(prec=60)  # the largest amounts at the largest rates, many times, with all their decimals
_DECIMALS, _CENTS = Decimal("0.000001"), Decimal("0.01")


@dataclass(frozen=True)
class TotalsRequest:
    """What is to be counted and added up; `group_field` asks for each of its values apart."""

    criteria: Any = None
    q: str | None = None
    totals: Any = None
    group_field: Any = None


def totals(service: Service, principal: Principal, record_type: RecordType, asked: TotalsRequest) -> dict[str, Any]:
    """`{"groups": [{"value", "count", "totals"}], "is"}`; raises 403 and 422."""
    access = Access(principal, record_type)
    access.need("read")
    lines, group = _read(access, asked)
    criterion = combined(read_criteria(access, asked.criteria, "/criteria"),
                         search_criterion(access, asked.q, "/q"))
    base = scoped(access, record_type.selection, criterion)
    seconds = service.settings.totals_seconds
    with service.db.read() as connection:
        for sure, rows in ((EXACT, base), (AT_LEAST, base.limit(PART))):
            try:
                with limited(connection, seconds):
                    return {"groups": _Adding(connection, record_type, rows, group).answer(lines), "is": sure}
            except TooSlow:
                continue
    return {"groups": [], "is": UNKNOWN}


def _read(access: Access, asked: TotalsRequest) -> tuple[list[dict[str, str]], str | None]:
    try:
        lines = read_totals(asked.totals, kinds_of(access))
        group = read_field("group_field", asked.group_field, kinds_of(access))
    except InvalidError as error:
        raise invalid_problem(error) from error
    access.asked.update(line["field"] for line in lines)
    if group is not None:
        access.asked.add(group)
    return lines, group


class _Adding:
    """The questions over one set of rows."""

    def __init__(self, connection: Connection, record_type: RecordType, rows: Select[Any], group: str | None) -> None:
        self._connection, self._type = connection, record_type
        self._rows = rows.subquery()
        self._group = [self._rows.c[record_type.column_of(group)].label("of")] if group else []

    def answer(self, lines: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        """Each group with its count and its numbers, the largest first."""
        names = list(dict.fromkeys(line["field"] for line in lines))
        money = [name for name in names if name in self._type.fields and self._type.fields[name].row.composite]
        plain = [name for name in names if name not in money]
        found = {self._value(row): {"count": row.number, **{name: _Numbers.of(row, place) for place, name
                                                            in enumerate(plain)}} for row in self._ask(plain)}
        base = read_codes(self._connection)[0] if money else ""
        for name in money:
            self._add_money(name, base, found)
        ordered = sorted(found.items(), key=lambda item: -item[1]["count"])
        return [{"value": value, "count": said["count"], "totals": [
            {**line, **_said(said.get(line["field"]), line["function"])} for line in lines]}
            for value, said in ordered]

    def _add_money(self, name: str, base: str, found: dict[Any, dict[str, Any]]) -> None:
        """The amounts of a field by currency; those of others than the base once more, by their rates."""
        for row in self._ask([name], self._currency(name)):
            if (said := found.get(self._value(row))) is not None:  # a group may have come since the first question
                said.setdefault(name, _Amounts(base)).take(row.currency, _Numbers.of(row, 0))
        if any(name in said and said[name].is_mixed for said in found.values()):
            currency = self._currency(name)
            by = [currency, rate_at(currency, self._rows.c.created_at)]
            for row in self._ask([name], *by, where=currency != base):
                said = found.get(self._value(row), {}).get(name)
                if said is not None:
                    said.convert(row.currency, row.rate, _Numbers.of(row, 0))

    def _currency(self, name: str) -> Any:
        return self._rows.c[f"{self._type.column_of(name)}__currency"]

    def _value(self, row: Row[Any]) -> Any:
        return row.of if self._group else None

    def _ask(self, names: Sequence[str], *by: Any, where: Any = None) -> Sequence[Row[Any]]:
        """The measures of fields, in each group; of money by its currency and its rate."""
        columns = [self._rows.c[self._type.column_of(name)] for name in names]
        parts = [one.label(word) for one, word in zip(by, ("currency", "rate"), strict=False)]
        chosen = select(literal(1).label("one"), *self._group, *parts,
                        *(column.label(f"m{place}") for place, column in enumerate(columns)))
        if by:
            chosen = chosen.where(columns[0].is_not(None), *([where] if where is not None else []))
        rows = chosen.select_from(self._rows).subquery()
        measures = [measure(rows.c[f"m{place}"]).label(f"{word}_{place}") for place in range(len(columns))
                    for word, measure in _MEASURES.items()]
        keys = [rows.c[one.name] for one in (*self._group, *parts)]
        query = select(*keys, func.count().label("number"), *measures).select_from(rows)
        return self._connection.execute(query.group_by(*keys) if keys else query).all()


_MEASURES: dict[str, Callable[[Any], Any]] = {"sum": func.sum, "min": func.min, "max": func.max, "count": func.count}


@dataclass(frozen=True)
class _Numbers:
    """What is known of one field in one group."""

    sum: Any
    min: Any
    max: Any
    count: int

    @classmethod
    def of(cls, row: Row[Any], place: int) -> _Numbers:
        return cls(*(getattr(row, f"{word}_{place}") for word in _MEASURES))

    def times(self, factor: Decimal) -> _Numbers:
        """The same amounts in another currency."""
        amounts = (ARITHMETIC.multiply(Decimal(one), factor) for one in (self.sum, self.min, self.max))
        return _Numbers(*amounts, self.count)

    def plus(self, other: _Numbers) -> _Numbers:
        """What is known of both together."""
        return _Numbers(ARITHMETIC.add(Decimal(self.sum), Decimal(other.sum)), min(self.min, other.min),
                        max(self.max, other.max), self.count + other.count)

    def say(self, function: str) -> str | None:
        """The number on the wire; None for the sum of nothing."""
        if function == "count":
            return str(self.count)
        if not self.count:
            return None
        if function != "average":
            return _exact(getattr(self, function))
        mean = ARITHMETIC.divide(Decimal(self.sum), Decimal(self.count))
        return _exact(ARITHMETIC.normalize(ARITHMETIC.quantize(mean, _DECIMALS)))


def _exact(number: Any) -> str:
    return f"{Decimal(number):f}"


class _Amounts:
    """The amounts of one field of money in one group."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._own: dict[str, _Numbers] = {}
        self._converted: list[_Numbers] = []
        self._unknown: set[str] = set()

    @property
    def is_mixed(self) -> bool:
        """Whether there are others than those of the base currency."""
        return bool(self._own.keys() - {self._base})

    def take(self, currency: str, numbers: _Numbers) -> None:
        """Those of one currency."""
        self._own[currency] = numbers

    def convert(self, currency: str, rate: Decimal | None, numbers: _Numbers) -> None:
        """Those of another currency than the base which have the same rate."""
        if rate is None:
            self._unknown.add(currency)
        else:
            self._converted.append(numbers.times(rate))

    def say(self, function: str) -> dict[str, Any]:
        """`value`, a list of amounts; and `base`, what they are together, unless all are in the base currency."""
        amounts = [{"amount": said.say(function), "currency": currency} for currency, said in sorted(self._own.items())]
        together = {"base": self._together(function)} if self.is_mixed and function != "count" else {}
        return {"value": amounts, **together}

    def _together(self, function: str) -> dict[str, Any]:
        parts = [*self._converted, *([self._own[self._base]] if self._base in self._own else [])]
        known = None if self._unknown or not parts else reduce(_Numbers.plus, parts).say(function)
        rounded = known and f"{Decimal(known).quantize(_CENTS, ROUND_HALF_UP, ARITHMETIC):f}"
        return {"amount": rounded, "currency": self._base, "without_rate": sorted(self._unknown)}


def _said(numbers: Any, function: str) -> dict[str, Any]:
    """A number; for money a list of amounts, one of each currency."""
    if isinstance(numbers, _Numbers):
        return {"value": numbers.say(function)}
    return numbers.say(function) if isinstance(numbers, _Amounts) else {"value": []}

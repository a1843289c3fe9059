"""Sums, averages and counts below a list or above the columns of a kanban, under the criteria and scope of the list.

The whole is tried first, with a time limit. What takes longer is said of the first rows only, as "at least": a large
table never keeps anybody waiting. Money is added up by currency, because amounts of two currencies are no sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, select

from chassis.auth.principal import Principal
from services.customer.model.faults import InvalidError
from services.customer.model.views import read_field, read_totals
from services.customer.queries.list_records import scoped
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.queries.views import kinds_of
from services.customer.store.record_type import RecordType
from services.customer.store.time_limit import TooSlow, limited
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

EXACT, AT_LEAST, UNKNOWN = "exact", "at_least", "unknown"
PART = 100_000
_DECIMALS = Decimal("0.000001")


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
        for name in money:
            for row in self._ask([name], by_currency=True):
                found[self._value(row)].setdefault(name, []).append((row.currency, _Numbers.of(row, 0)))
        ordered = sorted(found.items(), key=lambda item: -item[1]["count"])
        return [{"value": value, "count": said["count"], "totals": [
            {**line, "value": _said(said.get(line["field"]), line["function"])} for line in lines]}
            for value, said in ordered]

    def _value(self, row: Row[Any]) -> Any:
        return row.of if self._group else None

    def _ask(self, names: Sequence[str], *, by_currency: bool = False) -> Sequence[Row[Any]]:
        columns = [self._rows.c[self._type.column_of(name)] for name in names]
        currencies = f"{self._type.column_of(names[0])}__currency" if by_currency else ""
        currency = [self._rows.c[currencies].label("currency")] if currencies else []
        measures = [measure(column).label(f"{word}_{place}") for place, column in enumerate(columns)
                    for word, measure in _MEASURES.items()]
        query = select(*self._group, *currency, func.count().label("number"), *measures).select_from(self._rows)
        if by_currency:
            query = query.where(columns[0].is_not(None))
        by = [*self._group, *currency]
        return self._connection.execute(query.group_by(*by) if by else query).all()


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

    def say(self, function: str) -> str | None:
        """The number on the wire; None for the sum of nothing."""
        if function == "count":
            return str(self.count)
        if not self.count:
            return None
        if function != "average":
            return _exact(getattr(self, function))
        return _exact((Decimal(self.sum) / self.count).quantize(_DECIMALS).normalize())


def _exact(number: Any) -> str:
    return f"{Decimal(number):f}"


def _said(numbers: Any, function: str) -> Any:
    """A number; for money a list of amounts, one of each currency."""
    if isinstance(numbers, _Numbers):
        return numbers.say(function)
    amounts = [{"amount": said.say(function), "currency": currency} for currency, said in numbers or ()]
    return sorted(amounts, key=lambda one: one["currency"] or "")

"""A widget's answer as a table of real values: numbers, days and moments, each column of one kind.

A group by day is a day; other periods are told as people write them. Moments stand in the reader's time zone. A number
that a spreadsheet could not hold exactly (more than 15 digits) is a text, so that no digit of it is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from chassis.auth.principal import Principal
from chassis.clock import from_wire
from chassis.i18n import localised, t

Value = str | int | Decimal | date | datetime | None
_EXACT_DIGITS = 15
_NUMBERS = frozenset({"integer", "decimal", "money", "percent", "ratio"})


@dataclass(frozen=True)
class Column:
    """What stands in a column; `kind` is text, integer, decimal, money, percent, ratio, date or datetime. `bucket` is
    that of a group, `short` what stands beside the number that a comparison belongs to."""

    label: str
    kind: str = "text"
    currency: str | None = None
    bucket: str | None = None
    short: str | None = None

    @property
    def head(self) -> str:
        """Its name, with the currency of amounts."""
        return f"{self.label} ({self.currency})" if self.currency else self.label


@dataclass(frozen=True)
class Table:
    """The answer to one widget; without columns, `note` tells why there is nothing. The first `groups` columns name
    the groups, those in `drawn` are what a chart of it shows, those in `summed` may be added up. `keys` tell the groups
    of each row apart."""

    title: str
    kind: str
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Value]] = ()
    groups: int = 0
    drawn: Sequence[int] = field(default_factory=tuple)
    note: str | None = None
    keys: Sequence[Sequence[Any]] = ()
    summed: Sequence[int] = ()


def table_of(principal: Principal, widget: Mapping[str, Any], answered: Mapping[str, Any]) -> Table:
    """The table of a widget and what was answered to it, in the language and time zone of its reader."""
    title, kind = localised(widget["title"], principal.locale), widget["kind"]
    if "error" in answered:
        problem = answered["error"]
        return Table(title, kind, note=problem.get("detail") or problem["title"])
    reader = _Reader(principal)
    return (reader.funnel if kind == "funnel" else reader.question)(title, kind, answered["data"])


class _Reader:
    """Reads answers for one person."""

    def __init__(self, principal: Principal) -> None:
        self._locale, self._zone = principal.locale, ZoneInfo(principal.timezone)

    def question(self, title: str, kind: str, answer: Mapping[str, Any]) -> Table:
        """Dimensions, then each measure, with what was before and the change where periods are compared."""
        dimensions = [one for one in answer["columns"] if one["kind"] == "dimension"]
        measures = [one for one in answer["columns"] if one["kind"] == "measure"]
        columns = [Column(one["label"], "date" if _is_day(one) else "text", bucket=one["bucket"]) for one in dimensions]
        drawn: list[int] = []
        summed: list[int] = []
        for measure in measures:
            drawn.append(len(columns))
            if _adds(measure) and not answer["truncated"]:
                summed.append(len(columns))
            columns += self._columns(measure)
        rows = [[*self._names(dimensions, row), *self._values(measures, row)] for row in answer["rows"]]
        note = t("report.export.truncated", self._locale, count=len(rows)) if answer["truncated"] else None
        keys = [row["keys"] for row in answer["rows"]]
        return Table(title, kind, columns, rows, len(dimensions), drawn, note, keys, summed)

    def funnel(self, title: str, kind: str, answer: Mapping[str, Any]) -> Table:
        """A row per stage."""
        said = [t(f"report.export.{name}", self._locale) for name in ("count", "share", "conversion")]
        columns = [Column(answer["label"]), Column(said[0], "integer"), Column(said[1], "ratio"),
                   Column(said[2], "ratio")]
        rows = [[stage["label"], stage["count"], value("ratio", stage["share"], self._zone),
                 value("ratio", stage["conversion"], self._zone)] for stage in answer["stages"]]
        return Table(title, kind, columns, rows, 1, (1,))

    def _columns(self, measure: Mapping[str, Any]) -> list[Column]:
        own = Column(measure["label"], _kind(measure), measure["currency"])
        if "compare" not in measure:
            return [own]
        before = t(f"report.export.{measure['compare']}", self._locale, measure=own.label)
        change = t("report.export.change", self._locale, measure=own.label)
        short = t(f"report.export.{measure['compare']}_short", self._locale)
        return [own, Column(before, own.kind, own.currency, short=short), Column(change, "ratio")]

    def _names(self, dimensions: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[Value]:
        return [value("date", key, self._zone) if _is_day(one) and key is not None else label
                for one, key, label in zip(dimensions, row["keys"], row["labels"], strict=True)]

    def _values(self, measures: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[Value]:
        found: list[Value] = []
        for place, measure in enumerate(measures):
            kind = _kind(measure)
            found.append(value(kind, row["values"][place], self._zone))
            if "compare" in measure:
                found += [value(kind, row["before"][place], self._zone),
                          value("ratio", row["change"][place], self._zone)]
        return found


def _adds(measure: Mapping[str, Any]) -> bool:
    return measure["op"] in ("count", "sum") and not measure.get("running")


def _is_day(dimension: Mapping[str, Any]) -> bool:
    return dimension["bucket"] == "day"


def _kind(measure: Mapping[str, Any]) -> str:
    return measure["type"] if measure["type"] in _NUMBERS | {"date", "datetime"} else "text"


def value(kind: str, said: str | None, zone: ZoneInfo) -> Value:
    """A value of an answer as what it is; a percentage and a rate as the part of one."""
    if said is None:
        return None
    if kind == "date":
        return _day(said)
    if kind == "datetime":
        return _moment(said, zone)
    if kind not in _NUMBERS:
        return said
    number = Decimal(said)
    if len(number.as_tuple().digits) > _EXACT_DIGITS:
        return said
    return number.scaleb(-2) if kind == "percent" else int(number) if kind == "integer" else number


def _moment(said: str, zone: ZoneInfo) -> Value:
    """The time on the reader's wall; as it was said where his calendar has no such day."""
    try:
        return from_wire(said).astimezone(zone).replace(tzinfo=None, microsecond=0)
    except OverflowError:
        return said


def _day(said: str) -> Value:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return said

"""Asking the read model and shaping the answer."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import Select

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.criteria import render_duckdb
from chassis.http.problem import FieldProblem, Problem, invalid
from services.report.metrics import QUERY_SECONDS
from services.report.model.access import Access
from services.report.model.questions import BaseMoney, Dimension, Question, read_question
from services.report.queries.labels import Labels
from services.report.queries.statement import Currencies, currencies_statement, statement
from services.report.queries.values import empty_row, read_row
from services.report.store.read_model import ReadModel, ReadModelBusy
from services.report.store.read_model.catalog import View

if TYPE_CHECKING:
    from chassis.service import Service

Row = dict[str, Any]


@dataclass(frozen=True)
class Asking:
    """One caller at the read model, on one snapshot, with the seconds that he may take."""

    service: Service
    principal: Principal
    cursor: duckdb.DuckDBPyConnection
    view: View

    def access(self, name: str, pointer: str = "/object") -> Access:
        """His view of an object; raises 422 for an unknown one, 403 for one that he may not read."""
        model = self.view.objects.get(name)
        if model is None:
            raise invalid(FieldProblem(pointer, "unknown_object"))
        access = Access(self.principal, model)
        access.need()
        return access

    def rows(self, asked: Select[Any]) -> list[Any]:
        """The rows of a statement."""
        return self.cursor.execute(*render_duckdb(asked)).fetchall()

    @property
    def first_month(self) -> int:
        """The month in which the company's year begins."""
        return int(self.service.settings.fiscal_year_month)

    @property
    def money(self) -> BaseMoney:
        """What amounts are converted to."""
        return BaseMoney(self.view.base, self.service.settings.default_timezone)

    @property
    def company_today(self) -> date:
        """The day by the company's clock."""
        return utcnow().astimezone(ZoneInfo(self.money.timezone)).date()

    @property
    def as_of(self) -> str | None:
        """When the newest event that the answer knows of happened."""
        last = self.view.state.last_event_at
        return to_wire(last) if last is not None else None


class asking:  # noqa: N801 - a context manager that reads as a verb
    """`with asking(service, principal, "query") as at:` opens a snapshot; raises 503 while there is nothing to ask."""

    def __init__(self, service: Service, principal: Principal, kind: str, seconds: float | None = None) -> None:
        self._service, self._principal, self._kind = service, principal, kind
        self._seconds = service.settings.query_seconds if seconds is None else seconds

    def __enter__(self) -> Asking:
        self._started = time.perf_counter()
        model: ReadModel = self._service.parts["read_model"]
        try:
            self._reading = model.file.reading(self._seconds)
            cursor = self._reading.__enter__()
        except ReadModelBusy as error:
            raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from error
        view = model.view_on(cursor)
        if not view.state.complete:
            self._reading.__exit__(None, None, None)
            raise Problem(503, "read_model_building", headers={"Retry-After": "5"})
        return Asking(self._service, self._principal, cursor, view)

    def __exit__(self, *error: Any) -> bool | None:
        QUERY_SECONDS.labels(self._kind).observe(time.perf_counter() - self._started)
        return self._reading.__exit__(*error)


def answer_query(at: Asking, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a query as the API shows it."""
    return answer_question(at, read_question(at.access(asked["object"]), asked, at.first_month, at.money))


def answer_question(at: Asking, question: Question) -> dict[str, Any]:
    """Columns, rows with keys, labels and values, and whether there were more groups than the limit."""
    currencies = _currencies(at, question)
    found = at.rows(statement(question, currencies))
    truncated = len(found) > question.limit
    rows = [read_row(question, one, currencies) for one in found[:question.limit]]
    labels = Labels(at, question)
    if not truncated:
        rows = _with_empty(question, rows, currencies)
    return {"columns": labels.columns(currencies), "rows": labels.fill(rows), "as_of": at.as_of,
            "truncated": truncated}


def _currencies(at: Asking, question: Question) -> Currencies:
    """Place of a measure → currencies, the field's own first."""
    found: dict[int, Sequence[str]] = {}
    for place, measure in enumerate(question.measures):
        if measure.is_money and measure.field is not None:
            own = measure.field.currency or "CNY"
            others = [currency for (currency,) in at.rows(currencies_statement(question, place)) if currency != own]
            found[place] = (own, *others)
    return found


def _with_empty(question: Question, rows: list[Row], currencies: Currencies) -> list[Row]:
    """The rows, and for dimensions that want them those of choices that no record has, in the order of choices."""
    if not any(one.empty for one in question.dimensions):
        return rows
    known = {tuple(row["keys"]): row for row in rows}
    sides = [_side(dimension, [row["keys"][place] for row in rows])
             for place, dimension in enumerate(question.dimensions)]
    wanted = list(itertools.islice(itertools.product(*sides), question.limit))
    ordered = rows if question.order else []
    rest = [known.get(keys) or empty_row(question, keys, currencies) for keys in wanted]
    seen = {tuple(row["keys"]) for row in ordered}
    return (ordered + [row for row in rest if tuple(row["keys"]) not in seen])[:max(question.limit, len(rows))]


def _side(dimension: Dimension, keys: Sequence[Any]) -> list[Any]:
    present = list(dict.fromkeys(keys))
    return dimension.choices + [key for key in present if key not in dimension.choices] if dimension.empty else present

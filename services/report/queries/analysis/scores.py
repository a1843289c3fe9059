"""Scores of records as one caller may see them: only of records that he sees, in the order he asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Double, Select, cast, false, literal, select
from sqlalchemy import Text as SqlText

from chassis.criteria import Clause, to_sql
from chassis.http.paging import after
from chassis.http.problem import not_found
from chassis.jsonio import loads
from services.report.model.access import Access
from services.report.model.analysis.mapping import AnyMapping, ValueMapping, WinMapping
from services.report.queries.analysis.explaining import explain
from services.report.queries.answering import Asking
from services.report.queries.records import Columns
from services.report.store.read_model.scores import SCORE

Json = dict[str, Any]
ORDERS: Mapping[str, tuple[str, bool]] = {  # name → column, descending
    "chance": ("chance", False), "-chance": ("chance", True), "amount": ("amount", False), "-amount": ("amount", True),
    "due_on": ("due_on", False), "-due_on": ("due_on", True)}


@dataclass(frozen=True)
class Wanted:
    """Which scores: their order, and what they are limited to."""

    sort: str
    mine: bool = False
    least: float | None = None
    most: float | None = None


def scored_by(mapping: AnyMapping | None) -> ValueMapping | WinMapping:
    """The mapping when records have scores; raises 404."""
    if not isinstance(mapping, ValueMapping | WinMapping):
        raise not_found("score")
    return mapping


def page_of_scores(at: Asking, row: Mapping[str, Any], mapping: ValueMapping | WinMapping, wanted: Wanted, limit: int,
                   given: Sequence[Any] | None) -> tuple[list[Json], list[Any] | None]:
    """The scores in their order, and the values of the last one when there are more."""
    name, down = ORDERS[wanted.sort]
    column = SCORE.c[name]
    order: list[tuple[ColumnElement[Any], bool]] = [(column, down), (SCORE.c.id, False)]
    asked = _listed(row, mapping).where(column.is_not(None), *_limits(mapping.scored, wanted))
    if given is not None:
        asked = asked.where(after(order, _typed(name, given)))
    asked = asked.order_by(*(one.desc() if descends else one.asc() for one, descends in order)).limit(limit + 1)
    rows = at.rows(asked)
    last = [rows[limit - 1][_PLACES[name]], rows[limit - 1][0]] if len(rows) > limit else None
    return [_shown(at, row, mapping, one) for one in rows[:limit]], last


def score_of(at: Asking, row: Mapping[str, Any], mapping: ValueMapping | WinMapping, record_id: str) -> Json | None:
    """The score of one record; None when he does not see it, or when it has none."""
    found = at.rows(_listed(row, mapping).where(SCORE.c.id == record_id).limit(1))
    return _shown(at, row, mapping, found[0]) if found else None


_PLACES = {"chance": 1, "amount": 2, "due_on": 3}


def _listed(row: Mapping[str, Any], mapping: ValueMapping | WinMapping) -> Select[Any]:
    access = mapping.scored
    table = access.model.table
    title, columns = access.field(access.model.title_field or ""), access.model.columns
    owner = access.field("owner_id")
    joined = Columns(access)
    seen = [joined.all_seen(path) for path in _ways(mapping)]
    named = cast(columns[title.name], SqlText) if title is not None else cast(None, SqlText)
    return (select(cast(SCORE.c.id, SqlText), SCORE.c.chance, SCORE.c.amount, cast(SCORE.c.due_on, SqlText),
                   SCORE.c.details, named,
                   columns["owner_id"] if owner is not None and owner.readable else cast(None, SqlText))
            .select_from(joined.source.join(SCORE, table.c.id == SCORE.c.id))
            .where(SCORE.c.analysis == row["id"], SCORE.c.number == (row["model_number"] or 0), access.where(),
                   *_still_open(mapping), *seen, *_as_learned(row)))


def _ways(mapping: ValueMapping | WinMapping) -> list[tuple[tuple[str, str], ...]]:
    """The references to records whose values speak in the chance of a deal."""
    if isinstance(mapping, ValueMapping):
        return []
    places = (mapping.closed, mapping.amount, *mapping.features)
    return sorted({place.path for place in places if place is not None and place.path})


def _as_learned(row: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """What was learned by another mapping is not for those who may see this one."""
    return [] if row["model_mapping"] in (None, row["mapping"]) else [false()]


def _still_open(mapping: ValueMapping | WinMapping) -> list[ColumnElement[bool]]:
    """A deal that was closed since has no chance any more, but an end."""
    if isinstance(mapping, ValueMapping):
        return []
    ended = [*mapping.won, *mapping.lost]
    return [mapping.scored.model.columns[mapping.stage.field.name].not_in(ended)]


def _limits(access: Access, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = []
    if wanted.mine:
        found.append(to_sql(Clause("owner_id", "user", "eq", "$me"), access.model.columns, access.scope))
    if wanted.least is not None:
        found.append(SCORE.c.chance >= wanted.least)
    if wanted.most is not None:
        found.append(SCORE.c.chance <= wanted.most)
    return found


def _typed(name: str, given: Sequence[Any]) -> list[Any]:
    """The values of a cursor as the engine compares them."""
    return [cast(literal(given[0]), Date() if name == "due_on" else Double()), given[1]]


def _shown(at: Asking, row: Mapping[str, Any], mapping: ValueMapping | WinMapping, one: Sequence[Any]) -> Json:
    id, chance, amount, due_on, details, title, owner_id = one
    return {"id": id, "title": title, "owner_id": owner_id, "chance": None if chance is None else round(chance, 4),
            "amount": None if amount is None else round(amount, 2), "due_on": due_on,
            "words": explain(at, row, mapping, (chance, amount, due_on), loads(details))}

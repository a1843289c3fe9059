"""Analyses as a caller may see them.

An analysis exists for who looks after dashboards, and for everybody who may read the objects and each of the fields
that it looks at. How well it did is a sum over all records, so its card is for those who may see all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, outerjoin, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from chassis.http.problem import FieldProblem, Problem, not_found
from chassis.ids import is_id
from services.report.model.access import Access
from services.report.model.analysis.mapping import (
    AnyMapping,
    BasketMapping,
    ForecastMapping,
    ValueMapping,
    read_mapping,
)
from services.report.queries.analysis.words import explain_model
from services.report.queries.answering import Asking
from services.report.queries.dashboards import MANAGE
from services.report.store.tables import analysis, analysis_model

Row = Mapping[str, Any]
MEMBERS = ("key", "name", "kind", "mapping", "every", "enabled", "position")
_MODEL = (analysis_model.c.number, analysis_model.c.mapping, analysis_model.c.state, analysis_model.c.card,
          analysis_model.c.parameters, analysis_model.c.scored, analysis_model.c.seconds, analysis_model.c.trained_at)


def select_analyses() -> Select[Any]:
    """The statement of all analyses, each with the version that answers; there are at most some dozen."""
    answers = and_(analysis_model.c.analysis_id == analysis.c.id, analysis_model.c.number == analysis.c.model_number)
    return (select(analysis, *(column.label(f"model_{column.name}") for column in _MODEL if column.name != "number"))
            .select_from(outerjoin(analysis, analysis_model, answers)))


def find_analysis(connection: Connection, id: str, *, locked: bool = False) -> Row:
    """One analysis; raises 404."""
    row = None
    if is_id(id):
        asked = select(analysis).where(analysis.c.id == id)
        row = connection.execute(asked.with_for_update() if locked else asked).mappings().one_or_none()
    if row is None:
        raise not_found("analysis")
    return row


def all_rows(connection: Connection) -> Sequence[Row]:
    """Every analysis, in their order."""
    return connection.execute(select_analyses().order_by(analysis.c.position, analysis.c.id)).mappings().all()


def all_visible(connection: Connection, at: Asking) -> list[tuple[Row, AnyMapping | None]]:
    """Every analysis that exists for the caller, with its mapping as he sees it."""
    read = [(row, mapping_of(at, row)) for row in all_rows(connection)]
    return [(row, mapping) for row, mapping in read if mapping is not None or at.principal.can(MANAGE)]


def find_visible(connection: Connection, at: Asking, id: str) -> tuple[Row, AnyMapping | None]:
    """One of them; raises 404."""
    row = None
    if is_id(id):
        row = connection.execute(select_analyses().where(analysis.c.id == id)).mappings().one_or_none()
    mapping = mapping_of(at, row) if row is not None else None
    if row is None or (mapping is None and not at.principal.can(MANAGE)):
        raise not_found("analysis")
    return row, mapping


def mapping_of(at: Asking, row: Row) -> AnyMapping | None:
    """What an analysis looks at, or None for who may not read all of it."""
    try:
        return read_mapping(row["kind"], row["mapping"], at.access)
    except Problem:
        return None


def show(row: Row, principal: Principal, mapping: AnyMapping | None) -> dict[str, Any]:
    """An analysis on the wire."""
    return {"id": row["id"], **{name: row[name] for name in MEMBERS}, "next_at": to_wire(row["next_at"]),
            "version": row["version"], "editable": principal.can(MANAGE), "readable": mapping is not None,
            "model": _model(row, principal, mapping)}


def _model(row: Row, principal: Principal, mapping: AnyMapping | None) -> dict[str, Any] | None:
    if row.get("model_state") is None:
        return None
    card = row["model_card"] or {}
    told = mapping is not None and _sees_all(mapping)
    shown = {"number": row["model_number"], "state": row["model_state"], "trained_at": to_wire(row["model_trained_at"]),
             "seconds": round(row["model_seconds"], 2), "scored": row["model_scored"] if told else None,
             "card": card if told else None, "parameters": row["model_parameters"] if told else None,
             "currency": card.get("currency"), "months": card.get("months"),
             "problems": _problems(card, principal.locale) if principal.can(MANAGE) else []}
    return shown | {"words": explain_model(row["kind"], row["model_state"], card if told else None, principal.locale)}


def _problems(card: Mapping[str, Any], locale: str) -> list[dict[str, str]]:
    """What does not fit, in words."""
    kept = card.get("misfit")
    if kept is None:
        return []
    found = [FieldProblem(one["pointer"], one["code"], one["params"]).to_wire(locale) for one in kept["errors"]]
    whole = Problem(422, kept["code"], params=kept["params"]).to_wire(locale, "", "")
    return found or [{"pointer": "/mapping", "code": kept["code"], "detail": whole["detail"]}]


def _sees_all(mapping: AnyMapping) -> bool:
    return all("all" in access.policy.scopes for access in _looked_at(mapping))


def _looked_at(mapping: AnyMapping) -> Sequence[Access]:
    if isinstance(mapping, ValueMapping):
        return mapping.scored, mapping.orders
    if isinstance(mapping, ForecastMapping):
        return (mapping.facts,)
    return (mapping.lines,) if isinstance(mapping, BasketMapping) else (mapping.scored,)

"""What would become of the values of a field if it had another type: how many fit, and examples that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth.principal import Principal
from chassis.http.problem import FieldProblem
from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef
from services.customer.model.type_change import converter
from services.customer.queries.list_records import scoped
from services.customer.store.converting import columns_of, distinct_values, wire_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.change_type import place_of, planned_type

if TYPE_CHECKING:
    from chassis.service import Service

MOST_VALUES = 100_000
MOST_EXAMPLES = 100


@dataclass
class _Tally:
    """How many values fit; the first that do not, as the database keeps them, with what is wrong."""

    fits: int = 0
    unfit: int = 0
    wrong: dict[Any, BadValueError] = field(default_factory=dict)


def preview_type(service: Service, principal: Principal, record_type: RecordType, name: str,
                 given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert every different value once. `complete` is false when there are more than were looked at.

    Who may not read the field is told nothing of its values, not even how many would fit: choices that he makes up
    would find them out.
    """
    target = planned_type(service, record_type.definition, name, given)
    source, access = record_type.fields[name], Access(principal, record_type)
    if not access.policy.allows("read") or name not in access.shape.readable:
        return {"fits": None, "unfit": None, "complete": False, "examples": []}
    with service.db.read() as connection:
        rows = connection.execute(distinct_values(record_type.name, source, MOST_VALUES + 1)).all()
    tally = _tally(service, source, target, rows[:MOST_VALUES])
    return {"fits": tally.fits, "unfit": tally.unfit, "complete": len(rows) <= MOST_VALUES,
            "examples": _examples(service, access, source, tally)}


def _tally(service: Service, source: FieldDef, target: FieldDef, rows: Any) -> _Tally:
    convert, tally = converter(source, target, place_of(service)), _Tally()
    for *parts, count in rows:
        try:
            convert(wire_of(source, tuple(parts)))
            tally.fits += count
        except BadValueError as problem:
            tally.unfit += count
            if len(tally.wrong) < MOST_EXAMPLES:
                tally.wrong[parts[0]] = problem
    return tally


def _examples(service: Service, access: Access, source: FieldDef, tally: _Tally) -> list[dict[str, Any]]:
    """Records with values that do not fit, of those that the caller may read."""
    if not tally.wrong:
        return []
    access.asked.add(source.name)
    record_type = access.record_type
    title = record_type.definition.title_field
    columns = columns_of(record_type.table, source)
    query = select(record_type.table.c.id, record_type.columns[title], *columns)
    query = scoped(access, query, None).where(columns[0].in_(list(tally.wrong))).limit(MOST_EXAMPLES)
    with service.db.read() as connection:
        rows = connection.execute(query).all()
    shows = title in access.shape.readable
    return [{"id": id, "title": name if shows else None, "value": wire_of(source, tuple(parts)),
             **_said(tally.wrong[parts[0]], access.principal.locale)} for id, name, *parts in rows]


def _said(problem: BadValueError, locale: str) -> dict[str, str]:
    shown = FieldProblem("", problem.code, problem.params).to_wire(locale)
    return {"code": shown["code"], "detail": shown["detail"]}

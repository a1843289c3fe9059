"""Roll-ups over lines are counted in the transaction that writes the lines, and limits hold before it commits.

The records that the lines count for are locked in the order of their ids and then counted from what stands, so two
payments that are matched with one instalment at the same time cannot exceed it together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from services.customer.model.faults import pointer_to
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.calculations.write import keep_calculated

if TYPE_CHECKING:
    from chassis.service import Service

_PIECE = 500


def count_anew(service: Service, uow: UnitOfWork, line_type: RecordType, lines: Iterable[Record]) -> None:
    """Count what these lines (before and after their change) feed; raises 422 when that exceeds a limit."""
    found = list(lines)
    types = service.parts["types"].all()
    fed: dict[str, set[str]] = {}
    for rollup in (one for one in line_type.plan.feeds if one.match is None):
        fed.setdefault(rollup.parent, set()).update(line[rollup.reference] for line in found if line[rollup.reference])
    for name in sorted(fed):
        if name in types and fed[name]:
            _count(service, uow, types[name], sorted(fed[name]), line_type.name)


def _count(service: Service, uow: UnitOfWork, parent: RecordType, ids: list[str], child: str) -> None:
    for start in range(0, len(ids), _PIECE):
        piece = ids[start:start + _PIECE]
        keep_calculated(service, uow, parent, [(_locked(uow, parent, piece), {child})])
        for record in _locked(uow, parent, piece):
            problem = excess(parent, record)
            if problem is not None:
                raise problem


def _locked(uow: UnitOfWork, record_type: RecordType, ids: list[str]) -> list[Record]:
    return [record_type.load(row) for row in uow.execute(record_type.many_for_touch, {"ids": ids}).all()]


def excess(record_type: RecordType, record: Record, changed: Iterable[str] | None = None) -> Problem | None:
    """The 422 problem of a record that exceeds a limit, if it does; only limits that speak of `changed` fields."""
    errors = [FieldProblem(pointer_to(limit["field"]), "limit_exceeded", params)
              for limit, params in _exceeded(record_type, record, changed)]
    return Problem(422, "invalid_request", errors=errors) if errors else None


def _exceeded(record_type: RecordType, record: Record,
              changed: Iterable[str] | None) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for limit in record_type.definition.limits:
        names = {limit["field"], limit["at_most"]}
        if (changed is None or not names.isdisjoint(changed)) and names <= record.keys():
            value, most = record[limit["field"]], record[limit["at_most"]]
            if most is not None and (_is_more(value, most) if value is not None else _is_unknown(record_type, limit)):
                yield limit, {"limit": _shown(most)} | ({"said": dict(limit["message"])} if limit["message"] else {})


def _is_unknown(record_type: RecordType, limit: Mapping[str, Any]) -> bool:
    """Whether an empty value is a sum of amounts that nobody can put together, for want of a rate; never too little."""
    return any(one.name == limit["field"] and one.function == "sum" for one in record_type.plan.rollups)


def _is_more(value: Any, most: Any) -> bool:
    """Any amount is too much beside one in another currency: nobody knows what it is worth there."""
    if isinstance(value, dict) and value["currency"] != most["currency"]:
        return _number(value) > 0
    return _number(value) > _number(most)


def _number(value: Any) -> Decimal:
    return Decimal(value["amount"] if isinstance(value, dict) else value)


def _shown(value: Any) -> str:
    return f"{value['amount']} {value['currency']}" if isinstance(value, dict) else str(value)

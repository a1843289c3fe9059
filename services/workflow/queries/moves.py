"""Moves of instances, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, select

from chassis.clock import to_wire
from services.workflow.model.texts import pick
from services.workflow.queries.instances import show_instance
from services.workflow.store.process_moves import process_move, process_move_result, standing_in
from services.workflow.store.tables import process_instance

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_RESULT, _INSTANCE = process_move_result.c, process_instance.c


def running_in(connection: Connection, process_id: str, versions: Sequence[int]) -> dict[int, int]:
    """How many instances run in each of these versions."""
    rows = connection.execute(select(_INSTANCE.process_version, func.count().label("running")).where(
        *standing_in(process_id, versions)).group_by(_INSTANCE.process_version)).all()
    return {row.process_version: row.running for row in rows}


def select_moves(process_id: str) -> Select[Any]:
    """Return the statement of the moves of a process."""
    return select(process_move).where(process_move.c.process_id == process_id)


def show_move(row: Any) -> dict[str, Any]:
    """Return a move on the wire."""
    done = sum(row.counts.values())
    return {"id": row.id, "process_id": row.process_id, "sources": row.sources, "target": row.target,
            "mapping": row.mapping, "state": row.state, "total": row.total, "counts": row.counts,
            "progress": 1.0 if row.state == "finished" or not row.total else min(done / row.total, 1.0),
            "by": {"id": row.by_id, "name": row.by_name}, "created_at": to_wire(row.created_at),
            "updated_at": to_wire(row.updated_at)}


def select_results(move_id: str, outcome: str | None) -> Select[Any]:
    """Return the statement of what became of the instances, with each instance as it is now."""
    statement = select(
        process_instance, _RESULT.instance_id, _RESULT.outcome, _RESULT.version.label("from_version"),
        _RESULT.reasons).join(process_instance, _INSTANCE.id == _RESULT.instance_id).where(_RESULT.move_id == move_id)
    return statement if outcome is None else statement.where(_RESULT.outcome == outcome)


def show_result(service: Service, row: Row, locale: str) -> dict[str, Any]:
    """Return what became of an instance on the wire."""
    return {"instance": show_instance(service, row, locale), "outcome": row["outcome"],
            "from_version": row["from_version"] or None, "reasons": [
                {"node": one["node"], "words": pick(one["words"], locale)} for one in row["reasons"]]}

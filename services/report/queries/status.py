"""What the read model holds, how far it has come, and the newest rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.clock import to_wire
from chassis.db.tables import job as job_table
from chassis.http.problem import Problem
from chassis.service import of_node
from services.report.store.read_model import ReadModel, ReadModelBusy
from services.report.store.read_model.catalog import State
from services.report.usecases.rebuild import REBUILD

if TYPE_CHECKING:
    from chassis.service import Service


def read_status(service: Service) -> dict[str, Any]:
    """The status as the API shows it."""
    model: ReadModel = service.parts["read_model"]
    try:
        view, counts = model.view(), model.counts()
    except ReadModelBusy as error:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from error
    state = view.state
    with service.db.read() as connection:
        rebuild = _newest_rebuild(connection, service.settings.node)
    return {"complete": state.complete, "rebuilding": state.building is not None,
            "last_event_at": state.last_event_at and to_wire(state.last_event_at),
            "taken_at": state.taken_at and to_wire(state.taken_at), "lag_seconds": _lag(state),
            "objects": [{"object": name, "rows": rows, "version": view.objects[name].version}
                        for name, rows in counts.items() if name in view.objects],
            "rebuild": rebuild}


def _lag(state: State) -> float | None:
    """How old the newest event was when it was taken in."""
    if state.taken_at is None or state.last_event_at is None:
        return None
    return max(0.0, (state.taken_at - state.last_event_at).total_seconds())


def _newest_rebuild(connection: Connection, node: str) -> dict[str, Any] | None:
    row = connection.execute(select(job_table).where(job_table.c.kind == of_node(REBUILD, node))
                             .order_by(job_table.c.created_at.desc(), job_table.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    progress = row.progress or {}
    return {"job_id": row.id, "state": row.state, "read": progress.get("read", 0),
            "waiting": progress.get("waiting", []), "error": row.error, "started_at": to_wire(row.created_at),
            "updated_at": to_wire(row.updated_at)}

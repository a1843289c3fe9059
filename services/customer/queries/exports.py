"""Exports in the background as the API shows them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.store.exports.tables import export_run


def exports_query(principal: Principal) -> Select[Any]:
    """The caller's own exports; to be paged newest first."""
    return select(export_run).where(export_run.c.caller == principal.key)


def get_export(connection: Connection, principal: Principal, id: str) -> Row[Any]:
    """One of the caller's own exports; raises 404."""
    run = connection.execute(exports_query(principal).where(export_run.c.id == id)).one_or_none() if is_id(id) else None
    if run is None:
        raise not_found("export")
    return run


def show_export(run: Row[Any], principal: Principal) -> dict[str, Any]:
    """An export: its state, how far it is, until when its file can be downloaded."""
    over = run.state == "finished" and run.expires_at <= utcnow()
    return {"id": run.id, "object": run.object, "state": "expired" if over else run.state, "format": run.format,
            "for_import": run.for_import, "filename": run.filename, "size": run.size,
            "progress": {"done": run.done, "total": run.count}, "problem": _problem(run, principal),
            "created_at": to_wire(run.created_at), "finished_at": run.finished_at and to_wire(run.finished_at),
            "expires_at": run.expires_at and to_wire(run.expires_at)}


def _problem(run: Row[Any], principal: Principal) -> dict[str, str] | None:
    if run.problem is None:
        return None
    wire = Problem(422, run.problem["code"], params=run.problem["params"]).to_wire(principal.locale, "", "")
    return {name: wire[name] for name in ("code", "title", "detail")}

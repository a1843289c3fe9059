"""Schedules of boards as their viewers see them: each his own, who looks after dashboards all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from sqlalchemy import Connection, Select, select

from chassis.clock import is_timezone, to_wire
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.report.model.cadence import Cadence
from services.report.queries.dashboards import Viewer
from services.report.store.tables import board_file, board_schedule

Row = Mapping[str, Any]
MEMBERS = ("dashboard_id", "every", "weekday", "day", "at", "timezone", "recipients", "format", "enabled")


def may_manage(viewer: Viewer, row: Row) -> bool:
    """Whether a schedule is the viewer's business."""
    return viewer.manages or (viewer.user_id is not None and row["owner_id"] == viewer.user_id)


def select_schedules(viewer: Viewer, dashboard_id: str | None) -> Select[Any]:
    """The statement of all schedules that are the viewer's business, of one board or of all."""
    statement = select(board_schedule)
    if dashboard_id is not None:
        statement = statement.where(board_schedule.c.dashboard_id == dashboard_id)
    return statement if viewer.manages else statement.where(board_schedule.c.owner_id == viewer.user_id)


def find_schedule(connection: Connection, viewer: Viewer, id: str, *, locked: bool = False) -> Row:
    """One schedule; raises 404, also for somebody else's."""
    row = None
    if is_id(id):
        asked = select(board_schedule).where(board_schedule.c.id == id)
        row = connection.execute(asked.with_for_update() if locked else asked).mappings().one_or_none()
    if row is None or not may_manage(viewer, row):
        raise not_found("schedule")
    return row


def show(row: Row) -> dict[str, Any]:
    """A schedule on the wire."""
    return {"id": row["id"], **{name: row[name] for name in MEMBERS}, "owner_id": row["owner_id"],
            "next_at": to_wire(row["next_at"]) if row["enabled"] else None,
            "last_at": to_wire(row["last_at"]) if row["last_at"] else None, "version": row["version"]}


def cadence_of(row: Row, otherwise: str) -> Cadence:
    """When a schedule's board is to be sent; in the zone `otherwise` when the database of zones lost its own."""
    zone = row["timezone"] if is_timezone(row["timezone"]) else otherwise
    return Cadence(row["every"], time.fromisoformat(row["at"]), zone, row["weekday"], row["day"])


def find_file(connection: Connection, id: str, user_id: str | None) -> Row:
    """A file that was made for a person, or any for None; raises 404."""
    asked = select(board_file).where(board_file.c.id == id)
    if user_id is not None:
        asked = asked.where(board_file.c.user_id == user_id)
    row = connection.execute(asked).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("file")
    return row

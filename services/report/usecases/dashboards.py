"""Dashboards are made, changed and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.report.queries.dashboards import MANAGE, MEMBERS, Viewer
from services.report.store.tables import board_schedule, dashboard

Row = Mapping[str, Any]


def create_dashboard(uow: UnitOfWork, viewer: Viewer, body: Row) -> Row:
    """Make a dashboard; raises 403 for a shared one without the permission, 409 for a key that is taken."""
    now = utcnow()
    row = {"id": new_id(), **body, "owner_id": viewer.user_id, "version": 1, "created_at": now, "updated_at": now}
    _check(viewer, row)
    _store(uow, dashboard.insert().values(row))
    return row


def change_dashboard(uow: UnitOfWork, viewer: Viewer, id: str, changes: Row) -> Row:
    """Change some members; a change of nothing makes no new version."""
    known = _locked(uow, viewer, id)
    row = dict(known) | dict(changes)
    if all(row[name] == known[name] for name in MEMBERS):
        return known
    if row["visibility"] == "private" and known["visibility"] != "private":
        row["owner_id"] = viewer.user_id
    _check(viewer, row)
    row |= {"version": known["version"] + 1, "updated_at": utcnow()}
    _store(uow, update(dashboard).where(dashboard.c.id == id).values(row))
    return row


def delete_dashboard(uow: UnitOfWork, viewer: Viewer, id: str) -> None:
    """Take a dashboard away, and its schedules."""
    _locked(uow, viewer, id)
    uow.execute(delete(board_schedule).where(board_schedule.c.dashboard_id == id))
    uow.execute(delete(dashboard).where(dashboard.c.id == id))


def _locked(uow: UnitOfWork, viewer: Viewer, id: str) -> Row:
    row = None
    if is_id(id):
        row = uow.execute(select(dashboard).where(dashboard.c.id == id).with_for_update()).mappings().one_or_none()
    if row is None or not viewer.sees(row):
        raise not_found("dashboard")
    if not viewer.edits(row):
        raise _may_not_manage()
    check_if_match(row["version"])
    return row


def _check(viewer: Viewer, row: Row) -> None:
    if row["visibility"] != "private" and not viewer.manages:
        raise _may_not_manage()
    if row["visibility"] == "private" and row["owner_id"] is None:
        raise invalid(FieldProblem("/visibility", "private_needs_person"))
    if row["visibility"] == "roles" and not row["role_keys"]:
        raise invalid(FieldProblem("/role_keys", "required"))


def _may_not_manage() -> Problem:
    return Problem(403, "permission_missing", params={"permission": MANAGE})


def _store(uow: UnitOfWork, statement: Any) -> None:
    try:
        with uow.connection.begin_nested():
            uow.execute(statement)
    except IntegrityError as error:
        raise Problem(409, "dashboard_key_taken") from error

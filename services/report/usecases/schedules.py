"""Schedules of boards are made, changed and taken away.

Everybody may have the boards that he sees sent to himself; sending to others needs the permission to look after
dashboards. Who gets a board is asked again each time: he gets what he may see then, and nothing of a board that he does
not see any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, invalid
from chassis.ids import new_id
from services.report.model.cadence import MONTH, WEEK
from services.report.queries.dashboards import Viewer, find_visible
from services.report.queries.schedules import MEMBERS, cadence_of, find_schedule
from services.report.store.tables import board_schedule

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_GOES_WITH = {"weekday": WEEK, "day": MONTH}


def create_schedule(service: Service, uow: UnitOfWork, viewer: Viewer, body: Row) -> Row:
    """Make a schedule; raises 404 for a board that he does not see, 422 for people whom he may not send to."""
    now = utcnow()
    given = {"timezone": service.settings.default_timezone, "recipients": [], **body}
    if not given["recipients"] and viewer.user_id is not None:
        given["recipients"] = [viewer.user_id]
    row = {"id": new_id(), "owner_id": viewer.user_id, "last_at": None, "version": 1, "created_at": now,
           "updated_at": now, **given}
    _check(service, viewer, row, ())
    find_visible(uow.connection, viewer, row["dashboard_id"])
    row["next_at"] = cadence_of(row, service.settings.default_timezone).after(now)
    uow.execute(board_schedule.insert().values(row))
    return row


def change_schedule(service: Service, uow: UnitOfWork, viewer: Viewer, id: str, changes: Row) -> Row:
    """Change some members; a change of nothing makes no new version, another cadence counts from now."""
    known = find_schedule(uow.connection, viewer, id, locked=True)
    check_if_match(known["version"])
    row = dict(known) | dict(changes)
    if all(row[name] == known[name] for name in MEMBERS):
        return known
    _check(service, viewer, row, known["recipients"])
    now = utcnow()
    row |= {"version": known["version"] + 1, "updated_at": now,
            "next_at": cadence_of(row, service.settings.default_timezone).after(now)}
    uow.execute(update(board_schedule).where(board_schedule.c.id == id).values(row))
    return row


def delete_schedule(uow: UnitOfWork, viewer: Viewer, id: str) -> None:
    """Take a schedule away."""
    known = find_schedule(uow.connection, viewer, id, locked=True)
    check_if_match(known["version"])
    uow.execute(delete(board_schedule).where(board_schedule.c.id == id))


def _check(service: Service, viewer: Viewer, row: Row, standing: Collection[str]) -> None:
    """Raise 422; who is among the recipients already may stay, even when he has left meanwhile and gets nothing."""
    faults = [FieldProblem(f"/{name}", "required" if row["every"] == every else "not_with", {"every": every})
              for name, every in _GOES_WITH.items() if (row[name] is not None) != (row["every"] == every)]
    if not row["recipients"]:
        faults.append(FieldProblem("/recipients", "required"))
    people = service.directory.snapshot().users
    for place, id in enumerate(row["recipients"]):
        if id in standing:
            continue
        if id != viewer.user_id and not viewer.manages:
            faults.append(FieldProblem(f"/recipients/{place}", "own_only"))
        elif id not in people or not people[id]["active"]:
            faults.append(FieldProblem(f"/recipients/{place}", "unknown_person"))
    if faults:
        raise invalid(*faults)

"""Boards are sent: for each recipient a file of what he may see, and a notification that it is there.

The file, the wish to tell him and the job's progress commit together, so a job that is killed goes on with the next
person and nobody is told twice. What was due while the product stood still is sent once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from chassis.auditing import Target, tell
from chassis.auth.people import principal_of
from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.db.slices import delete_in_slices
from chassis.http.problem import Problem
from chassis.i18n import localised
from chassis.ids import new_id
from chassis.jobs import Job, enqueue
from services.report.events import publish_notification
from services.report.metrics import BOARDS_SENT
from services.report.queries.dashboards import find_visible, viewer_of
from services.report.queries.export.board import Asked, File, board_file
from services.report.queries.schedules import cadence_of
from services.report.store import tables

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
SEND = "report.send_board"
KEPT = timedelta(days=7)
_AT_ONCE, _TRIES = 50, 3
_FORGOTTEN_AT_ONCE = 100


def start_due(service: Service) -> None:
    """Begin what is due; it waits while the read model is built, which takes longer than a job is tried again."""
    if not service.parts["read_model"].view().state.complete:
        return
    now, schedule = utcnow(), tables.board_schedule
    due = (select(schedule).where(schedule.c.enabled.is_(True), schedule.c.next_at <= now)
           .order_by(schedule.c.next_at).limit(_AT_ONCE).with_for_update(skip_locked=True))
    with service.db.unit_of_work() as uow:
        for row in uow.execute(due).mappings().all():
            send_now(uow, row)
            uow.execute(update(schedule).where(schedule.c.id == row["id"]).values(
                last_at=now, next_at=cadence_of(row, service.settings.default_timezone).after(now)))


def send_now(uow: UnitOfWork, row: Row) -> None:
    """Begin a schedule's work beside its times."""
    enqueue(uow, SEND, {"schedule_id": row["id"]})


def sending(asked_by: Callable[[Row], Asked]) -> Callable[[Service, Job], None]:
    """The job; `asked_by` reads the questions of a board."""

    def send(service: Service, job: Job) -> None:
        schedule = _schedule(service, job)
        recipients: Sequence[str] = schedule["recipients"] if schedule is not None else ()
        for place in range(job.progress.get("done", 0), len(recipients)):
            made = _tried(service, job, schedule, recipients[place], asked_by)
            with service.db.unit_of_work() as uow:
                if made is not None:
                    _hand_over(uow, schedule, *made)
                job.save(uow, done=place + 1)
            BOARDS_SENT.labels("sent" if made is not None else "nothing").inc()

    return send


def forget_files(service: Service) -> None:
    """Let go of files that were there long enough, some at a time."""
    old = tables.board_file.c.created_at < utcnow() - KEPT
    delete_in_slices(service, tables.board_file, old, _FORGOTTEN_AT_ONCE)


def _schedule(service: Service, job: Job) -> Row | None:
    schedule = tables.board_schedule
    with service.db.read() as connection:
        return connection.execute(select(schedule).where(
            schedule.c.id == job.payload["schedule_id"])).mappings().one_or_none()


def _tried(service: Service, job: Job, schedule: Row, user_id: str,
           asked_by: Callable[[Row], Asked]) -> tuple[Principal, Row, File] | None:
    """The same as `_made`; what cannot be made for one person, however often it is tried, keeps nobody else waiting."""
    try:
        return _made(service, schedule, user_id, asked_by)
    except Exception as error:
        waits = isinstance(error, Problem) and error.status == HTTPStatus.SERVICE_UNAVAILABLE
        if waits or job.attempts < _TRIES:
            raise
        log.exception("the board of schedule %s cannot be made for %s", schedule["id"], user_id)
        return None


def _made(service: Service, schedule: Row, user_id: str,
          asked_by: Callable[[Row], Asked]) -> tuple[Principal, Row, File] | None:
    """He, the board and his file; None for who has left, does not see the board or nothing on it."""
    directory = service.directory.snapshot()
    user = directory.users.get(user_id)
    if user is None or not user["active"]:
        return None
    principal = principal_of(directory, service.settings, user)
    try:
        with service.db.read() as connection:
            board = find_visible(connection, viewer_of(service, principal), schedule["dashboard_id"])
    except Problem:
        return None
    made = board_file(service, principal, board, asked_by(board), schedule["format"])
    return (principal, board, made) if made.holds else None


def _hand_over(uow: UnitOfWork, schedule: Row, principal: Principal, board: Row, made: File) -> None:
    id, now, user_id = new_id(), utcnow(), principal.user_id or ""
    uow.execute(tables.board_file.insert().values(
        id=id, dashboard_id=board["id"], user_id=user_id, name=made.name, media_type=made.media_type, body=made.body,
        created_at=now))
    tell(uow, principal, "dashboard.exported", Target("dashboard", board["id"], localised(board["name"], "en")),
         {"format": schedule["format"], "schedule": schedule["id"]})
    publish_notification(uow, user_id, "board_sent", {
        "board": dict(board["name"]), "board_id": board["id"], "file_id": id, "file": made.name,
        "until": to_wire(now + KEPT)})

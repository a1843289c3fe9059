"""What a record was at a moment.

The history says of every change what was there before. So what stood at a moment is what stands now, except for fields
that were changed since: they had what the first of these changes found. That costs one pass over the lines since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from chassis.http.problem import Problem
from services.customer.model.values.times import moment_text
from services.customer.store.record_type import Record
from services.customer.store.tables import record_change
from services.customer.usecases.history import CREATED, DELETED

MOST_LINES = 20_000
EXISTS, NOT_YET, GONE = "exists", "not_yet", "deleted"


@dataclass(frozen=True)
class Moment:
    """How a record stood at a moment; without a record when it was not there."""

    state: str
    record: Record | None = None


def reconstruct(connection: Connection, now: Record, at: datetime) -> Moment:
    """What a record that stands now was at a moment; raises 422 when too much has happened since."""
    lines = _since(connection, now["id"], at)
    table = record_change.c
    last = connection.execute(
        select(table.action, table.version, table.at, table.by_id).where(table.record_id == now["id"], table.at <= at)
        .order_by(table.at.desc(), table.id.desc()).limit(1)).first()
    if last is None and (not lines or lines[0].action == CREATED):
        return Moment(NOT_YET)
    if last is None:  # its first lines are not there
        return Moment(EXISTS, _undone(now, lines))
    if last.action == DELETED:
        return Moment(GONE)
    written = {"version": last.version, "updated_at": moment_text(last.at), "updated_by": last.by_id}
    return Moment(EXISTS, {**_undone(now, lines), **written})


def _since(connection: Connection, record_id: str, at: datetime) -> Sequence[Row[Any]]:
    """The lines after a moment, oldest first."""
    table = record_change.c
    since = select(table.action, table.changes).where(table.record_id == record_id, table.at > at)
    lines = connection.execute(since.order_by(table.at, table.id).limit(MOST_LINES + 1)).all()
    if len(lines) > MOST_LINES:
        raise Problem(422, "history_too_long", params={"max": MOST_LINES})
    return lines


def _undone(now: Record, lines: Sequence[Row[Any]]) -> Record:
    """The record without what these lines of its history, oldest first, have changed."""
    found: Record = {}
    for line in lines:
        for name, (before, _) in line.changes.items():
            found.setdefault(name, before)
    return {**now, **{name: value for name, value in found.items() if name in now}}

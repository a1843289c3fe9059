"""Analyses are set up, changed and taken away by who looks after dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import Problem
from chassis.ids import new_id
from services.report.model.cadence import Cadence
from services.report.queries.analysis.shown import MEMBERS, find_analysis
from services.report.store.read_model.scores import forget_scores
from services.report.store.tables import analysis, analysis_model

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
MOST = 50
_AT = time(3, 0)  # by the company's clock, when few are at work


def create_analysis(uow: UnitOfWork, body: Row) -> Row:
    """Set up an analysis; it is trained at once. Raises 409 for a key that is taken, and for more than is bearable."""
    if (uow.execute(select(func.count()).select_from(analysis)).scalar() or 0) >= MOST:
        raise Problem(409, "too_many_analyses", params={"most": MOST})
    now = utcnow()
    row = {"id": new_id(), **body, "next_at": now, "model_number": None, "version": 1, "created_at": now,
           "updated_at": now}
    with _key_is_free(uow):
        uow.execute(analysis.insert().values(row))
    return row


def change_analysis(service: Service, uow: UnitOfWork, id: str, changes: Row) -> Row:
    """Change some members; one that looks at something else is trained at once, a change of nothing changes nothing."""
    known = find_analysis(uow.connection, id, locked=True)
    check_if_match(known["version"])
    row = dict(known) | dict(changes)
    if all(row[name] == known[name] for name in MEMBERS):
        return known
    now = utcnow()
    row |= {"version": known["version"] + 1, "updated_at": now}
    if row["mapping"] != known["mapping"]:
        row["next_at"] = now
    elif row["every"] != known["every"]:
        row["next_at"] = next_time(service, row["every"], now)
    with _key_is_free(uow):
        uow.execute(update(analysis).where(analysis.c.id == id).values(row))
    return row


@contextmanager
def _key_is_free(uow: UnitOfWork) -> Iterator[None]:
    try:
        with uow.connection.begin_nested():
            yield
    except IntegrityError as error:
        raise Problem(409, "analysis_key_taken") from error


def delete_analysis(service: Service, uow: UnitOfWork, id: str) -> None:
    """Take an analysis away, with all that it has found."""
    known = find_analysis(uow.connection, id, locked=True)
    check_if_match(known["version"])
    uow.execute(delete(analysis_model).where(analysis_model.c.analysis_id == id))
    uow.execute(delete(analysis).where(analysis.c.id == id))
    with service.parts["read_model"].file.writing() as cursor:
        forget_scores(cursor, id)


def next_time(service: Service, every: str, after: datetime) -> datetime:
    """When an analysis is trained again: at night, on Mondays, or on the first of the month."""
    return Cadence(every, _AT, service.settings.default_timezone, weekday=1, day=1).after(after)

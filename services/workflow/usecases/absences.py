"""People say who stands in for them while they are away, or an administrator does for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from chassis.auth import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.workflow.events import publish_notifications
from services.workflow.model.texts import said
from services.workflow.queries.absences import visible_to
from services.workflow.store.tables import absence
from services.workflow.usecases.acting import PLAIN_MESSAGE
from services.workflow.usecases.notifying import notification

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
LONGEST = timedelta(days=366)
_ABSENCE = absence.c


def name_deputy(service: Service, uow: UnitOfWork, principal: Principal, body: Row) -> Row:
    """Keep an absence; raises 422 for people and times that cannot be, 409 when there is one in the same time."""
    now, person = utcnow(), body.get("person_id") or principal.user_id
    if person is None or not _may(principal, person):
        raise Problem(403, "absence_not_yours")
    _check_people(service, person, body["deputy_id"])
    _check_times(body["starts_at"], body["ends_at"], now)
    _check_free(uow, person, body["starts_at"], body["ends_at"])
    row = {"id": new_id(), "person_id": person, "deputy_id": body["deputy_id"], "starts_at": body["starts_at"],
           "ends_at": body["ends_at"], "by_id": principal.user_id, "created_at": now}
    uow.execute(absence.insert().values(row))
    _tell(service, uow, principal, row)
    return row


def end_absence(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """End an absence now, or call off one that has not begun; what the deputy has by then stays with him."""
    found = select(absence).where(_ABSENCE.id == id, visible_to(principal)).with_for_update()
    row = uow.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("absence")
    if not _may(principal, row["person_id"]):
        raise Problem(403, "absence_not_yours")
    now = utcnow()
    if row["starts_at"] > now:
        uow.execute(delete(absence).where(_ABSENCE.id == id))
    elif row["ends_at"] > now:
        uow.execute(update(absence).where(_ABSENCE.id == id).values(ends_at=now))


def _may(principal: Principal, person: str) -> bool:
    return person == principal.user_id or principal.can("users.manage")


def _check_people(service: Service, person: str, deputy: str) -> None:
    users = service.directory.snapshot().users
    for pointer, id in (("/person_id", person), ("/deputy_id", deputy)):
        if id not in users or not users[id]["active"]:
            raise invalid(FieldProblem(pointer, "user_unknown"))
    if person == deputy:
        raise invalid(FieldProblem("/deputy_id", "yourself"))


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at or ends_at <= now:
        raise invalid(FieldProblem("/ends_at", "absence_over"))
    if ends_at - starts_at > LONGEST:
        raise invalid(FieldProblem("/ends_at", "absence_too_long", {"days": LONGEST.days}))


def _check_free(uow: UnitOfWork, person: str, starts_at: datetime, ends_at: datetime) -> None:
    other = select(_ABSENCE.id).where(_ABSENCE.person_id == person, _ABSENCE.ends_at > starts_at,
                                      _ABSENCE.starts_at < ends_at).limit(1)
    if uow.execute(other).scalar() is not None:
        raise Problem(409, "absence_overlaps")


def _tell(service: Service, uow: UnitOfWork, principal: Principal, row: Row) -> None:
    """The deputy hears of it; so does who is away, when somebody else has said so."""
    zone = ZoneInfo(service.settings.default_timezone)
    names = {which: service.directory.name_of(row[f"{which}_id"]) or "" for which in ("person", "deputy")}
    message = said("absence", **names, **{name: row[f"{name}_at"].astimezone(zone).date().isoformat()
                                        for name in ("starts", "ends")})
    params = {"message": message, "rule": message, "object": message, "record": "", "count": 1,
              "at": to_wire(row["created_at"])}
    publish_notifications(uow, [notification((row["id"], one), one, PLAIN_MESSAGE, params, link=None, bulk=None)
                                for one in (row["deputy_id"], row["person_id"]) if one != principal.user_id])

"""Invitations to surveys: one for each mail that asks, good for one answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, delete, select, update

from chassis.db import UnitOfWork, insert_or
from chassis.db.types import Id, PlainText, UtcDateTime
from services.customer.store.tables import metadata

survey_invitation = Table(
    "survey_invitation", metadata,
    Column("id", Id(), primary_key=True),
    Column("kind", PlainText(), nullable=False),  # csat, nps
    Column("survey", PlainText(), nullable=False),  # what it is called in the answer
    Column("object", PlainText(), nullable=False),  # the record that it is about
    Column("record_id", Id(), nullable=False, index=True),
    Column("recipient_object", PlainText(), nullable=False),
    Column("recipient_id", Id(), nullable=False),
    Column("expires_at", UtcDateTime(), nullable=False, index=True),
    Column("answered_at", UtcDateTime()),
    Column("created_at", UtcDateTime(), nullable=False),
)
_INVITATION = survey_invitation.c


def keep_invitation(uow: UnitOfWork, row: dict[str, Any]) -> None:
    """Keep an invitation; one that is known already stays as it is."""
    uow.execute(insert_or(uow, survey_invitation).values(row).on_conflict_do_nothing())


def open_invitation(connection: Connection, id: str, now: datetime) -> Row[Any] | None:
    """An invitation that can still be answered."""
    return connection.execute(select(survey_invitation).where(_open(id, now))).one_or_none()


def use_up(uow: UnitOfWork, id: str, now: datetime) -> bool:
    """Take the one answer of an invitation; False when it is not open any more."""
    return bool(uow.execute(update(survey_invitation).where(_open(id, now)).values(answered_at=now)).rowcount)


def forget_invitations(uow: UnitOfWork, now: datetime) -> None:
    """Forget what has expired: a link to it answers as one that never was."""
    uow.execute(delete(survey_invitation).where(_INVITATION.expires_at < now))


def _open(id: str, now: datetime) -> Any:
    return (_INVITATION.id == id) & _INVITATION.answered_at.is_(None) & (_INVITATION.expires_at > now)

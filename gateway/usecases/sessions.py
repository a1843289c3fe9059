"""Sessions: opened by a sign-in, kept alive by refresh tokens that work once, ended by time or by somebody.

A refresh token is 256 random bits, stored as a digest. Using it gives the next one. A used token that comes again
means that two parties hold it, so the whole session ends; there is no grace period, because a thief at the same
address looks like the owner. An answer lost on the way therefore costs one new sign-in.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from chassis.auth.tokens import MUST_CHANGE_PASSWORD, access_token
from chassis.clock import utcnow
from chassis.db import insert_or
from chassis.db.unit_of_work import UnitOfWork
from chassis.ids import new_id
from chassis.service import Service
from gateway.events import publish_revocation
from gateway.metrics import SESSIONS
from gateway.model.api_keys import digest
from gateway.store.tables import directory_revision, refresh_token, revocation, session, user_account
from gateway.usecases.directory import hold

_PREFIX = "fhr_"
_KEEP_ENDED = timedelta(days=2)
_BATCH = 1000


@dataclass(frozen=True)
class Tokens:
    """What a client gets after signing in or renewing."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme


def open_session(service: Service, uow: UnitOfWork, user_id: str, ip: str | None, user_agent: str) -> Tokens:
    """Begin a session for a user who has just proved who he is."""
    id, now = new_id(), utcnow()
    ends_at = now + timedelta(days=service.settings.session_days)
    uow.execute(session.insert().values(
        id=id, user_id=user_id, created_at=now, last_used_at=now, idle_until=_idle_until(service, now, ends_at),
        ends_at=ends_at, ip=ip, user_agent=_printable(user_agent)))
    return _issue(service, uow, id, user_id, now, ends_at)


def consume(uow: UnitOfWork, token: str) -> tuple[str, Any]:
    """Use up a refresh token; returns ("fresh" | "reused" | "ended" | "unknown", the session's row or None)."""
    hashed, now = digest(token), utcnow()
    used = uow.execute(update(refresh_token).where(refresh_token.c.hash == hashed, refresh_token.c.used_at.is_(None))
                       .values(used_at=now).returning(refresh_token.c.session_id)).scalar()
    of_token = select(refresh_token.c.session_id).where(refresh_token.c.hash == hashed).scalar_subquery()
    wanted = select(session).where(session.c.id == of_token)
    row = uow.execute(wanted.with_for_update() if used else wanted).one_or_none()
    if row is None:
        return "unknown", None
    if row.revoked_at is not None or row.idle_until <= now:
        return "ended", row
    return ("fresh" if used else "reused"), row


def renew(service: Service, uow: UnitOfWork, row: Any) -> Tokens:
    """Give the next pair of tokens for a session whose refresh token was just used."""
    now = utcnow()
    uow.execute(update(session).where(session.c.id == row.id).values(
        last_used_at=now, idle_until=_idle_until(service, now, row.ends_at)))
    return _issue(service, uow, row.id, row.user_id, now, row.ends_at)


def new_access(service: Service, uow: UnitOfWork, session_id: str) -> tuple[str, int]:
    """Give a living session another access token, which says what holds now; returns it and its seconds."""
    row = uow.execute(select(session.c.user_id, session.c.ends_at).where(session.c.id == session_id)).one()
    return _access(service, uow, session_id, row.user_id, utcnow(), row.ends_at)


def revoke_all(service: Service, uow: UnitOfWork, user_id: str, because: str, keep: str | None = None) -> int:
    """End all sessions of a user but `keep`; returns how many."""
    hold(uow)
    living = [session.c.user_id == user_id, session.c.revoked_at.is_(None)]
    if keep is not None:
        living.append(session.c.id != keep)
    ids = uow.execute(select(session.c.id).where(*living)).scalars().all()
    revoke(service, uow, user_id, ids, because)
    return len(ids)


def revoke(service: Service, uow: UnitOfWork, user_id: str, ids: Sequence[str], because: str) -> None:
    """End these sessions of a user, and void their access tokens everywhere."""
    if not ids:
        return
    hold(uow)
    now = utcnow()
    uow.execute(update(session).where(session.c.id.in_(ids), session.c.revoked_at.is_(None)).values(
        revoked_at=now, revoked_because=because))
    void(service, uow, user_id, ids, now)


def void(service: Service, uow: UnitOfWork, user_id: str, ids: Sequence[str], now: datetime) -> None:
    """Void the access tokens of sessions or API keys from now on, in all services."""
    uow.execute(insert_or(uow, revocation).on_conflict_do_nothing(), [{"session_id": id, "at": now} for id in ids])
    uow.execute(update(directory_revision).values(sessions=directory_revision.c.sessions + 1))
    publish_revocation(uow, user_id, ids, now)
    uow.after_commit(service.directory.renew)  # type: ignore[attr-defined]


def forget_ended(service: Service) -> None:
    """Drop sessions that ended days ago with their tokens, and revocations that no token can outlive."""
    before = utcnow() - _KEEP_ENDED
    ended = (select(session.c.id).where(or_(session.c.revoked_at < before, session.c.idle_until < before))
             .limit(_BATCH))
    while True:
        with service.db.unit_of_work() as uow:
            ids = uow.execute(ended).scalars().all()
            uow.execute(delete(refresh_token).where(refresh_token.c.session_id.in_(ids)))
            uow.execute(delete(session).where(session.c.id.in_(ids)))
            uow.execute(delete(revocation).where(revocation.c.at < before))
        if len(ids) < _BATCH:
            return


def count_living(service: Service) -> None:
    """Set the gauge of sessions that may still be renewed."""
    with service.db.read() as connection:
        SESSIONS.set(connection.execute(select(func.count()).select_from(session).where(
            session.c.revoked_at.is_(None), session.c.idle_until > utcnow())).scalar_one())


def _issue(service: Service, uow: UnitOfWork, session_id: str, user_id: str, now: datetime,
           ends_at: datetime) -> Tokens:
    token = _PREFIX + secrets.token_urlsafe(32)
    uow.execute(refresh_token.insert().values(hash=digest(token), session_id=session_id, issued_at=now))
    return Tokens(*_access(service, uow, session_id, user_id, now, ends_at), token)


def _access(service: Service, uow: UnitOfWork, session_id: str, user_id: str, now: datetime,
            ends_at: datetime) -> tuple[str, int]:
    seconds = max(1, min(service.settings.access_token_seconds, int((ends_at - now).total_seconds())))
    must_change = uow.execute(select(user_account.c.must_change_password).where(user_account.c.id == user_id)).scalar()
    return access_token(service, user_id, session_id, seconds, **restrictions(must_change)), seconds


def restrictions(must_change_password: bool | None) -> dict[str, bool]:
    """Return the claims of a token of somebody who must first choose a password of his own; none for others."""
    return {MUST_CHANGE_PASSWORD: True} if must_change_password else {}


def _idle_until(service: Service, now: datetime, ends_at: datetime) -> datetime:
    return min(now + timedelta(minutes=service.settings.session_idle_minutes), ends_at)


def _printable(text: str) -> str:
    return "".join(character for character in text[:200] if character.isprintable())

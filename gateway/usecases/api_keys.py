"""API keys: made for a user, shown once, exchanged by services for short access tokens, revoked.

The tokens carry the key's id as their session, so revoking the key voids them like those of a session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from chassis.auth.principal import Principal
from chassis.auth.tokens import access_token
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import new_id
from chassis.service import Service
from gateway.model import api_keys as model
from gateway.store.tables import api_key, user_account
from gateway.usecases import audit, rights, sessions
from gateway.usecases.directory import hold

_NOTE_USE_EVERY = timedelta(minutes=1)


def create_key(service: Service, uow: UnitOfWork, principal: Principal,
               values: Mapping[str, Any]) -> tuple[str, str]:
    """Make a key; returns its id and the key itself, which is not kept."""
    user_id, now = values.get("user_id") or principal.user_id, utcnow()
    _check(uow, principal, user_id, values)
    id, secret = new_id(), model.new_secret()
    uow.execute(api_key.insert().values(
        id=id, name=values["name"], user_id=user_id, secret_hash=model.digest(secret),
        scopes=sorted(set(values["scopes"])), created_at=now, created_by=principal.user_id,
        expires_at=values.get("expires_at")))
    audit.record(uow, "key.created", audit.actor_of(principal), audit.Target("key", id, values["name"]),
                 {"user_id": user_id, "scopes": sorted(set(values["scopes"]))})
    return id, model.render_key(id, secret)


def revoke_key(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """End a key; access tokens made from it are void at once."""
    hold(uow)
    row = uow.execute(select(api_key).where(api_key.c.id == id, api_key.c.revoked_at.is_(None))).one_or_none()
    if row is None:
        raise not_found("API key")
    rights.check_may_manage(uow, principal, row.user_id)
    _revoke(service, uow, row.user_id, [id])
    audit.record(uow, "key.revoked", audit.actor_of(principal), audit.Target("key", id, row.name))


def revoke_of_user(service: Service, uow: UnitOfWork, user_id: str) -> None:
    """End all keys of a user whose account is closed."""
    ids = uow.execute(select(api_key.c.id).where(
        api_key.c.user_id == user_id, api_key.c.revoked_at.is_(None))).scalars().all()
    _revoke(service, uow, user_id, list(ids))


def exchange(service: Service, text: str) -> tuple[str, int] | None:
    """Return (access token, seconds) for a valid key, None for any other text."""
    parts = model.split_key(text)
    if parts is None:
        return None
    id, secret = parts
    now = utcnow()
    with service.db.unit_of_work() as uow:
        row = uow.execute(_living(id)).one_or_none()
        if row is None or not model.matches(secret, row.secret_hash) or (row.expires_at and row.expires_at <= now):
            return None
        _note_use(uow, id)
    seconds = service.settings.api_key_token_seconds
    if row.expires_at:
        seconds = max(1, min(seconds, int((row.expires_at - now).total_seconds())))
    return access_token(service, row.user_id, id, seconds, scopes=row.scopes,
                        **sessions.restrictions(row.must_change_password)), seconds


def _living(id: str) -> Any:
    return (select(api_key, user_account.c.must_change_password)
            .join(user_account, user_account.c.id == api_key.c.user_id)
            .where(api_key.c.id == id, api_key.c.revoked_at.is_(None), user_account.c.active.is_(True)))


def _note_use(uow: UnitOfWork, id: str) -> None:
    now = utcnow()
    uow.execute(update(api_key).where(api_key.c.id == id, or_(
        api_key.c.last_used_at.is_(None), api_key.c.last_used_at < now - _NOTE_USE_EVERY)).values(last_used_at=now))


def _revoke(service: Service, uow: UnitOfWork, user_id: str, ids: list[str]) -> None:
    if ids:
        now = utcnow()
        uow.execute(update(api_key).where(api_key.c.id.in_(ids)).values(revoked_at=now))
        sessions.void(service, uow, user_id, ids, now)


def _check(uow: UnitOfWork, principal: Principal, user_id: str | None, values: Mapping[str, Any]) -> None:
    active = uow.execute(select(user_account.c.active).where(user_account.c.id == user_id)).scalar()
    if not active:
        raise invalid(FieldProblem("/user_id", "unknown_user"))
    rights.check_may_manage(uow, principal, user_id or "")
    expires_at = values.get("expires_at")
    if expires_at is not None and expires_at <= utcnow():
        raise invalid(FieldProblem("/expires_at", "must_be_later"))


def refuse_keys(principal: Principal) -> None:
    """Raise 403 when the caller is an API key: what it may do must not outgrow its scopes."""
    if principal.kind != "user":
        raise Problem(403, "people_only")

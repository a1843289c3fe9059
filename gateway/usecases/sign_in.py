"""Sign-in, renewal and sign-out.

A name that does not exist costs the same time, the same counting and the same answer as a wrong password.
"""

from __future__ import annotations

from sqlalchemy import select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import Problem
from chassis.service import Service
from gateway.metrics import SIGN_INS, TOKEN_REUSE
from gateway.model.lockout import address_subject, canonical_username, user_subject
from gateway.queries.users import find_by_username
from gateway.store.tables import user_account
from gateway.usecases import audit, lockouts, sessions
from gateway.usecases.passwords import locked_out
from gateway.usecases.sessions import Tokens


def sign_in(service: Service, username: str, password: str, ip: str, user_agent: str) -> Tokens:
    """Open a session; raises 401 `invalid_credentials` or 429 `locked_out`, never telling more than that."""
    subjects = [user_subject(username), address_subject(ip)]
    wait = lockouts.begin_attempt(service, subjects)
    if wait is not None:
        _refused(service, username, "locked")
        raise locked_out(wait)
    with service.db.read() as connection:
        user = find_by_username(connection, canonical_username(username))
    right = service.parts["passwords"].verify(user["password_hash"] if user else None, password)
    if user is None or not right or not user["active"]:
        _refused(service, username, "failed")
        raise Problem(401, "invalid_credentials")
    return _admit(service, user, password, subjects, ip, user_agent)


def _admit(service: Service, user: dict, password: str, subjects: list[str], ip: str, user_agent: str) -> Tokens:
    renewed = service.parts["passwords"].hash(password) if service.parts["passwords"].is_outdated(
        user["password_hash"]) else user["password_hash"]
    with service.db.unit_of_work() as uow:
        current = uow.execute(update(user_account).where(
            user_account.c.id == user["id"], user_account.c.active.is_(True),
            user_account.c.password_hash == user["password_hash"]).values(
            last_sign_in_at=utcnow(), password_hash=renewed))
        if current.rowcount == 1:
            lockouts.forgive_in(uow, subjects)
            tokens = sessions.open_session(service, uow, user["id"], ip, user_agent)
            audit.record(uow, "sign_in.succeeded", audit.Actor("user", user["id"], user["name"]))
            uow.after_commit(SIGN_INS.labels("succeeded").inc)
            return tokens
    raise Problem(401, "invalid_credentials")  # closed or given another password at this very moment


def refresh(service: Service, token: str) -> Tokens:
    """Exchange a refresh token for the next pair; one that was used before ends its session."""
    with service.db.unit_of_work() as uow:
        outcome, row = sessions.consume(uow, token)
        if outcome == "fresh":
            if _is_active(uow, row.user_id):
                return sessions.renew(service, uow, row)
        elif outcome == "reused":
            sessions.revoke(service, uow, row.user_id, [row.id], "token_reused")
            audit.record(uow, "session.token_reused", audit.UNKNOWN, _target(uow, row.user_id),
                         {"session": row.id})
            TOKEN_REUSE.inc()
    raise Problem(401, "token_reused" if outcome == "reused" else "session_ended")


def sign_out(service: Service, uow: UnitOfWork, principal: Principal, everywhere: bool) -> None:
    """End the caller's session, or all of his."""
    assert principal.user_id is not None
    if everywhere:
        sessions.revoke_all(service, uow, principal.user_id, "signed_out")
    if principal.session_id is not None:
        sessions.revoke(service, uow, principal.user_id, [principal.session_id], "signed_out")
    audit.record(uow, "sign_out.everywhere" if everywhere else "sign_out", audit.actor_of(principal))


def sign_out_user(service: Service, uow: UnitOfWork, principal: Principal | None, user_id: str) -> None:
    """End all sessions of somebody."""
    ended = sessions.revoke_all(service, uow, user_id, "signed_out_by_administrator")
    audit.record(uow, "user.signed_out", audit.actor_of(principal), _target(uow, user_id), {"sessions": ended})


def _refused(service: Service, username: str, outcome: str) -> None:
    """Write down a refusal; a name that is nobody's is not kept, it may be a password in the wrong place."""
    SIGN_INS.labels(outcome).inc()
    with service.db.unit_of_work() as uow:
        user = find_by_username(uow.connection, canonical_username(username))
        target = audit.Target("user", user["id"], user["name"]) if user else None
        audit.record(uow, f"sign_in.{outcome}", audit.UNKNOWN, target)


def _is_active(uow: UnitOfWork, user_id: str) -> bool:
    return bool(uow.execute(select(user_account.c.active).where(user_account.c.id == user_id)).scalar())


def _target(uow: UnitOfWork, user_id: str) -> audit.Target:
    return audit.Target("user", user_id, uow.execute(
        select(user_account.c.name).where(user_account.c.id == user_id)).scalar_one())

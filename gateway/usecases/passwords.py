"""Passwords: change one's own, reset somebody's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.service import Service
from gateway.model.lockout import user_subject
from gateway.model.passwords import generate_password, password_problem
from gateway.queries.users import find_by_username
from gateway.store.tables import user_account
from gateway.usecases import audit, lockouts, rights, sessions
from gateway.usecases.directory import hold


def check_new_password(service: Service, password: str, username: str, pointer: str) -> None:
    """Raise 422 when a chosen password breaks the rules."""
    problem = password_problem(password, username, min_length=service.settings.password_min_length, pointer=pointer)
    if problem is not None:
        raise invalid(problem)


def prove_password(service: Service, principal: Principal, current: str) -> None:
    """Raise 422 when this is not the caller's password; wrong ones count towards the lock-out of sign-in."""
    with service.db.read() as connection:
        row = connection.execute(select(user_account.c.username, user_account.c.password_hash).where(
            user_account.c.id == principal.user_id)).one()
    subject = user_subject(row.username)
    wait = lockouts.begin_attempt(service, [subject])
    if wait is not None:
        raise locked_out(wait)
    if not service.parts["passwords"].verify(row.password_hash, current):
        raise invalid(FieldProblem("/current", "password_wrong"))
    lockouts.forgive(service, [subject])


def change_password(service: Service, uow: UnitOfWork, principal: Principal, new: str) -> tuple[str, int]:
    """Set the caller's own password, which he has just proved; his other sessions end.

    Returns an access token that is no longer restricted, and its seconds.
    """
    hold(uow)
    row = uow.execute(select(user_account).where(user_account.c.id == principal.user_id)).one()
    check_new_password(service, new, row.username, "/new")
    if service.parts["passwords"].verify(row.password_hash, new):
        raise invalid(FieldProblem("/new", "password_unchanged"))
    _store(service, uow, row.id, new, must_change=False)
    sessions.revoke_all(service, uow, row.id, "password_changed", keep=principal.session_id)
    audit.record(uow, "password.changed", audit.actor_of(principal), audit.Target("user", row.id, row.name))
    return sessions.new_access(service, uow, principal.session_id or "")


def reset_password(service: Service, uow: UnitOfWork, principal: Principal | None, user_id: str) -> str:
    """Give a user a password that is made up, to be changed at the next sign-in; all his sessions end."""
    hold(uow)
    row = uow.execute(select(user_account).where(user_account.c.id == user_id)).one_or_none()
    if row is None:
        raise not_found("user")
    rights.check_may_manage(uow, principal, user_id)
    password = generate_password()
    _store(service, uow, user_id, password, must_change=True)
    sessions.revoke_all(service, uow, user_id, "password_reset")
    lockouts.forgive_in(uow, [user_subject(row.username)])
    audit.record(uow, "password.reset", audit.actor_of(principal), audit.Target("user", row.id, row.name))
    return password


def reset_password_of(service: Service, username: str) -> str:
    """Reset by user name, for the command line; returns the new password, raises LookupError for nobody."""
    with service.db.unit_of_work() as uow:
        user = find_by_username(uow.connection, username)
        if user is None:
            raise LookupError(username)
        return reset_password(service, uow, None, user["id"])


def locked_out(wait: timedelta) -> Problem:
    """Return the 429 problem that tells when to come again."""
    seconds = max(1, round(wait.total_seconds()))
    return Problem(429, "locked_out", params={"seconds": seconds}, headers={"Retry-After": str(seconds)})


def _store(service: Service, uow: UnitOfWork, user_id: str, password: str, *, must_change: bool) -> None:
    now = utcnow()
    uow.execute(update(user_account).where(user_account.c.id == user_id).values(
        password_hash=service.parts["passwords"].hash(password), must_change_password=must_change,
        password_changed_at=now, updated_at=now))

"""Who may change whom: nobody gets more power out of a right to manage people than he has himself.

`users.manage` without `roles.manage` reaches only people and roles whose permissions he holds too. Whoever may edit
roles can give himself anything, so for him these checks would mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from chassis.auth.principal import Principal
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid
from gateway.model.roles import ADMINISTRATOR
from gateway.store.tables import role, user_account, user_role


def permissions_of_roles(uow: UnitOfWork, ids: Iterable[str]) -> frozenset[str]:
    """Return what these roles together grant."""
    found = uow.execute(select(role.c.permissions).where(role.c.id.in_(list(ids)))).scalars()
    return frozenset(name for permissions in found for name in permissions)


def permissions_of_user(uow: UnitOfWork, user_id: str) -> frozenset[str]:
    """Return what a user's roles together grant."""
    return permissions_of_roles(uow, uow.execute(
        select(user_role.c.role_id).where(user_role.c.user_id == user_id)).scalars())


def check_may_manage(uow: UnitOfWork, principal: Principal | None, user_id: str) -> None:
    """Raise 403 when the caller lacks a permission that the user has."""
    if not _reaches(principal, permissions_of_user(uow, user_id)):
        raise Problem(403, "more_powerful_user")


def check_may_grant(uow: UnitOfWork, principal: Principal | None, role_ids: Iterable[str]) -> None:
    """Raise 403 when the caller lacks a permission that the roles would give."""
    if not _reaches(principal, permissions_of_roles(uow, role_ids)):
        raise Problem(403, "more_powerful_role", errors=[FieldProblem("/role_ids", "more_powerful_role")])


def check_may_rule(principal: Principal | None) -> None:
    """Raise 403 unless the caller may say which fields somebody reads and writes."""
    if principal is not None and not principal.can("roles.manage"):
        raise Problem(403, "permission_missing", params={"permission": "roles.manage"},
                      errors=[FieldProblem("/field_rules", "more_powerful_role")])


def check_administrator_remains(uow: UnitOfWork) -> None:
    """Raise 409 when no active user holds the administrator's role any more; called after the change."""
    remaining = (select(func.count()).select_from(user_account.join(user_role, user_role.c.user_id == user_account.c.id)
                                                  .join(role, role.c.id == user_role.c.role_id))
                 .where(user_account.c.active.is_(True), role.c.key == ADMINISTRATOR))
    if not uow.execute(remaining).scalar_one():
        raise Problem(409, "last_administrator")


def check_roles_exist(uow: UnitOfWork, ids: list[str]) -> None:
    """Raise 422 that names each role that does not exist."""
    known = set(uow.execute(select(role.c.id).where(role.c.id.in_(ids))).scalars())
    wrong = [FieldProblem(f"/role_ids/{position}", "unknown_role") for position, id in enumerate(ids)
             if id not in known]
    if wrong:
        raise invalid(*wrong)


def _reaches(principal: Principal | None, permissions: frozenset[str]) -> bool:
    return principal is None or principal.can("roles.manage") or permissions <= principal.permissions

"""Users: create, change, deactivate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, select, update

from chassis.auth.principal import Principal
from chassis.clock import is_timezone, utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, invalid, not_found
from chassis.ids import new_id
from chassis.service import Service
from gateway.model import people
from gateway.model.lockout import canonical_username
from gateway.model.passwords import generate_password
from gateway.model.roles import canonical_rules, rule_problems
from gateway.queries.users import find, find_by_username
from gateway.store.tables import department, user_account, user_role
from gateway.usecases import api_keys, audit, rights, sessions
from gateway.usecases.directory import announce, next_version
from gateway.usecases.passwords import check_new_password

_CHECKS = {"email": (people.is_email, "not_an_email"), "phone": (people.is_phone, "not_a_phone"),
           "locale": (people.is_locale, "not_a_choice"), "timezone": (is_timezone, "not_a_timezone")}


def create_user(service: Service, uow: UnitOfWork, principal: Principal | None,
                values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Add a user; returns him and, when no password was given, the one that was made up."""
    values = dict(values)
    password, role_ids = values.pop("password", None), list(dict.fromkeys(values.pop("role_ids", ())))
    values["username"] = canonical_username(values["username"])
    version = next_version(uow)
    _check(uow, values)
    _check_roles(uow, principal, role_ids)
    _check_rules(principal, values, {})
    if password is not None:
        check_new_password(service, password, values["username"], "/password")
    chosen = password or generate_password()
    id, now = new_id(), utcnow()
    uow.execute(user_account.insert().values(
        {"email": None, "phone": None, "department_id": None, "locale": None, "timezone": None} | values | {
            "id": id, "active": True, "password_hash": service.parts["passwords"].hash(chosen),
            "must_change_password": password is None, "password_changed_at": now, "version": version,
            "created_at": now, "updated_at": now}))
    _set_roles(uow, id, role_ids)
    user = _announced(service, uow, version, id)
    audit.record_change(uow, "user.created", audit.actor_of(principal), target(user), {}, user)
    return user, None if password else chosen


def update_user(service: Service, uow: UnitOfWork, principal: Principal | None, id: str, changes: Mapping[str, Any],
                expected_version: int | None = None) -> dict[str, Any]:
    """Change members of a user; deactivating ends his sessions and keys."""
    version = next_version(uow)
    before = existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    rights.check_may_manage(uow, principal, id)
    values = dict(changes)
    role_ids = values.pop("role_ids", None)
    if "username" in values:
        values["username"] = canonical_username(values["username"])
    _check(uow, values, id)
    _check_rules(principal, values, before["field_rules"])
    if role_ids is not None:
        role_ids = list(dict.fromkeys(role_ids))
        _check_roles(uow, principal, role_ids)
        _set_roles(uow, id, role_ids)
    uow.execute(update(user_account).where(user_account.c.id == id).values(
        values | {"version": version, "updated_at": utcnow()}))
    if "active" in values or role_ids is not None:
        rights.check_administrator_remains(uow)
    if values.get("active") is False:
        _end_access(service, uow, id)
    after = _announced(service, uow, version, id)
    audit.record_change(uow, "user.changed", audit.actor_of(principal), target(after), before, after)
    return after


def deactivate_user(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                    expected_version: int | None = None) -> None:
    """Close a user's account; what he did keeps his name."""
    update_user(service, uow, principal, id, {"active": False}, expected_version)


def update_profile(service: Service, uow: UnitOfWork, principal: Principal,
                   changes: Mapping[str, Any]) -> None:
    """Change what a person may change of himself."""
    assert principal.user_id is not None
    version, before = next_version(uow), existing(uow, principal.user_id)
    _check(uow, changes, principal.user_id)
    uow.execute(update(user_account).where(user_account.c.id == principal.user_id).values(
        dict(changes) | {"version": version, "updated_at": utcnow()}))
    after = _announced(service, uow, version, principal.user_id)
    audit.record_change(uow, "user.profile_changed", audit.actor_of(principal), target(after), before, after)


def existing(uow: UnitOfWork, id: str) -> dict[str, Any]:
    """Return a user; raises 404 when there is none."""
    user = find(uow.connection, id)
    if user is None:
        raise not_found("user")
    return user


def target(user: Mapping[str, Any]) -> audit.Target:
    """Return a user as the target of an audit entry."""
    return audit.Target("user", user["id"], user["name"])


def _announced(service: Service, uow: UnitOfWork, version: int, id: str) -> dict[str, Any]:
    announce(service, uow, version, users=[id])
    return existing(uow, id)


def _end_access(service: Service, uow: UnitOfWork, id: str) -> None:
    sessions.revoke_all(service, uow, id, "deactivated")
    api_keys.revoke_of_user(service, uow, id)


def _set_roles(uow: UnitOfWork, id: str, role_ids: list[str]) -> None:
    uow.execute(delete(user_role).where(user_role.c.user_id == id))
    if role_ids:
        uow.execute(user_role.insert(), [{"user_id": id, "role_id": role_id} for role_id in role_ids])


def _check_roles(uow: UnitOfWork, principal: Principal | None, role_ids: list[str]) -> None:
    rights.check_roles_exist(uow, role_ids)
    rights.check_may_grant(uow, principal, role_ids)


def _check_rules(principal: Principal | None, values: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Bring field rules into their full form; who may not write roles may leave them as they are."""
    if values.get("field_rules") is not None:
        values["field_rules"] = canonical_rules(values["field_rules"])
        if values["field_rules"] != before:
            rights.check_may_rule(principal)


def _check(uow: UnitOfWork, values: Mapping[str, Any], id: str | None = None) -> None:
    wrong = list(_problems(uow, values, id))
    if wrong:
        raise invalid(*wrong)


def _problems(uow: UnitOfWork, values: Mapping[str, Any], id: str | None) -> Iterator[FieldProblem]:
    for name, (accepts, code) in _CHECKS.items():
        if values.get(name) is not None and not accepts(values[name]):
            yield FieldProblem(f"/{name}", code)
    if values.get("field_rules") is not None:
        yield from rule_problems(values["field_rules"])
    if "username" in values:
        yield from _username_problems(uow, values["username"], id)
    if values.get("department_id") and uow.execute(
            select(department.c.id).where(department.c.id == values["department_id"])).scalar() is None:
        yield FieldProblem("/department_id", "unknown_department")


def _username_problems(uow: UnitOfWork, username: str, id: str | None) -> Iterator[FieldProblem]:
    if not people.is_username(username):
        yield FieldProblem("/username", "not_a_username")
        return
    holder = find_by_username(uow.connection, username)
    if holder is not None and holder["id"] != id:
        yield FieldProblem("/username", "taken")

"""What a new installation begins with: a department, the administrator's role, and one administrator."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.db.unit_of_work import UnitOfWork
from chassis.service import Service
from gateway.model.roles import ADMINISTRATOR, administrator_role
from gateway.queries.users import find_by_username
from gateway.store.tables import department, role
from gateway.usecases.departments import create_department
from gateway.usecases.directory import announce, next_version
from gateway.usecases.roles import create_role
from gateway.usecases.users import create_user

USERNAME = "admin"
_HEAD_OFFICE = {"en": "Head office", "zh-CN": "总部"}
_NAME = {"en": "Administrator", "zh-CN": "系统管理员"}


def ensure_administrator(service: Service, password: str | None = None) -> str | None:
    """Make department, role and user `admin` unless they exist; repeatable.

    Returns the password of a user that was made now: `password`, or a generated one that must be changed at the first
    sign-in. Returns None when the user existed.
    """
    with service.db.unit_of_work() as uow:
        department_id = _department(service, uow)
        role_id = _role(service, uow)
        if find_by_username(uow.connection, USERNAME) is not None:
            return None
        _, generated = create_user(service, uow, None, {
            "username": USERNAME, "name": _NAME[service.settings.default_locale], "department_id": department_id,
            "role_ids": [role_id], "password": password})
        return generated or password


def has_administrator(service: Service) -> bool:
    """Tell whether the user `admin` exists."""
    with service.db.read() as connection:
        return find_by_username(connection, USERNAME) is not None


def _department(service: Service, uow: UnitOfWork) -> str:
    first = uow.execute(select(department.c.id).where(department.c.parent_id.is_(None))
                        .order_by(department.c.created_at, department.c.id).limit(1)).scalar()
    if first is not None:
        return first
    name = _HEAD_OFFICE[service.settings.default_locale]
    return create_department(service, uow, None, {"name": name, "key": "head_office"})["id"]


def _role(service: Service, uow: UnitOfWork) -> str:
    """Return the administrator's role, brought to what this version of the product ships."""
    wanted: dict[str, Any] = administrator_role()
    row = uow.execute(select(role).where(role.c.key == ADMINISTRATOR)).one_or_none()
    if row is None:
        return create_role(service, uow, None, wanted, shipped=True)["id"]
    if row.permissions != wanted["permissions"] or row.objects != wanted["objects"]:
        version = next_version(uow)
        uow.execute(role.update().where(role.c.id == row.id).values(
            permissions=wanted["permissions"], objects=wanted["objects"], version=version))
        announce(service, uow, version, roles=[row.id])
    return row.id

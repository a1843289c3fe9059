"""Rules are created, changed and deleted; each version is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.workflow.model.actions import Checker
from services.workflow.model.objects import ObjectModel
from services.workflow.model.rules import EDITABLE, checked_body
from services.workflow.store.objects import OBJECT_NAME, KnownObjects, find_object, turn_page
from services.workflow.store.tables import process, rule, rule_version, task_kind

if TYPE_CHECKING:
    from chassis.service import Service

_TEMPLATE_KEY = re.compile(r"[A-Za-z0-9_.-]{1,100}\Z", re.ASCII)

Row = Mapping[str, Any]


def create_rule(service: Service, uow: UnitOfWork, principal: Principal, body: Row) -> Row:
    """Create a rule; raises 422 for what is wrong with it and 409 when its key is taken."""
    now = utcnow()
    row = {"id": new_id(), **body, **checked_rule(service, uow, body), "version": 1, "created_at": now,
           "updated_at": now}
    _store(uow, rule.insert().values(row))
    _keep_version(uow, principal, row, "created")
    return row


def change_rule(service: Service, uow: UnitOfWork, principal: Principal, id: str, changes: Row) -> Row:
    """Change some members of a rule; a change of nothing makes no new version."""
    known = _locked(uow, id)
    body = {name: known[name] for name in EDITABLE} | dict(changes)
    checked = body | checked_rule(service, uow, body)
    if all(checked[name] == known[name] for name in EDITABLE):
        return known
    row = dict(known) | checked | {"version": known["version"] + 1, "updated_at": utcnow()}
    _store(uow, update(rule).where(rule.c.id == id).values(row))
    _keep_version(uow, principal, row, "updated")
    return row


def delete_rule(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Delete a rule; its versions and its runs are kept."""
    known = _locked(uow, id)
    uow.execute(delete(rule).where(rule.c.id == id))
    _keep_version(uow, principal, dict(known) | {"version": known["version"] + 1}, "deleted")


def _locked(uow: UnitOfWork, id: str) -> Row:
    row = None
    if is_id(id):
        row = uow.execute(select(rule).where(rule.c.id == id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise not_found("rule")
    check_if_match(row["version"])
    return row


def _store(uow: UnitOfWork, statement: Any) -> None:
    try:
        with uow.connection.begin_nested():
            uow.execute(statement)
    except IntegrityError as error:
        raise Problem(409, "rule_key_taken") from error


def _keep_version(uow: UnitOfWork, principal: Principal, row: Row, action: str) -> None:
    uow.execute(rule_version.insert().values(
        rule_id=row["id"], version=row["version"], action=action, body={name: row[name] for name in EDITABLE},
        at=utcnow(), by_id=principal.user_id, by_name=principal.name))
    turn_page(uow)


def checked_rule(service: Service, uow: UnitOfWork, body: Row, at: str = "") -> dict[str, Any]:
    """Return trigger, criteria and actions as they are kept; raises 422 with all that is wrong below the place `at`."""
    name = body["object"]
    model = find_object(uow, service.calls, name) if OBJECT_NAME.match(name) else None
    if model is None:
        raise invalid(FieldProblem(f"{at}/object", "object_unknown"))
    checker = checker_for(service, uow, model)
    checked = checked_body(body, checker)
    if checker.faults:
        raise invalid(*(replace(fault, pointer=at + fault.pointer) for fault in checker.faults))
    return checked


def checker_for(service: Service, uow: UnitOfWork, model: ObjectModel, in_process: bool = False) -> Checker:
    """Return what knows all that actions on an object may name."""
    directory = service.directory.snapshot(fresh=True)
    return Checker(
        model, users=[user["id"] for user in directory.users.values() if user["active"]],
        departments=directory.departments, has_template=lambda key: _has_template(service, key),
        task_kinds=uow.execute(select(task_kind.c.key).where(task_kind.c.active)).scalars().all(),
        mail_template=lambda key: _mail_template(service, key), objects=KnownObjects(uow, service.calls),
        roles=[role["key"] for role in directory.roles.values()],
        in_process=in_process, callable=_callable(uow) if in_process else {},
        processes=() if in_process else _processes(uow, model.name))


def _processes(uow: UnitOfWork, name: str) -> list[str]:
    """What names the processes over an object: ids and keys."""
    rows = uow.execute(select(process.c.id, process.c.key).where(process.c.object == name)).all()
    return [ref for row in rows for ref in row if ref]


def _callable(uow: UnitOfWork) -> dict[str, str]:
    """What names the processes that others may call, with their objects."""
    rows = uow.execute(select(process.c.id, process.c.key, process.c.object)).all()
    return {ref: row.object for row in rows for ref in (row.id, row.key) if ref}


def _mail_template(service: Service, key: str) -> str | None:
    """The object that a template of mail to customers is about."""
    if not _TEMPLATE_KEY.match(key):
        return None
    answer = service.calls.request("notify", "GET", f"/v1/mail-templates/{quote(key)}")
    if answer.status not in (200, 404):
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})
    return str(answer.json["object"]) if answer.status == 200 else None


def _has_template(service: Service, key: str) -> bool:
    if not _TEMPLATE_KEY.match(key):
        return False
    answer = service.calls.request("notify", "GET", f"/v1/templates/{quote(key)}")
    if answer.status not in (200, 404):
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})
    return answer.status == 200

"""Departments: a tree in which nothing hangs under itself and nothing that is used disappears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db.unit_of_work import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import new_id
from chassis.service import Service
from gateway.model.departments import Node, Tree, makes_circle, paths
from gateway.model.roles import is_key
from gateway.queries.departments import find
from gateway.store.tables import calendar, department, user_account
from gateway.usecases import audit
from gateway.usecases.directory import announce, announce_removed, next_version

MAX_DEPARTMENTS = 10_000


def create_department(service: Service, uow: UnitOfWork, principal: Principal | None,
                      values: Mapping[str, Any]) -> dict[str, Any]:
    """Add a department under `parent_id`, or a root."""
    version, tree = next_version(uow), _tree(uow)
    id, now = new_id(), utcnow()
    row = {"key": None, "parent_id": None, "position": 0, "calendar_id": None} | dict(values)
    _check(uow, tree, Node(id, row["name"], row["parent_id"]), row)
    grown = tree.with_node(Node(id, row["name"], row["parent_id"]))
    uow.execute(department.insert().values(row | {
        "id": id, "path": paths(grown, [id])[id], "version": version, "created_at": now, "updated_at": now}))
    announce(service, uow, version, departments=[id])
    created = existing(uow, id)
    audit.record_change(uow, "department.created", audit.actor_of(principal), _target(created), {}, created)
    return created


def update_department(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                      changes: Mapping[str, Any], expected_version: int | None = None) -> dict[str, Any]:
    """Rename or move a department; the paths of all below it follow."""
    version, before, tree = next_version(uow), existing(uow, id), _tree(uow)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    row = {name: before[name] for name in ("key", "name", "parent_id", "position", "calendar_id")} | dict(changes)
    node = Node(id, row["name"], row["parent_id"])
    _check(uow, tree, node, row)
    touched = tree.below(id) if (node.name, node.parent_id) != (before["name"], before["parent_id"]) else [id]
    uow.execute(update(department).where(department.c.id == id).values(row))
    for touched_id, path in paths(tree.with_node(node), touched).items():
        uow.execute(update(department).where(department.c.id == touched_id).values(
            path=path, version=version, updated_at=utcnow()))
    announce(service, uow, version, departments=touched)
    after = existing(uow, id)
    audit.record_change(uow, "department.changed", audit.actor_of(principal), _target(after), before, after)
    return after


def delete_department(service: Service, uow: UnitOfWork, principal: Principal | None, id: str,
                      expected_version: int | None = None) -> None:
    """Remove a department that has nothing below it and nobody in it."""
    version, before = next_version(uow), existing(uow, id)
    if expected_version not in (None, before["version"]):
        raise stale(before["version"])
    people = select(func.count()).select_from(user_account).where(user_account.c.department_id == id)
    children = select(func.count()).select_from(department).where(department.c.parent_id == id)
    if uow.execute(people).scalar_one() or uow.execute(children).scalar_one():
        raise Problem(409, "department_not_empty")
    uow.execute(delete(department).where(department.c.id == id))
    kept = {name: before[name] for name in ("id", "key", "name", "parent_id", "path", "position")}
    announce_removed(service, uow, version, "departments", kept)
    audit.record_change(uow, "department.deleted", audit.actor_of(principal), _target(before), before, {})


def existing(uow: UnitOfWork, id: str) -> dict[str, Any]:
    """Return a department; raises 404 when there is none."""
    found = find(uow.connection, id)
    if found is None:
        raise not_found("department")
    return found


def _tree(uow: UnitOfWork) -> Tree:
    rows = uow.execute(select(department.c.id, department.c.name, department.c.parent_id).limit(MAX_DEPARTMENTS + 1))
    return Tree(Node(row.id, row.name, row.parent_id) for row in rows)


def _check(uow: UnitOfWork, tree: Tree, node: Node, row: Mapping[str, Any]) -> None:
    if node.parent_id is not None and node.parent_id not in tree:
        raise invalid(FieldProblem("/parent_id", "unknown_department"))
    if makes_circle(tree, node):
        raise invalid(FieldProblem("/parent_id", "department_circle"))
    grown = tree.with_node(node)
    if not grown.is_sound(grown.below(node.id)):
        raise invalid(FieldProblem("/parent_id", "department_too_deep"))
    if row["key"] is not None:
        _check_key(uow, node.id, row["key"])
    own = row["calendar_id"]
    if own is not None and uow.execute(select(calendar.c.id).where(calendar.c.id == own)).scalar() is None:
        raise invalid(FieldProblem("/calendar_id", "unknown_calendar"))


def _check_key(uow: UnitOfWork, id: str, key: str) -> None:
    if not is_key(key):
        raise invalid(FieldProblem("/key", "not_a_key"))
    if uow.execute(select(department.c.id).where(department.c.key == key, department.c.id != id)).scalar():
        raise invalid(FieldProblem("/key", "taken"))


def _target(body: Mapping[str, Any]) -> audit.Target:
    return audit.Target("department", body["id"], body["name"])

"""Make, change and take away layouts. Whoever changes the layouts of an object takes turns on its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chassis.db import UnitOfWork
from chassis.http.etag import stale
from chassis.http.problem import FieldProblem, Problem, not_found
from services.customer.events import publish_layout
from services.customer.model.faults import InvalidError, unknown_members
from services.customer.model.layouts import DESCRIPTION, Layout, read_layout
from services.customer.store import definitions, layouts
from services.customer.store.record_type import RecordType
from services.customer.store.relations import related_fields
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

MAX_LAYOUTS = 50


def create_layout(service: Service, uow: UnitOfWork, record_type: RecordType, given: Mapping[str, Any]) -> Layout:
    """Make a layout; raises 409 when its key is taken, 422 with every fault."""
    made = _read(record_type, given)
    _take_turn(uow, record_type)
    if layouts.find_layout(uow, record_type.name, made.key) is not None:
        raise Problem(409, "name_taken", errors=[FieldProblem("/key", "name_taken")])
    if len(record_type.layouts) >= MAX_LAYOUTS:
        raise Problem(409, "too_many_layouts", params={"max": MAX_LAYOUTS})
    layouts.insert_layout(uow, made)
    _announce(service, uow, made)
    return made


def change_layout(service: Service, uow: UnitOfWork, record_type: RecordType, key: str, given: Mapping[str, Any],
                  version: int | None) -> Layout:
    """Replace members of a layout; its key stays. Raises 404, 412, 422."""
    _take_turn(uow, record_type)
    current = _standing(uow, record_type, key, version)
    faults = unknown_members(given, DESCRIPTION)
    if faults:
        raise invalid_problem(InvalidError(faults))
    changed = _read(record_type, {"key": key, **current.description(), **given})
    newer = replace(changed, version=current.version + 1)
    layouts.update_layout(uow, newer)
    _announce(service, uow, newer)
    return newer


def delete_layout(service: Service, uow: UnitOfWork, record_type: RecordType, key: str, version: int | None) -> None:
    """Take a layout away; raises 404, 412."""
    _take_turn(uow, record_type)
    current = _standing(uow, record_type, key, version)
    layouts.forget_layout(uow, record_type.name, key)
    _announce(service, uow, replace(current, version=current.version + 1), deleted=True)


def _take_turn(uow: UnitOfWork, record_type: RecordType) -> None:
    if definitions.read_locked(uow, record_type.name) is None:
        raise not_found("object")


def _standing(uow: UnitOfWork, record_type: RecordType, key: str, version: int | None) -> Layout:
    current = layouts.find_layout(uow, record_type.name, key)
    if current is None:
        raise not_found("layout")
    if version is not None and version != current.version:
        raise stale(current.version)
    return current


def _read(record_type: RecordType, given: Mapping[str, Any]) -> Layout:
    try:
        return read_layout(record_type.name, given, related_fields(record_type))
    except InvalidError as error:
        raise invalid_problem(error) from error


def _announce(service: Service, uow: UnitOfWork, layout: Layout, *, deleted: bool = False) -> None:
    publish_layout(uow, layout, deleted=deleted)
    uow.after_commit(service.parts["types"].expire)

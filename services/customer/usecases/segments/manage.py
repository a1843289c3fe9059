"""Define, change and take away segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import CriteriaError
from chassis.db import UnitOfWork
from chassis.http.criteria import criteria_problem
from chassis.http.etag import stale
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.model.faults import BadValueError, Fault, InvalidError
from services.customer.model.labels import check_label
from services.customer.model.segments import MAX_SEGMENTS, read_criterion
from services.customer.store import definitions
from services.customer.store.record_type import RecordType
from services.customer.store.segments import BUILDING, forget_segment, segment
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem, refusal
from services.customer.usecases.segments.settle import ask_to_settle

if TYPE_CHECKING:
    from chassis.service import Service


def create_segment(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   given: Mapping[str, Any]) -> str:
    """Define a segment of the object; returns its id. Raises 403, 409 and 422."""
    access = Access(principal, record_type)
    access.need("read")
    name = _name(given.get("name"))
    _check_criteria(access, given.get("criteria"))
    if _count(uow, record_type.name) >= MAX_SEGMENTS:
        raise Problem(409, "too_many_segments", params={"max": MAX_SEGMENTS})
    id = new_id()
    uow.execute(segment.insert(), {
        "id": id, "object": record_type.name, "name": name, "criteria": given["criteria"], "state": BUILDING,
        "version": 1, "created_by": principal.user_id, "updated_at": utcnow()})
    _announce(service, uow)
    ask_to_settle(uow, id)
    return id


def change_segment(service: Service, uow: UnitOfWork, principal: Principal, id: str, given: Mapping[str, Any],
                   version: int | None) -> None:
    """Change its name or its condition; raises 404, 412 and 422."""
    row = locked_segment(uow, id)
    if version is not None and version != row.version:
        raise stale(row.version)
    access = Access(principal, service.parts["types"].get(row.object))
    values: dict[str, Any] = {"version": row.version + 1, "updated_at": utcnow()}
    if "name" in given:
        values["name"] = _name(given["name"])
    if "criteria" in given:
        _check_criteria(access, given["criteria"])
        values |= {"criteria": given["criteria"], "state": BUILDING}
        ask_to_settle(uow, id)
    uow.execute(update(segment).where(segment.c.id == id).values(values))
    _announce(service, uow)


def delete_segment(service: Service, uow: UnitOfWork, id: str) -> None:
    """Take a segment away; raises 404."""
    locked_segment(uow, id)
    forget_segment(uow, id)
    _announce(service, uow)


def rebuild_segment(uow: UnitOfWork, id: str) -> None:
    """Look at every record again; raises 404."""
    locked_segment(uow, id)
    ask_to_settle(uow, id)


def locked_segment(uow: UnitOfWork, id: str) -> Row[Any]:
    """The segment, locked; raises 404."""
    row = uow.execute(select(segment).where(segment.c.id == id).with_for_update()).first() if is_id(id) else None
    if row is None:
        raise not_found("segment")
    return row


def _check_criteria(access: Access, given: Any) -> None:
    try:
        read_criterion(given, access.criteria_fields)
    except CriteriaError as error:
        raise criteria_problem(error, "") from error
    except InvalidError as error:
        raise invalid_problem(error) from error


def _name(given: Any) -> dict[str, str]:
    try:
        return check_label(given)
    except BadValueError as error:
        raise refusal([Fault("/name", error.code, error.params)]) from error


def _count(uow: UnitOfWork, object_name: str) -> int:
    query = select(func.count()).select_from(segment).where(segment.c.object == object_name)
    return int(uow.execute(query).scalar_one())


def _announce(service: Service, uow: UnitOfWork) -> None:
    """Let every process compile the segments anew."""
    definitions.touch(uow)
    uow.after_commit(service.parts["types"].expire)

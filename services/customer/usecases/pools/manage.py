"""Pools: make, change and remove them. Every process goes by a change within a second.

The first pool of an object adds two fields to it, as any field is added: at once at any size. The choices of `pool_id`
are the pools. Two sharing rules let members and managers see what lies in a pool, so that every path (lists, search,
reports) knows about pools without knowing them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, exists, func, select, update

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import CriteriaError, Field, ObjectFields, parse
from chassis.db import UnitOfWork
from chassis.http.criteria import criteria_problem
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.events import publish_sharing
from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to
from services.customer.model.labels import label_in
from services.customer.model.names import OWNER_SINCE, POOL
from services.customer.model.pool_returns import ReturnRule, read_rule
from services.customer.model.pools import MASKABLE, MAX_POOLS, Pool, managed_fields, read_pool
from services.customer.store import definitions
from services.customer.store.pools.pools import pool_of_row
from services.customer.store.pools.tables import pool
from services.customer.store.record_type import RecordType
from services.customer.store.sharing.tables import sharing_rule
from services.customer.usecases.access import Access
from services.customer.usecases.define_fields import add_field, alter_field
from services.customer.usecases.define_objects import locked_object
from services.customer.usecases.refusals import invalid_problem, refusal
from services.customer.usecases.sharing.shares import known_grantee

if TYPE_CHECKING:
    from chassis.service import Service


def make_pool(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
              given: Mapping[str, Any]) -> Pool:
    """A new pool; raises 409, 422."""
    name = record_type.name
    locked_object(uow, name, None)
    if uow.execute(select(func.count()).select_from(pool).where(pool.c.object == name)).scalar_one() >= MAX_POOLS:
        raise Problem(409, "too_many_pools", params={"max": MAX_POOLS})
    made = _checked(service, principal, record_type, Pool(new_id(), 1, name, {}, ()),
                    {"members": [], "name": None, **given})
    rule_ids = (new_id(), new_id())
    uow.execute(pool.insert(), {"id": made.id, "object": name, "version": 1, "body": made.body(),
                                "member_rule_id": rule_ids[0], "manager_rule_id": rule_ids[1],
                                "updated_by": principal.user_id, "updated_at": utcnow()})
    _keep_choices(service, uow, name)
    for rule in made.rules(rule_ids):
        uow.execute(sharing_rule.insert(), {**rule.to_wire(), "updated_by": principal.user_id, "updated_at": utcnow()})
    _tell(service, uow, principal, made, rule_ids, "pool.created")
    return made


def change_pool(service: Service, uow: UnitOfWork, principal: Principal, id: str, given: Mapping[str, Any]) -> Pool:
    """The pool with some members replaced; raises 404, 422."""
    row = _row(uow.connection, id, lock=True)
    before = pool_of_row(row)
    made = _checked(service, principal, service.parts["types"].get(row.object),
                    replace(before, version=before.version + 1), given)
    uow.execute(update(pool).where(pool.c.id == id).values(
        version=made.version, body=made.body(), updated_by=principal.user_id, updated_at=utcnow()))
    if made.name != before.name:
        _keep_choices(service, uow, made.object)
    rule_ids = (row.member_rule_id, row.manager_rule_id)
    for rule in made.rules(rule_ids):
        uow.execute(update(sharing_rule).where(sharing_rule.c.id == rule.id).values(
            **rule.to_wire(), updated_by=principal.user_id, updated_at=utcnow()))
    _tell(service, uow, principal, made, rule_ids, "pool.changed")
    return made


def remove_pool(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Remove a pool that no record belongs to; raises 404, 409."""
    row = _row(uow.connection, id, lock=True)
    record_type = service.parts["types"].get(row.object)
    column = record_type.columns.get(POOL)
    if column is not None and uow.execute(select(exists().where(column == id))).scalar_one():
        raise Problem(409, "pool_not_empty")
    rule_ids = (row.member_rule_id, row.manager_rule_id)
    uow.execute(delete(sharing_rule).where(sharing_rule.c.id.in_(rule_ids)))
    uow.execute(delete(pool).where(pool.c.id == id))
    _keep_choices(service, uow, row.object)
    gone = pool_of_row(row)
    _tell(service, uow, principal, replace(gone, version=gone.version + 1), rule_ids, "pool.removed", deleted=True)


def find_pool(connection: Connection, id: str) -> Pool:
    """A pool; raises 404."""
    return pool_of_row(_row(connection, id))


def _row(connection: Connection, id: str, *, lock: bool = False) -> Any:
    query = select(pool).where(pool.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).first() if is_id(id) else None
    if row is None:
        raise not_found("pool")
    return row


def _keep_choices(service: Service, uow: UnitOfWork, object_name: str) -> None:
    """Bring the choices of `pool_id` up to date; the last pool stays in them, since a field needs one."""
    rows = uow.execute(select(pool).where(pool.c.object == object_name).order_by(pool.c.id))
    choices = [{"value": row.id, "label": dict(row.body["name"])} for row in rows]
    ready = locked_object(uow, object_name, None).ready
    for made in managed_fields(choices):
        field = ready.get(made["name"])
        if field is None:
            add_field(service, uow, object_name, made, managed=True)
        elif not field.is_managed:
            raise Problem(409, "pool_field_taken", params={"field": field.name})
        elif field.name == POOL and choices:
            alter_field(service, uow, object_name, POOL, {"options": made["options"]}, choices_too=True)


def _checked(service: Service, principal: Principal, record_type: RecordType, before: Pool,
             given: Mapping[str, Any]) -> Pool:
    fields, title = record_type.fields, record_type.definition.title_field
    maskable = {name for name, field in fields.items() if field.type in MASKABLE and name != title}
    try:
        made = read_pool(before, given, maskable, moments_of(record_type))
    except InvalidError as error:
        raise invalid_problem(error) from error
    _check_people(service, before, made)
    _check_criteria(record_type.criteria_fields(lambda _: True), made.criteria, "/criteria")
    for place, rule in enumerate(made.returns):
        if rule not in before.returns:
            _check_criteria(_around(principal, record_type), rule["unless"], f"/returns/{place}/unless")
    return made


def drafted_rule(principal: Principal, record_type: RecordType, given: Any) -> ReturnRule:
    """A rule that is being written; raises 422."""
    faults: list[Fault] = []
    rule = read_rule(given, moments_of(record_type), faults)
    if faults:
        raise refusal(faults)
    _check_criteria(_around(principal, record_type), rule.unless, "/unless")
    return rule


def _around(principal: Principal, record_type: RecordType) -> ObjectFields:
    """Every field of the object, and of related records those that the caller may read."""
    return ObjectFields(record_type.criteria_fields(lambda _: True),
                        Access(principal, record_type).criteria_fields.relate)


def moments_of(record_type: RecordType) -> set[str]:
    """The days and moments of an object that a return may be counted from."""
    return {name for name, field in record_type.fields.items()
            if field.value_type in ("date", "datetime") and name != OWNER_SINCE} | {"updated_at"}


def _check_criteria(fields: Mapping[str, Field], criteria: Any, pointer: str) -> None:
    """Raise 422 unless the criteria fit the fields."""
    try:
        parse(criteria or {"all": []}, fields, pointer=pointer)
    except CriteriaError as error:
        raise criteria_problem(error, "") from error


def _check_people(service: Service, before: Pool, made: Pool) -> None:
    """Who is new in the pool must exist; who was there may be gone by now."""
    directory, faults = service.directory.snapshot(), []
    for name in ("members", "managers"):
        for place, one in enumerate(getattr(made, name)):
            if one in getattr(before, name):
                continue
            try:
                known_grantee(directory, one)
            except BadValueError as problem:
                faults.append(Fault(pointer_to(name, place), problem.code, problem.params))
    if faults:
        raise refusal(faults)


def _tell(service: Service, uow: UnitOfWork, principal: Principal, made: Pool, rule_ids: tuple[str, str], action: str,
          *, deleted: bool = False) -> None:
    definitions.touch(uow)
    publish_sharing(uow, rules=[one.to_wire() | {"deleted": deleted} for one in made.rules(rule_ids)])
    name = label_in(made.name, service.settings.default_locale, made.object)
    tell(uow, principal, action, Target("pool", made.id, name), {"object": made.object, "active": made.active})
    uow.after_commit(service.parts["types"].expire)

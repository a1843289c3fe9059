"""Sharing rules: make, change and remove them. Every process goes by a change within a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select, update

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import CriteriaError, parse
from chassis.db import UnitOfWork
from chassis.http.criteria import criteria_problem
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.events import publish_sharing
from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.labels import check_label, label_in
from services.customer.model.segments import SEGMENTS
from services.customer.model.sharing import LEVELS, MAX_GRANTEES, MAX_RULES, SharingRule
from services.customer.store.definitions import touch
from services.customer.store.record_type import RecordType
from services.customer.store.sharing.rules import rule_of
from services.customer.store.sharing.tables import sharing_rule
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal
from services.customer.usecases.sharing.shares import known_grantee

if TYPE_CHECKING:
    from chassis.service import Service

_GIVEN = ("name", "criteria", "grantees", "level", "active")


def make_rule(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
              given: Mapping[str, Any]) -> SharingRule:
    """A new rule; raises 409, 422."""
    count = select(func.count()).select_from(sharing_rule).where(
        sharing_rule.c.object == record_type.name, sharing_rule.c.pool_id.is_(None))
    if uow.execute(count).scalar_one() >= MAX_RULES:
        raise Problem(409, "too_many_sharing_rules", params={"max": MAX_RULES})
    rule = _checked(service, principal, record_type, SharingRule(
        new_id(), 1, record_type.name, given.get("name"), given.get("criteria"),  # type: ignore[arg-type]
        given.get("grantees"), given.get("level", "read"), given.get("active", True)))  # type: ignore[arg-type]
    uow.execute(sharing_rule.insert(), {**rule.to_wire(), "updated_by": principal.user_id, "updated_at": utcnow()})
    _tell(service, uow, principal, rule, "sharing_rule.created")
    return rule


def change_rule(service: Service, uow: UnitOfWork, principal: Principal, id: str,
                given: Mapping[str, Any]) -> SharingRule:
    """The rule with some members replaced; raises 404, 422."""
    before = find_rule(uow.connection, id, lock=True)
    record_type = service.parts["types"].get(before.object)
    changes = {name: given[name] for name in _GIVEN if name in given}
    rule = _checked(service, principal, record_type, replace(before, version=before.version + 1, **changes))
    uow.execute(update(sharing_rule).where(sharing_rule.c.id == id).values(
        **rule.to_wire(), updated_by=principal.user_id, updated_at=utcnow()))
    _tell(service, uow, principal, rule, "sharing_rule.changed")
    return rule


def remove_rule(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Remove a rule; raises 404."""
    rule = find_rule(uow.connection, id, lock=True)
    uow.execute(delete(sharing_rule).where(sharing_rule.c.id == id))
    _tell(service, uow, principal, replace(rule, version=rule.version + 1), "sharing_rule.removed", deleted=True)


def find_rule(connection: Connection, id: str, *, lock: bool = False) -> SharingRule:
    """A rule; raises 404."""
    query = select(sharing_rule).where(sharing_rule.c.id == id, sharing_rule.c.pool_id.is_(None))
    row = connection.execute(query.with_for_update() if lock else query).first() if is_id(id) else None
    if row is None:
        raise not_found("sharing_rule")
    return rule_of(row)


def _tell(service: Service, uow: UnitOfWork, principal: Principal, rule: SharingRule, action: str, *,
          deleted: bool = False) -> None:
    touch(uow)
    publish_sharing(uow, rules=[rule.to_wire() | {"deleted": deleted}])
    name = label_in(rule.name, service.settings.default_locale, rule.object)
    tell(uow, principal, action, Target("sharing_rule", rule.id, name),
         {"object": rule.object, "grantees": list(rule.grantees), "level": rule.level, "active": rule.active})
    uow.after_commit(service.parts["types"].expire)


def _checked(service: Service, principal: Principal, record_type: RecordType, rule: SharingRule) -> SharingRule:
    faults: list[Fault] = []
    try:
        rule = replace(rule, name=check_label(rule.name))
    except BadValueError as problem:
        faults.append(Fault("/name", problem.code, problem.params))
    if rule.level not in LEVELS:
        faults.append(Fault("/level", "bad_level"))
    if not isinstance(rule.active, bool):
        faults.append(Fault("/active", "not_boolean"))
    rule = replace(rule, grantees=_grantees(service, rule.grantees, faults))
    if faults:
        raise refusal(faults)
    try:
        parse(rule.criteria, Access(principal, record_type).criteria_fields.without(SEGMENTS), pointer="/criteria")
    except CriteriaError as error:
        raise criteria_problem(error, "") from error
    return rule


def _grantees(service: Service, given: Any, faults: list[Fault]) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MAX_GRANTEES:
        faults.append(Fault("/grantees", "bad_grantees", {"max": MAX_GRANTEES}))
        return ()
    directory, found = service.directory.snapshot(), []
    for place, one in enumerate(given):
        try:
            found.append(known_grantee(directory, one))
        except BadValueError as problem:
            faults.append(Fault(pointer_to("grantees", place), problem.code, problem.params))
    return tuple(dict.fromkeys(found))

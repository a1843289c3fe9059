"""What an import goes by: its object at the present version, the importer's access, the fields of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from services.customer.model.faults import InvalidError
from services.customer.model.mapping.rules import UPDATING, check_complete, read_mapping
from services.customer.model.mapping.targets import Target, targets_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.imports.importer import importer
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service


@dataclass(frozen=True)
class Plan:
    """One import, ready to be judged."""

    run: Row[Any]
    access: Access
    targets: Mapping[str, Target]

    @property
    def principal(self) -> Principal:
        """Who imports."""
        return self.access.principal

    @property
    def record_type(self) -> RecordType:
        """What is imported."""
        return self.access.record_type


def plan_of(service: Service, run: Row[Any], principal: Principal | None = None) -> Plan:
    """The plan of an import; raises 404 for an object that is gone, 403 without the action, 422 for its mapping."""
    caller = principal or importer(service, run)
    access = importing_access(service, caller, run.object)
    plan = Plan(run, access, writable_targets(access))
    check_plan(plan, run.mapping, run.duplicates)
    return plan


def importing_access(service: Service, principal: Principal, object_name: str) -> Access:
    """Access to an object for somebody who may import into it; raises 404 and 403."""
    access = Access(principal, service.parts["types"].get(object_name))
    access.need("import")
    return access


def writable_targets(access: Access) -> dict[str, Target]:
    """The fields that the caller's columns may be mapped to."""
    return targets_of(access.record_type.definition, access.shape.writers)


def check_plan(plan: Plan, mapping: Any, duplicates: str) -> dict[str, str]:
    """The checked mapping; raises 422 with every fault, 403 when records are to be updated without that right."""
    if duplicates in UPDATING:
        plan.access.need("update")
    try:
        read = read_mapping(mapping, len(plan.run.headers), plan.targets, plan.access.shape.readable)
        check_complete(read, plan.targets, duplicates)
    except InvalidError as error:
        raise invalid_problem(error) from error
    return read

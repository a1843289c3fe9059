"""New records of an import that go into a public pool: those whose row names no owner and that the pool is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.auth.principal import Principal
from chassis.criteria import to_predicate
from services.customer.model.faults import Fault
from services.customer.model.mapping.targets import OWNER
from services.customer.model.names import POOL
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.imports.plan import Plan
from services.customer.usecases.refusals import refusal
from services.customer.usecases.values import blanks_of


def check_pool(principal: Principal, record_type: RecordType, pool_id: Any) -> None:
    """Raise 422 unless it is null, or an active pool of the object that the importer is in or manages objects for."""
    if pool_id is None:
        return
    pool = record_type.pools.get(pool_id) if isinstance(pool_id, str) else None
    if pool is None or not pool.active or not (principal.can("objects.manage") or pool.has(principal.grantees)
                                               or pool.is_led_by(principal.grantees)):
        raise refusal([Fault("/pool_id", "unknown_pool")])


def into_pool(plan: Plan, rows: Sequence[Record]) -> Sequence[Record]:
    """The values of new records, those for the pool without an owner; all others are the importer's as always."""
    record_type = plan.record_type
    pool = record_type.pools.get(plan.run.pool_id) if plan.run.pool_id else None
    criterion = pool.criterion(record_type.criteria_fields(lambda _: True)) if pool is not None else None
    if pool is None or criterion is None:
        return rows
    meets, scope = to_predicate(criterion), record_type.company_scope()
    nobody: Record = {OWNER: None, "department_id": None, POOL: pool.id}
    blank = {**dict.fromkeys(record_type.fields), **blanks_of(plan.access).defaults}
    return [{**row, **nobody} if not row.get(OWNER) and meets({**blank, **row, **nobody}, scope) else row
            for row in rows]

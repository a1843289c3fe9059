"""Pools as people see them: whose they are, how one stands in them, and what one may do with a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from chassis.auth.principal import Principal
from chassis.clock import to_wire
from services.customer.model.names import POOL
from services.customer.model.pools import Pool
from services.customer.queries.get_record import get_record
from services.customer.store.pools.tables import pool, pool_passage, pool_return_run
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.pools.limits import standing_of, waits_of
from services.customer.usecases.sharing.telling import grantee_name

if TYPE_CHECKING:
    from chassis.service import Service

_FOR_EVERYBODY = ("id", "version", "object", "name", "active", "reasons", "reason_required", "masked", "owners_return",
                  "max_held", "max_claims_per_day", "former_owner_days")


def leads(principal: Principal, one: Pool) -> bool:
    """Whether the caller manages the pool; who manages objects manages every pool."""
    return one.is_led_by(principal.grantees) or principal.can("objects.manage")


def pools_query(object_name: str | None) -> Select[Any]:
    """All pools, or those of one object."""
    query = select(pool)
    return query if object_name is None else query.where(pool.c.object == object_name)


def own_pools(principal: Principal, record_types: dict[str, RecordType], object_name: str | None) -> list[Pool]:
    """The pools that the caller sees: those that he is in, and all for who manages objects."""
    names = sorted(record_types) if object_name is None else [object_name]
    return [one for name in names if name in record_types for one in record_types[name].pools.values()
            if principal.can("objects.manage") or (one.active and principal.objects(name).allows("read") and (
                one.has(principal.grantees) or one.is_led_by(principal.grantees)))]


def show_pool(service: Service, connection: Connection, principal: Principal, one: Pool) -> Record:
    """A pool with how the caller stands in it; all of it for who manages objects."""
    wire = one.to_wire()
    record_type = service.parts["types"].find(one.object)
    mine: Record = {"member": one.has(principal.grantees), "manager": leads(principal, one)}
    if record_type is not None and POOL in record_type.fields and principal.user_id is not None:
        mine |= standing_of(connection, principal, record_type, one).to_wire()
    if not principal.can("objects.manage"):
        return {name: wire[name] for name in _FOR_EVERYBODY} | {"mine": mine}
    directory = service.directory.snapshot()
    names = {grantee: grantee_name(directory, grantee, principal.locale) for grantee in (*one.members, *one.managers)}
    broken = record_type is None or one.criterion(record_type.criteria_fields(lambda _: True)) is None
    return wire | {"mine": mine, "grantee_names": names, "broken": broken}


def pool_of_record(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """Where a record stands between pools and people, and what the caller may do; raises 403, 404."""
    record = get_record(service, principal, record_type, record_id)
    home = record_type.pools.get(record.get(POOL) or "")
    may_write = Access(principal, record_type).policy.allows("update")
    lies_in = home is not None and record["owner_id"] is None
    with service.db.read() as connection:
        blocked = _blocked(connection, principal, record_type, home, record) if home and lies_in else None
    led = home is not None and leads(principal, home)
    return {"pool": _named(home) if home else None, "in_pool": lies_in,
            "can_claim": bool(may_write and home and lies_in and home.active and not blocked
                              and (led or home.has(principal.grantees))),
            "why_not": blocked, "can_assign": bool(may_write and led), "can_move": bool(may_write and led and lies_in),
            "return_to": _return_to(principal, record_type, record, home) if may_write else []}


def passages_query(pool_id: str) -> Select[Any]:
    """What went through a pool."""
    return select(pool_passage).where(pool_passage.c.pool_id == pool_id)


def show_passage(service: Service, row: Any) -> Record:
    """One passage as the API shows it."""
    name = service.directory.name_of
    return {"id": row.id, "record_id": row.record_id, "action": row.action, "automatic": row.automatic,
            "person_id": row.person_id, "person_name": name(row.person_id) if row.person_id else None,
            "by_id": row.by_id, "by_name": name(row.by_id) if row.by_id else None, "reason": row.reason,
            "at": to_wire(row.at)}


def latest_run(connection: Connection, pool_id: str) -> Record:
    """The latest run of a pool's rules; all null before the first."""
    row = connection.execute(select(pool_return_run).where(pool_return_run.c.pool_id == pool_id)).first()
    if row is None:
        return {"started_at": None, "finished_at": None, "returned": 0, "warned": 0}
    return {"started_at": to_wire(row.started_at), "finished_at": row.finished_at and to_wire(row.finished_at),
            **row.tally}


def _blocked(connection: Connection, principal: Principal, record_type: RecordType, home: Pool,
             record: Record) -> Record | None:
    """Why the caller cannot claim the record now: a code and its figures."""
    waits = waits_of(connection, principal, record_type.pools, [record["id"]])
    if waits and not leads(principal, home):
        return {"code": "pool_former_owner", "until": to_wire(waits[record["id"]])}
    problem = standing_of(connection, principal, record_type, home).problem()
    return None if problem is None else {"code": problem.code, **problem.extra}


def _return_to(principal: Principal, record_type: RecordType, record: Record, home: Pool | None) -> list[Record]:
    """The pools that the caller may return the record to, its own first."""
    if record["owner_id"] is None:
        return []
    mine, led = record["owner_id"] == principal.user_id, home is not None and leads(principal, home)
    found = [one for one in record_type.pools.values() if one.active and (
        led or (mine and one.owners_return) or leads(principal, one))]
    found.sort(key=lambda one: home is None or one.id != home.id)
    return [_named(one) | {"reasons": list(one.reasons), "reason_required": one.reason_required} for one in found]


def _named(one: Pool) -> Record:
    return {"id": one.id, "name": dict(one.name)}

"""How records come into pools and go out: one row for each, written by every write that moves one.

It does not matter who moves a record: a claim, a rule, a hand-over or a patch of `owner_id` leave the same row. Limits
and the time that a former owner has to wait are counted from these rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.metrics import POOL_PASSAGES
from services.customer.model.names import OWNER_SINCE, POOL
from services.customer.store.pools.tables import pool_passage
from services.customer.store.record_type import Record, RecordType

if TYPE_CHECKING:
    from services.customer.usecases.access import Access
    from services.customer.usecases.edits import Edit

CLAIMED, ASSIGNED, RETURNED, MOVED, PUT = "claimed", "assigned", "returned", "moved", "put"
ACTIONS = (CLAIMED, ASSIGNED, RETURNED, MOVED, PUT)


def note_passages(uow: UnitOfWork, access: Access, edits: Sequence[Edit]) -> None:
    """Keep what the edits have moved into pools and out of them."""
    if POOL not in access.record_type.fields:
        return
    by, rows = access.principal.user_id, []
    for edit in edits:
        found = _passage(edit.before, edit.after, by)
        if found is not None:
            action, person = found
            rows.append(_row(access.record_type.name, edit.after, action, person, by, edit.note))
    if rows:
        uow.insert_many(pool_passage, rows)
        uow.after_commit(lambda: _count(access.record_type.name, rows))


def place_new(record_type: RecordType, record: Record) -> None:
    """Say since when a new record has its owner; without one it goes into the first pool that takes it."""
    if record["owner_id"]:
        record[OWNER_SINCE] = record["created_at"]
    elif record[POOL] is None:
        record[POOL] = next((one.pool.id for one in record_type.taking_pools
                             if one.judge(record, record_type.company_scope())), None)


def _passage(before: Record, after: Record, by: str | None) -> tuple[str, str | None] | None:
    """What happened, and who got or lost the record; None when no pool is concerned."""
    was, now = before["owner_id"], after["owner_id"]
    pool_was, pool_now = before.get(POOL), after.get(POOL)
    if now is None and pool_now:
        if was:
            return RETURNED, was
        if pool_was != pool_now:
            return (MOVED if pool_was else PUT), None
    elif now and now != was and pool_now:
        return (CLAIMED if was is None and now == by else ASSIGNED), now
    return None


def _row(object_name: str, record: Record, action: str, person: str | None, by: str | None,
         note: Mapping[str, Any] | None) -> dict[str, Any]:
    told = (note or {}).get("pool") or {}
    return {"id": new_id(), "object": object_name, "record_id": record["id"], "pool_id": record[POOL],
            "action": action, "person_id": person, "by_id": by, "automatic": bool(told.get("automatic")),
            "reason": told.get("reason"), "at": utcnow()}


def _count(object_name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    told = Counter("returned_automatically" if row["automatic"] else row["action"] for row in rows)
    for action, number in told.items():
        POOL_PASSAGES.labels(object_name, action).inc(number)

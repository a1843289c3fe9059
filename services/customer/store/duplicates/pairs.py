"""Pairs in the database: a pair keeps the decision about it, however often it is found again.

Pairs of a record that goes are forgotten. What it may come back from, a merge or the bin, keeps them meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from chassis.clock import from_wire, to_wire
from chassis.db import UnitOfWork, insert_or
from chassis.ids import new_id
from services.customer.store.duplicates.tables import duplicate_pair
from services.customer.store.record_type import RecordType

OPEN, SAME, DIFFERENT, LATER = "open", "same", "different", "later"
DECISIONS = (SAME, DIFFERENT, LATER)
Found = tuple[str, str, int, list[Any]]
Kept = list[Any]  # [id, one, other, score, reasons, state, decided by, at, scan]
_ONCE = ("object", "one", "other")


def keep_pairs(uow: UnitOfWork, object_name: str, scan_id: str, found: Iterable[Found]) -> None:
    """Keep pairs of a scan, given as (smaller id, larger id, score, reasons); known ones are renewed."""
    rows = [{"id": new_id(), "object": object_name, "one": one, "other": other, "score": score, "reasons": reasons,
             "state": OPEN, "decided_by": None, "decided_at": None, "scan_id": scan_id}
            for one, other, score, reasons in found]
    if not rows:
        return
    insert = insert_or(uow, duplicate_pair)
    renewed = {name: insert.excluded[name] for name in ("score", "reasons", "scan_id")}
    uow.execute(insert.on_conflict_do_update(index_elements=_ONCE, set_=renewed), rows)


def forget_unfound(uow: UnitOfWork, object_name: str, scan_id: str) -> None:
    """Forget undecided pairs that the newest scan has not found again."""
    table = duplicate_pair.c
    uow.execute(delete(duplicate_pair).where(table.object == object_name, table.scan_id != scan_id,
                                             table.state.in_((OPEN, LATER))))


def take_pairs_of(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, list[Kept]]:
    """Forget the pairs of records that go; returns them by id, for when one of them comes back."""
    found: dict[str, list[Kept]] = {}
    rows = uow.execute(select(duplicate_pair).where(_of(ids)).order_by(duplicate_pair.c.id)).all() if ids else []
    for row in rows:
        kept = [row.id, row.one, row.other, row.score, row.reasons, row.state, row.decided_by,
                to_wire(row.decided_at) if row.decided_at else None, row.scan_id]
        for id in {row.one, row.other}.intersection(ids):
            found.setdefault(id, []).append(kept)
    forget_pairs_of(uow, ids if rows else ())
    return found


def bring_pairs_back(uow: UnitOfWork, record_type: RecordType, kept: Iterable[Kept] | None) -> None:
    """Keep pairs again whose records are both there, and that no scan has found anew."""
    for id, one, other, score, reasons, state, decided_by, decided_at, scan_id in kept or ():
        there = uow.execute(select(record_type.table.c.id).where(record_type.table.c.id.in_((one, other)))).all()
        if len(there) == 2:
            _add(uow, {"id": id, "object": record_type.name, "one": one, "other": other, "score": score,
                       "reasons": reasons, "state": state, "decided_by": decided_by,
                       "decided_at": from_wire(decided_at) if decided_at else None, "scan_id": scan_id})


def forget_pairs_of(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Forget the pairs of records that are gone."""
    if ids:
        uow.execute(delete(duplicate_pair).where(_of(ids)))


def decide(uow: UnitOfWork, id: str, state: str, person: str | None, now: Any) -> None:
    """Keep somebody's decision."""
    uow.execute(update(duplicate_pair).where(duplicate_pair.c.id == id).values(
        state=state, decided_by=person, decided_at=now))


def _of(ids: Sequence[str]) -> ColumnElement[bool]:
    return or_(duplicate_pair.c.one.in_(ids), duplicate_pair.c.other.in_(ids))


def _add(uow: UnitOfWork, row: dict[str, Any]) -> None:
    uow.execute(insert_or(uow, duplicate_pair).on_conflict_do_nothing(index_elements=_ONCE), row)

"""Pairs in the database: a pair keeps the decision about it, however often it is found again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.store.duplicates.tables import duplicate_pair

OPEN, SAME, DIFFERENT, LATER = "open", "same", "different", "later"
DECISIONS = (SAME, DIFFERENT, LATER)
Found = tuple[str, str, int, list[Any]]


def keep_pairs(uow: UnitOfWork, object_name: str, scan_id: str, found: Iterable[Found]) -> None:
    """Keep pairs of a scan, given as (smaller id, larger id, score, reasons); known ones are renewed."""
    rows = [{"id": new_id(), "object": object_name, "one": one, "other": other, "score": score, "reasons": reasons,
             "state": OPEN, "decided_by": None, "decided_at": None, "scan_id": scan_id}
            for one, other, score, reasons in found]
    if not rows:
        return
    dialect: Any = sqlite if uow.database.is_sqlite else postgresql
    insert = dialect.insert(duplicate_pair)
    renewed = {name: insert.excluded[name] for name in ("score", "reasons", "scan_id")}
    uow.execute(insert.on_conflict_do_update(index_elements=["object", "one", "other"], set_=renewed), rows)


def forget_unfound(uow: UnitOfWork, object_name: str, scan_id: str) -> None:
    """Forget undecided pairs that the newest scan has not found again."""
    table = duplicate_pair.c
    uow.execute(delete(duplicate_pair).where(table.object == object_name, table.scan_id != scan_id,
                                             table.state.in_((OPEN, LATER))))


def forget_pairs_of(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Forget the pairs of records that are gone."""
    if ids:
        table = duplicate_pair.c
        uow.execute(delete(duplicate_pair).where(or_(table.one.in_(ids), table.other.in_(ids))))


def decide(uow: UnitOfWork, id: str, state: str, person: str | None, now: Any) -> None:
    """Keep somebody's decision."""
    uow.execute(update(duplicate_pair).where(duplicate_pair.c.id == id).values(
        state=state, decided_by=person, decided_at=now))

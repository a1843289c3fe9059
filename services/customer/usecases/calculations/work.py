"""Calculate what is due: a loop of the worker, piece by piece, each in its own transaction.

A piece speaks of one object. Its records are locked where nobody else holds them (`SKIP LOCKED`, and in the mode that
lets others point at them); the rest stays due. Everything that was committed when the lock was taken is counted, and
whoever commits later has left a row of his own; so the last piece that finds nothing due has left every value right.
Records that look along a path, or that match by fields, are looked for here and not by the writer: what somebody else
is just writing is found by then, or has left a row itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.context import Cause, Origin, with_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.customer.store.calculations import (
    add_due,
    advance_due,
    existing_ids,
    forget_due,
    ids_along,
    is_due,
    take_due,
)
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.calculations.matches import spread_matches
from services.customer.usecases.calculations.write import keep_calculated

if TYPE_CHECKING:
    from chassis.service import Service

ORIGIN = Origin("system", None, "calculation")
_ROWS, _PIECE = 500, 500


@dataclass
class _Piece:
    """Records to calculate, with the related objects whose roll-ups are to be counted; and the rows that say so."""

    wanted: dict[str, set[str]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, record_id: str, row: Any) -> None:
        self.wanted.setdefault(record_id, set()).update({row.child} if row.child else set())
        self.rows.setdefault(record_id, []).append(row.id)


def calculate_due(service: Service) -> bool:
    """Work off one piece; tells whether there may be more to do at once."""
    with service.db.read() as connection:
        if not is_due(connection):
            return False
    with service.db.unit_of_work() as uow:
        rows = take_due(uow, _ROWS)
        if not rows:
            return False
        with with_cause(_cause(rows)):
            return _work(service, uow, rows)


def _cause(rows: Sequence[Any]) -> Cause:
    """As deep as the deepest change that led here; rules act when they may act on any of them."""
    return Cause(request_id=new_id(), origin=ORIGIN, depth=max(row.depth for row in rows),
                 rules=any(row.rules for row in rows))


def _work(service: Service, uow: UnitOfWork, rows: Sequence[Any]) -> bool:
    types = service.parts["types"].renewed()
    record_type = types.get(rows[0].object)
    if record_type is None:
        forget_due(uow, [row.id for row in rows])
        return True
    piece = _Piece()
    for row in (one for one in rows if not one.path and not one.matching):
        piece.add(row.key, row)
    moved = [_spread(uow, types, row) for row in rows if row.path]
    moved.append(spread_matches(service, uow, record_type, [row for row in rows if row.matching]))
    return _calculate(service, uow, record_type, piece) or any(moved)


def _spread(uow: UnitOfWork, types: dict[str, RecordType], row: Any) -> bool:
    """A row for every record that reaches the changed one along the path, some at a time."""
    ids = _reaching(uow, types, row)
    add_due(uow, [{"object": row.object, "key": one} for one in ids])
    if len(ids) < _PIECE:
        forget_due(uow, [row.id])
    else:
        advance_due(uow, row.id, ids[-1])
    return True


def _reaching(uow: UnitOfWork, types: dict[str, RecordType], row: Any) -> list[str]:
    try:
        return ids_along(uow.connection, types, row.object, row.path.split("."), row.key, row.after, _PIECE)
    except KeyError:  # the path is of a definition that is gone; its successor is calculated by a job
        return []


def _calculate(service: Service, uow: UnitOfWork, record_type: RecordType, piece: _Piece) -> bool:
    if not piece.wanted:
        return False
    locked = lock_free(uow, record_type, piece.wanted)
    keep_calculated(service, uow, record_type, _by_children(locked, piece))
    held = existing_ids(uow.connection, record_type, piece.wanted.keys() - {record["id"] for record in locked})
    done = [id for record_id, ids in piece.rows.items() if record_id not in held for id in ids]
    forget_due(uow, done)
    return bool(done)


def _by_children(records: Sequence[Record], piece: _Piece) -> Iterable[tuple[list[Record], Collection[str]]]:
    """Records that need the same roll-ups counted, together."""
    groups: dict[frozenset[str], list[Record]] = {}
    for record in records:
        groups.setdefault(frozenset(piece.wanted[record["id"]]), []).append(record)
    return [(found, children) for children, found in groups.items()]


def lock_free(uow: UnitOfWork, record_type: RecordType, ids: Iterable[str]) -> list[Record]:
    """The records that nobody else holds, locked in the order of their ids."""
    column = record_type.table.c.id
    found: list[Record] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), _PIECE):
        query = select(*record_type.table.c).where(column.in_(wanted[start:start + _PIECE])).order_by(column)
        rows = uow.execute(query.with_for_update(of=record_type.table, key_share=True, skip_locked=True))
        found += [record_type.load(row) for row in rows]
    return found

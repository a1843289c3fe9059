"""Search entries of what is written: with the change of a person at once, behind an import by the piece.

Entries are a third of what an import costs in Python, so a chunk only leaves the ids of its records, in its own
transaction. A loop of the worker makes the entries of each piece from the records as they stand then, locked, and
forgets the piece in the same transaction: whoever changes a record before finds no entry to renew and loses nothing,
whoever changes it afterwards finds one, and a worker that dies leaves the piece to the next. Beside an import at work
only what has waited long is made, a piece a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chassis.context import current_cause
from chassis.db import UnitOfWork
from services.customer.metrics import SEARCH_WAITING
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_due import (
    forget_due,
    is_ripe,
    is_writing,
    leave_due,
    take_ripe,
    waiting_for_search,
)
from services.customer.store.search_entries import add_entries, change_entries, forget_entries, found_otherwise

if TYPE_CHECKING:
    from chassis.service import Service

_WORTH_A_PIECE = 20


def index_new(uow: UnitOfWork, record_type: RecordType, records: Sequence[Record]) -> None:
    """Keep the entries of new records, or have them made soon."""
    bulk = current_cause().bulk_id
    if bulk is None or len(records) < _WORTH_A_PIECE:
        add_entries(uow, record_type, records)
    else:
        leave_due(uow, record_type.name, bulk, [record["id"] for record in records])


def index_changed(uow: UnitOfWork, record_type: RecordType, pairs: Iterable[tuple[Record, Record]]) -> None:
    """Renew the entries of changed records, given as (before, after), or have them made anew soon."""
    bulk = current_cause().bulk_id
    if bulk is None:
        change_entries(uow, record_type, pairs)
    elif changed := found_otherwise(record_type, pairs):
        leave_due(uow, record_type.name, bulk, [record["id"] for record in changed])


def index_due(service: Service) -> bool:
    """Make the entries of one piece; tells whether there may be more to do at once: not beside an import at work."""
    with service.db.read() as connection:
        SEARCH_WAITING.set(waiting_for_search(connection))
        if not is_ripe(connection):
            return False
        import_at_work = is_writing(connection)
    types = service.parts["types"].renewed()
    with service.db.unit_of_work() as uow:
        piece = take_ripe(uow)
        if piece is None:
            return False
        if (record_type := types.get(piece.object)) is not None:
            _make_entries(uow, record_type, piece.records)
        forget_due(uow, piece.id)
    return not import_at_work


def _make_entries(uow: UnitOfWork, record_type: RecordType, ids: Sequence[str]) -> None:
    source = record_type.as_searched
    records = [source.load(row) for row in uow.execute(source.many_for_touch, {"ids": list(ids)})]
    forget_entries(uow, ids)
    add_entries(uow, record_type, records)

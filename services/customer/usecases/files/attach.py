"""Files of records: what may be put into one, and what becomes of files that it names or lets go.

A file belongs to one field of one record. Somebody may put in what he has uploaded himself for that field, what
stands there already and what stood there before and is still kept; everything else does not exist for him.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from services.customer.model.faults import Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.store.files.attachments import ATTACHED, DROPPED, WAITING, lock_attachments, set_state
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.db import UnitOfWork


def complete_files(uow: UnitOfWork, access: Access, rows: Sequence[Record], standing: Sequence[Record | None],
                   faults: Sequence[list[Fault]]) -> None:
    """Fill in what is known of the files that rows name; a fault for each field with one that may not be there."""
    fields = access.record_type.file_fields
    if not fields:
        return
    places = [(row, before or {}, found, field) for row, before, found in zip(rows, standing, faults, strict=True)
              for field in fields if row.get(field.name)]
    wanted = {one["id"] for row, before, _, field in places for one in row[field.name]
              if one["id"] not in _by_id(before.get(field.name))}
    known = lock_attachments(uow.connection, sorted(wanted)) if wanted else {}
    taken: set[str] = set()
    for row, before, found, field in places:
        have = _by_id(before.get(field.name))
        files = [have.get(one["id"]) or _shown(known.get(one["id"]), access, field, taken, before.get("id"))
                 for one in row[field.name]]
        if None in files:
            found.append(Fault(pointer_to(field.name), "unknown_file"))
        else:
            row[field.name] = files


def change_files(uow: UnitOfWork, record_type: RecordType,
                 pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Tie new files to their records and let go of those that are not named any more; pairs are (before, after)."""
    if not record_type.file_fields:
        return
    new: list[tuple[str, str | None]] = []
    gone: list[tuple[str, str | None]] = []
    for before, after in pairs:
        for field in record_type.file_fields:
            old, now = _by_id(before.get(field.name)), _by_id(after.get(field.name))
            new += [(id, after["id"]) for id in now.keys() - old.keys()]
            gone += [(id, before["id"]) for id in old.keys() - now.keys()]
    set_state(uow, ATTACHED, sorted(new))
    set_state(uow, DROPPED, sorted(gone))


def _by_id(files: Sequence[Record] | None) -> dict[str, Record]:
    return {one["id"]: one for one in files or ()}


def _shown(row: Row[Any] | None, access: Access, field: FieldDef, taken: set[str],
           record_id: str | None) -> Record | None:
    if row is None or row.id in taken:
        return None
    own = row.state == WAITING and row.caller == access.principal.key
    stood_here = row.state == DROPPED and row.record_id == record_id
    if not own and not stood_here:
        return None
    if (row.object, row.column) != (access.record_type.name, field.column):
        return None
    taken.add(row.id)
    return {"id": row.id, "name": row.name, "size": row.size, "type": row.media_type}

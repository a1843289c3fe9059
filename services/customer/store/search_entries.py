"""Search entries: written in the transaction of their records, one row each, by COPY when there are many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, update

from chassis.db import UnitOfWork
from services.customer.model.search.entries import entry_of
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import search_entry

_FORGET = delete(search_entry).where(search_entry.c.record_id.in_(bindparam("records", expanding=True)))
_CHANGE = (update(search_entry).where(search_entry.c.record_id == bindparam("record"))
           .values(title=bindparam("title"), rest=bindparam("rest"), tokens=bindparam("tokens")))
_OWNER = frozenset(("owner_id", "department_id"))


def add_entries(uow: UnitOfWork, record_type: RecordType, records: Iterable[Record]) -> None:
    """Keep the entries of new records."""
    rows = [_row(record_type, record) for record in records]
    if rows:
        uow.insert_many(search_entry, rows)


def change_entries(uow: UnitOfWork, record_type: RecordType, pairs: Iterable[tuple[Record, Record]]) -> None:
    """Renew the entries of changed records, given as (before, after), when that changes anything in them."""
    rows = [_row(record_type, record) for record in found_otherwise(record_type, pairs)]
    uow.later(_CHANGE, [{"record": row["record_id"], "title": row["title"], "rest": row["rest"],
                         "tokens": row["tokens"]} for row in rows])


def found_otherwise(record_type: RecordType, pairs: Iterable[tuple[Record, Record]]) -> list[Record]:
    """Those of the changed records whose entries are not the same as before."""
    watched = _OWNER.union(field.name for field in record_type.searched)
    return [after for before, after in pairs if any(before.get(name) != after.get(name) for name in watched)]


def forget_entries(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Forget the entries of records that are gone, or are to be made again."""
    if ids:
        uow.execute(_FORGET, {"records": list(ids)})


def _row(record_type: RecordType, record: Mapping[str, Any]) -> dict[str, Any]:
    entry = entry_of(record_type.name, record_type.definition.title_field, record_type.searched, record)
    return {"record_id": record["id"], "object": record_type.name, "title": entry.title, "rest": entry.rest,
            "tokens": entry.tokens}

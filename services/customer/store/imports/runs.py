"""Rows about imports: reading one, changing its state, keeping what is wrong with its sheet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.customer.store.imports.tables import (
    import_chunk,
    import_kept,
    import_mapping,
    import_row_error,
    import_run,
)

_ONE = select(import_run).where(import_run.c.id == bindparam("key"))
_CLOCKS = timedelta(minutes=1)  # by which those of two workers may differ
_ADD_ERRORS = import_row_error.insert()

Written = tuple[int, str, int, str]  # number of the row, id of the record, its version, its object if another's


def find_run(connection: Connection, id: str) -> Row[Any] | None:
    """One import."""
    return connection.execute(_ONE, {"key": id}).one_or_none()


def lock_run(uow: UnitOfWork, id: str) -> Row[Any] | None:
    """One import, locked until the end of the unit of work."""
    return uow.execute(_ONE.with_for_update(), {"key": id}).one_or_none()


def any_other(connection: Connection, id: str, state: str, since: datetime) -> bool:
    """Tell whether another import is in a state, or one was at work since a moment of somebody's clock."""
    one = import_run.c
    query = select(one.id).where(one.id != id, or_(one.state == state, one.updated_at >= since - _CLOCKS)).limit(1)
    return connection.execute(query).first() is not None


def add_run(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a new import."""
    now = utcnow()
    uow.execute(import_run.insert().values(**values, created_at=now, updated_at=now))


def change_run(uow: UnitOfWork, id: str, **values: Any) -> None:
    """Change members of an import."""
    uow.execute(update(import_run).where(import_run.c.id == id).values(**values, updated_at=utcnow()))


def add_errors(uow: UnitOfWork, id: str, wrong: Iterable[tuple[int, list[dict[str, Any]]]]) -> None:
    """Keep what is wrong with rows, given as (number, errors)."""
    rows = [{"import_id": id, "number": number, "errors": errors} for number, errors in wrong]
    if rows:
        uow.execute(_ADD_ERRORS, rows)


def add_written(uow: UnitOfWork, id: str, number: int, written: Sequence[Written]) -> None:
    """Keep what a chunk that ends with the row `number` did to which records."""
    if written:
        rows = [list(one) if one[3] else list(one[:3]) for one in written]
        uow.execute(import_chunk.insert(), {"import_id": id, "number": number, "written": rows})


def last_written(connection: Connection, id: str, before: int | None) -> tuple[int, list[Written]] | None:
    """The last chunk, or the last one before another, as (number, what was written)."""
    table = import_chunk.c
    query = select(table.number, table.written).where(table.import_id == id).order_by(table.number.desc()).limit(1)
    row = connection.execute(query if before is None else query.where(table.number < before)).one_or_none()
    return None if row is None else (row.number, [(*one, "")[:4] for one in row.written])


def add_kept(uow: UnitOfWork, id: str, kept: Iterable[tuple[Written, str]]) -> None:
    """Keep why records were left alone by an undoing."""
    rows = [{"import_id": id, "number": number, "record_id": record_id, "code": code, "object": name or None}
            for (number, record_id, _, name), code in kept]
    if rows:
        uow.execute(import_kept.insert(), rows)


def forget_written(uow: UnitOfWork, id: str) -> None:
    """Forget what an import wrote and what its undoing left alone."""
    for table in (import_chunk, import_kept):
        uow.execute(delete(table).where(table.c.import_id == id))


def forget_errors(uow: UnitOfWork, id: str) -> None:
    """Forget what was wrong before a new pass."""
    uow.execute(delete(import_row_error).where(import_row_error.c.import_id == id))


def errors_after(connection: Connection, id: str, number: int, limit: int) -> Sequence[Row[Any]]:
    """The next wrong rows behind the row `number`."""
    table = import_row_error.c
    return connection.execute(select(table.number, table.errors).where(table.import_id == id, table.number > number)
                              .order_by(table.number).limit(limit)).all()


def remember_mapping(uow: UnitOfWork, run: Row[Any]) -> None:
    """Keep the mapping of an import for the next sheet with the same header."""
    step = insert_or(uow, import_mapping).values(caller=run.caller, object=run.object, mapping=run.mapping,
                                                 header=header_digest(run.headers), used_at=utcnow())
    uow.execute(step.on_conflict_do_update(
        index_elements=["caller", "object", "header"],
        set_={"mapping": step.excluded.mapping, "used_at": step.excluded.used_at}))


def remembered_mapping(connection: Connection, caller: str, object_name: str,
                       headers: Sequence[str]) -> dict[str, str] | None:
    """The mapping of the caller's last import of a sheet with this header."""
    table = import_mapping.c
    return connection.execute(select(table.mapping).where(
        table.caller == caller, table.object == object_name, table.header == header_digest(headers))).scalar()


def header_digest(headers: Sequence[str]) -> str:
    """What makes two headers the same."""
    return hashlib.sha256("\x1f".join(header.casefold() for header in headers).encode()).hexdigest()

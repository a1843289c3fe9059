"""What is still being made of an object, so that whoever changed it sees how far the database has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Index, select, text

from chassis.db.tables import job
from services.customer.model.fields import ADDING, CONVERTING
from services.customer.model.objects import ObjectDef
from services.customer.store.columns import table_name
from services.customer.store.record_type import RecordType
from services.customer.store.schema import index_plan
from services.customer.usecases.change_type import CHANGE_TYPE

if TYPE_CHECKING:
    from chassis.service import Service

_OPEN = ("queued", "running")
_PROGRESS = text("""
    SELECT c.relname AS name, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total
    FROM pg_stat_progress_create_index p JOIN pg_class c ON c.oid = p.index_relid
    WHERE p.relid = to_regclass(:table)
""")


def show_settling(service: Service, record_type: RecordType) -> dict[str, Any]:
    """Fields that wait for their index, and indexes that are missing, with their progress where one is being built."""
    definition = record_type.definition
    with service.db.read() as connection:
        missing = index_plan(connection, definition).missing
        progress = _progress(connection, definition.name)
        conversions = _conversions(connection, definition)
    waiting = [one for one in definition.fields if one.state == ADDING]
    return {"settled": not missing and not waiting and not conversions,
            "conversions": conversions,
            "fields": [{"name": one.name, "type": one.type, "label": one.label} for one in waiting],
            "indexes": [_shown(definition, index, progress) for index in missing]}


def _conversions(connection: Connection, definition: ObjectDef) -> list[dict[str, Any]]:
    fields = {one.column: one for one in definition.fields if one.state == CONVERTING}
    query = select(job.c.payload, job.c.progress).where(job.c.kind == CHANGE_TYPE, job.c.state.in_(_OPEN))
    found = []
    for payload, progress in connection.execute(query) if fields else ():
        field = fields.get(payload["column"]) if payload["object"] == definition.name else None
        if field is not None:
            found.append({"field": field.name, "type": field.type, "done": progress.get("seen", 0),
                          "total": progress.get("total"), "unfit": progress.get("unfit", 0)})
    return found


def _progress(connection: Connection, object_name: str) -> dict[str, int]:
    """Percent by the name of the index; PostgreSQL counts blocks while it reads and tuples while it sorts."""
    if connection.dialect.name == "sqlite":
        return {}
    rows = connection.execute(_PROGRESS, {"table": table_name(object_name)})
    return {row.name: max(_share(row.blocks_done, row.blocks_total), _share(row.tuples_done, row.tuples_total))
            for row in rows}


def _share(done: int, total: int) -> int:
    return min(100, 100 * done // total) if total else 0


def _shown(definition: ObjectDef, index: Index, progress: dict[str, int]) -> dict[str, Any]:
    first = str(index.columns[0].name)
    field = next((one.name for one in definition.fields if one.column == first), None)
    return {"name": index.name, "field": field, "unique": bool(index.unique),
            "progress": progress.get(str(index.name))}

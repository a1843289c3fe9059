"""The indexes of an object, each with the reason why it is there, its size and how it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from chassis.clock import to_wire
from services.customer.model.list_shapes import ListShape
from services.customer.store.columns import index_name, table_name
from services.customer.store.list_indexes import kept_indexes
from services.customer.store.record_type import RecordType
from services.customer.store.schema import existing_indexes, index_plan

if TYPE_CHECKING:
    from chassis.service import Service

_STATISTICS = text("""
    SELECT i.relname AS name, pg_relation_size(i.oid) AS size, s.idx_scan AS scans, x.indisvalid AS whole
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.oid WHERE x.indrelid = to_regclass(:table)
""")


def list_indexes(service: Service, record_type: RecordType) -> list[dict[str, Any]]:
    """Every index that stands or is wanted; sizes and scans where the database knows them (PostgreSQL)."""
    definition = record_type.definition
    with service.db.read() as connection:
        plan = index_plan(connection, definition)
        standing = existing_indexes(connection, definition.name)
        known = _statistics(connection, definition.name)
        kept = kept_indexes(connection, definition.name)
    waiting = {str(index.name) for index in plan.missing}
    return [_shown(name, record_type, kept.get(name), known.get(name), name in waiting, name in plan.unwanted)
            for name in sorted(standing | waiting)]


def _statistics(connection: Connection, object_name: str) -> dict[str, Any]:
    if connection.dialect.name == "sqlite":
        return {}
    return {row.name: row for row in connection.execute(_STATISTICS, {"table": table_name(object_name)})}


def _shown(name: str, record_type: RecordType, kept: Any, known: Any, waiting: bool, unwanted: bool) -> dict[str, Any]:
    shape = ListShape.of_json(kept.shape) if kept is not None else None
    state = "waiting" if waiting else "leaving" if unwanted else "ready"
    return {"name": name, "reason": "lists" if shape else _reason(name, record_type), "state": state,
            "equal": list(shape.equal) if shape else [], "scope": shape.scope or None if shape else None,
            "sort": [f"-{member}" if down else member for member, down in shape.order] if shape else [],
            "asked": kept.asked if shape else None, "last_asked_at": to_wire(kept.last_at) if shape else None,
            "size": known.size if known else None, "scans": known.scans if known else None}


def _reason(name: str, record_type: RecordType) -> str:
    """`system`, or `unique` and `field` for what the definition of a field asks for."""
    for field in record_type.definition.fields:
        if name == index_name(record_type.name, field.column, "unique"):
            return "unique"
        if name.startswith(index_name(record_type.name, field.column)):
            return "field"
    return "system"

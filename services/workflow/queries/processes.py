"""Processes and their versions, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, select

from chassis.clock import to_wire
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.workflow.store.tables import process, process_draft, process_version

Row = Mapping[str, Any]
_LISTED = [process_version.c[name] for name in ("process_id", "number", "at", "by_id", "by_name")]


def select_processes(filters: Row) -> Select[Any]:
    """Return the statement of all processes that match what `filters` names."""
    statement = select(process)
    for name in ("object", "key", "active"):
        if filters.get(name) is not None:
            statement = statement.where(process.c[name] == filters[name])
    return statement


def find_process(connection: Connection, id: str) -> Row:
    """Return a process; raises 404."""
    found = select(process).where(process.c.id == id)
    row = connection.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("process")
    return row


def select_versions(id: str) -> Select[Any]:
    """Return the statement of a process' versions, without their files."""
    return select(*_LISTED).where(process_version.c.process_id == id)


def find_version(connection: Connection, id: str, number: int) -> Row:
    """Return a version with its file; raises 404."""
    found = select(process_version).where(process_version.c.process_id == id, process_version.c.number == number)
    row = connection.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("version")
    return row


def find_draft(connection: Connection, id: str) -> Row:
    """Return the draft of a process; raises 404."""
    found = select(process_draft).where(process_draft.c.process_id == id)
    row = connection.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("draft")
    return row


def show_draft(row: Row) -> dict[str, Any]:
    """Return a draft on the wire."""
    return {"base": row["base"], "xml": row["xml"], "at": to_wire(row["at"]), "version": row["version"],
            "by": {"id": row["by_id"], "name": row["by_name"]}}


def show_process(row: Row) -> dict[str, Any]:
    """Return a process on the wire."""
    return {name: row[name] for name in ("id", "key", "name", "object", "active", "latest", "version")} | {
        "created_at": to_wire(row["created_at"]), "updated_at": to_wire(row["updated_at"])}


def show_version(row: Row) -> dict[str, Any]:
    """Return a version on the wire; with its file where it was read."""
    shown = {"number": row["number"], "at": to_wire(row["at"]), "by": {"id": row["by_id"], "name": row["by_name"]}}
    return shown | {"xml": row["xml"]} if "xml" in row else shown

"""Processes with what their latest versions say, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select

from chassis.http.problem import not_found
from chassis.ids import is_id
from services.workflow.model.approvals.checking import to_wire
from services.workflow.model.approvals.opening import open_approval
from services.workflow.queries.processes import select_processes, show_process
from services.workflow.store.tables import process, process_version

Row = Mapping[str, Any]


def select_approvals(filters: Row) -> Select[Any]:
    """Return the statement of processes with the files of their latest versions."""
    latest = (process_version.c.process_id == process.c.id) & (process_version.c.number == process.c.latest)
    return select_processes(filters).join(process_version, latest).add_columns(process_version.c.xml)


def find_approval(connection: Connection, id: str) -> dict[str, Any]:
    """Return one as it is shown; raises 404."""
    found = select_approvals({}).where(process.c.id == id)
    row = connection.execute(found).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("process")
    return show_approval(row)


def show_approval(row: Row) -> dict[str, Any]:
    """Return a process with its form, or with its file when the form cannot show it."""
    approval = open_approval(row["xml"])
    return show_process(row) | {"approval": to_wire(approval) if approval else None,
                                "xml": None if approval else row["xml"]}

"""Rows of tasks as they are written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chassis.working_time import Length

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_EMPTY: dict[str, Any] = {
    "kind": None, "due_at": None, "department_id": None, "link_object": None, "link_id": None, "link_title": None,
    "link_version": None, "completed_at": None, "completed_by": None, "source_id": None, "source_version": None,
    "instance_id": None, "step": None, "for_id": None, "due_in": None,
}


def due_sort(due_at: datetime | None) -> datetime:
    """Return where a task stands in a list by date: those without a date come last."""
    return due_at or _END_OF_TIME


def counted(length: Length | None) -> str | None:
    """Return the length by which a due time is counted again when calendars change; None for one by the clock."""
    return str(length) if length is not None and length.works else None


def task_row(**values: Any) -> dict[str, Any]:
    """Return the whole row of a new open task."""
    row = _EMPTY | values
    return row | {"state": "open", "version": 1, "due_sort": due_sort(row["due_at"]), "updated_at": row["created_at"]}

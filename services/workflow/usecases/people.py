"""What people are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.service import Service


def names_of(service: Service, tasks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the names of the assignees of tasks, by id."""
    users = service.directory.snapshot().users
    return {task["assignee_id"]: users[task["assignee_id"]]["name"] for task in tasks if task["assignee_id"] in users}

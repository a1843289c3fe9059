"""The tasks that undoing a hand-over has left where they were, each with the reason.

Who may hand over hears of every one; what it is called he is told only where he sees the task.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from chassis.auth import Principal
from chassis.i18n import t
from services.workflow.queries.task_access import visible_to
from services.workflow.queries.tasks import show_task
from services.workflow.store.tables import task, task_transfer
from services.workflow.usecases.transferring import GIVEN_BACK

if TYPE_CHECKING:
    from chassis.service import Service


def select_kept(principal: Principal, id: str) -> Select[Any]:
    """The rows of a transfer that were left, with the tasks that the caller sees."""
    table = task_transfer.c
    seen = (table.task_id == task.c.id) & visible_to(principal)
    return select(table.task_id, table.undone.label("code"), *task.c).join_from(
        task_transfer, task, seen, isouter=True).where(
        table.transfer_id == id, table.undone.is_not(None), table.undone != GIVEN_BACK)


def show_kept(service: Service, row: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return one of them on the wire."""
    seen = show_task(service, row, locale) if row["id"] is not None else None
    shown = {name: seen[name] if seen else None for name in ("title", "state", "assignee_id", "assignee_name", "link")}
    return {"id": row["task_id"], **shown, "code": row["code"], "detail": t(f"error.{row['code']}", locale)}

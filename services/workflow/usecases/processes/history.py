"""The history of an instance: what somebody did, and what followed from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.model.processes.stimuli import Noted
from services.workflow.store.tables import process_history

RUNNING, COMPLETED, WITHDRAWN, CANCELLED = "running", "completed", "withdrawn", "cancelled"


@dataclass(frozen=True)
class Deed:
    """Who caused a step, and what the history says of it."""

    by: str | None = None
    what: str | None = None
    node: str | None = None
    comment: str | None = None
    task_id: str | None = None  # the task that he has done with it
    detail: Mapping[str, Any] | None = field(default=None)


def write_history(uow: UnitOfWork, instance_id: str, now: datetime, deed: Deed, noted: Iterable[Noted] = ()) -> None:
    """Write what somebody did, and then what followed from it."""
    did = [] if deed.what is None else [(deed.node, deed.what, deed.by, deed.comment, deed.detail)]
    lines = did + [(one.node, one.what, None, None, one.detail) for one in noted]
    if lines:
        uow.execute(process_history.insert(), [
            {"id": new_id(), "instance_id": instance_id, "at": now, "node": node, "what": what, "by_id": by,
             "comment": comment, "detail": detail} for node, what, by, comment, detail in lines])

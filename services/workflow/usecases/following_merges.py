"""Tasks follow their record into the one that takes it in, and back when that is undone.

Which tasks were moved is kept, so that an undo brings back those and no others. The event stands before the
removal of the record in the same queue, so its tasks have moved before a removed record cancels what is open. Instances
of processes go to the survivor too, and stay with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.workflow.store.tables import process_instance, process_message, process_wait, task, task_move


def follow_merge(uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    """Link the tasks of the merged record to the survivor, or those that were moved back to it."""
    if data["undone"]:
        moved = select(task_move.c.task_id).where(task_move.c.merge_id == data["merge_id"])
        _link(uow, task.c.id.in_(moved) & (task.c.link_id == data["survivor_id"]), data["merged_id"], data["title"])
        return
    uow.execute(update(process_instance).where(process_instance.c.record_id == data["merged_id"]).values(
        record_id=data["survivor_id"], record_title=data["title"]))
    # what is waited for, or sent, about the record; the messages of both may find somebody who waits now
    uow.execute(update(process_wait).where(process_wait.c.correlation == data["merged_id"]).values(
        correlation=data["survivor_id"]))
    about = process_message.c.correlation
    uow.execute(update(process_message).where(about.in_((data["merged_id"], data["survivor_id"]))).values(
        correlation=data["survivor_id"], due_at=utcnow()))
    ids = uow.execute(select(task.c.id).where(task.c.link_id == data["merged_id"])).scalars().all()
    if ids:
        uow.execute(insert_or(uow, task_move).on_conflict_do_nothing(),
                    [{"merge_id": data["merge_id"], "task_id": id} for id in ids])
        _link(uow, task.c.link_id == data["merged_id"], data["survivor_id"], data["title"])


def _link(uow: UnitOfWork, which: Any, record_id: str, title: str) -> None:
    uow.execute(update(task).where(which).values(
        link_id=record_id, link_title=title, link_version=0, version=task.c.version + 1, updated_at=utcnow()))

"""What the service listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from chassis.auth.directory import DIRECTORY_CHANGED
from chassis.db import UnitOfWork
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from services.workflow.store.objects import keep_object
from services.workflow.store.tables import task
from services.workflow.usecases.following_merges import follow_merge
from services.workflow.usecases.forgetting import forget_person
from services.workflow.usecases.processes.ending import cancel_of_records
from services.workflow.usecases.reacting import react

if TYPE_CHECKING:
    from chassis.service import Service

RECORD_CHANGED = "freehold.customer.record.changed.v1"
RECORD_MERGED = "freehold.customer.record.merged.v1"
SEGMENT_ENTERED = "freehold.customer.segment.entered.v1"
SEGMENT_LEFT = "freehold.customer.segment.left.v1"
PERSON_ERASED = "freehold.customer.person.erased.v1"
OBJECT_CHANGED = "freehold.customer.object.changed.v1"

_JUDGED = (RECORD_CHANGED, SEGMENT_ENTERED, SEGMENT_LEFT)
_MOVE = update(task).where(
    task.c.assignee_id == bindparam("person"), task.c.department_id.is_distinct_from(bindparam("department"))
).values(department_id=bindparam("department"))


def follow_and_react(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Lead tasks and processes to the survivor of a merge before they hear that their record is gone, end the processes
    of records that are, then let rules react."""
    for message in messages:
        if message.type == RECORD_MERGED:
            follow_merge(uow, message.data)
    gone = [change["id"] for message in messages if message.type == RECORD_CHANGED
            for change in message.data["changes"] if change["action"] == "deleted"]
    if gone:
        cancel_of_records(service, uow, gone)
    react(service, uow, [message for message in messages if message.type in _JUDGED])


def forget_people(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Take out what tasks and runs say of people who were erased."""
    for message in messages:
        forget_person(uow, message.data)


def keep_objects(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Take in definitions of objects."""
    for message in messages:
        keep_object(uow, message.data["object"], message.data["deleted"])


def move_tasks(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tasks belong to the department that their assignee belongs to now."""
    moved = [{"person": user["id"], "department": user.get("department_id")} for message in messages
             for user in message.data.get("users", ()) if not user.get("deleted")]
    if moved:
        uow.execute(_MOVE, moved)


SUBSCRIPTIONS = (
    Subscription("workflow.records", (RECORD_CHANGED, RECORD_MERGED, SEGMENT_ENTERED, SEGMENT_LEFT),
                 follow_and_react, batch=40),
    Subscription("workflow.forgetting", (PERSON_ERASED,), forget_people),
    Subscription("workflow.objects", (OBJECT_CHANGED,), keep_objects),
    Subscription("workflow.people", (DIRECTORY_CHANGED,), move_tasks),
)

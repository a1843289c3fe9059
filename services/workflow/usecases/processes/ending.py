"""Instances that end before their process does: withdrawn by who applied, cancelled because their record is gone; and
what the applicant hears of the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth import Principal
from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.workflow.events import publish_notifications
from services.workflow.metrics import INSTANCES
from services.workflow.model.texts import said
from services.workflow.store.tables import process_instance
from services.workflow.usecases.acting import PLAIN_MESSAGE
from services.workflow.usecases.notifying import notification
from services.workflow.usecases.processes.closing import close
from services.workflow.usecases.processes.history import CANCELLED, COMPLETED, RUNNING, WITHDRAWN, Deed
from services.workflow.usecases.processes.steps import act_on_withdrawal, locked

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_DECIDED = ("approved", "rejected")


def withdraw(service: Service, uow: UnitOfWork, principal: Principal, instance: Row, comment: str | None) -> Row:
    """Take back an application, whatever it waits for; for its applicant and for who manages processes."""
    if principal.user_id != instance["applicant_id"] and not principal.can("rules.manage"):
        raise Problem(403, "instance_not_yours")
    if instance["parent_id"] is not None:
        raise Problem(409, "instance_called")
    for one in (instance, *_called_by(uow, instance)):
        act_on_withdrawal(service, uow, one)
    return close(service, uow, instance, WITHDRAWN, Deed(by=principal.user_id, what=WITHDRAWN, comment=comment))


def _called_by(uow: UnitOfWork, instance: Row) -> Sequence[Row]:
    """What runs below an instance, however deep: each does what it says of its own withdrawal."""
    return uow.execute(select(process_instance).where(
        process_instance.c.root_id == instance["id"], process_instance.c.state == RUNNING)
        .order_by(process_instance.c.id).with_for_update()).mappings().all()


def cancel_of_records(service: Service, uow: UnitOfWork, record_ids: Sequence[str]) -> None:
    """End the running instances over records that are gone."""
    ids = uow.execute(select(process_instance.c.id).where(
        process_instance.c.record_id.in_(record_ids), process_instance.c.state == RUNNING)
        .order_by(process_instance.c.id)).scalars().all()
    for id in ids:
        row = locked(uow, id)  # one that was called may have ended with its caller
        if row is not None:
            close(service, uow, row, CANCELLED, Deed(what=CANCELLED))


def tell_applicant(service: Service, uow: UnitOfWork, instance: Row) -> None:
    """Tell the applicant how his instance has ended, once it has."""
    if instance["state"] != COMPLETED:
        return
    uow.after_commit(INSTANCES.labels(COMPLETED).inc)
    if instance["parent_id"] is not None:
        return  # what called it goes on
    outcome = instance["body"]["variables"].get("outcome")
    message = said(f"ended.{outcome if outcome in _DECIDED else 'done'}", process=instance["process_name"],
                   record=instance["record_title"])
    params = {"message": message, "rule": instance["process_name"], "object": instance["object"],
              "record": instance["record_title"], "count": 1, "at": to_wire(instance["ended_at"])}
    publish_notifications(uow, [notification(
        (instance["id"], COMPLETED), instance["applicant_id"], PLAIN_MESSAGE, params,
        link={"object": instance["object"], "id": instance["record_id"], "title": instance["record_title"]},
        bulk=None)])

"""Instances that end before their process does: withdrawn by who applied, cancelled because their record is gone; and
what the applicant hears of the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.auth import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.workflow.events import publish_notifications
from services.workflow.metrics import INSTANCES
from services.workflow.model.processes.state import State, state_from_json
from services.workflow.model.texts import said
from services.workflow.store.tables import process_instance, process_wait
from services.workflow.usecases.acting import PLAIN_MESSAGE
from services.workflow.usecases.notifying import notification
from services.workflow.usecases.processes.steps import (
    CANCELLED,
    COMPLETED,
    RUNNING,
    WITHDRAWN,
    Deed,
    act_on_withdrawal,
    write_history,
)
from services.workflow.usecases.processes.turns import Doing, close_all

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_DECIDED = ("approved", "rejected")


def withdraw(service: Service, uow: UnitOfWork, principal: Principal, instance: Row, comment: str | None) -> Row:
    """Take back an application, whatever it waits for; for its applicant and for who manages processes."""
    if principal.user_id != instance["applicant_id"] and not principal.can("rules.manage"):
        raise Problem(403, "instance_not_yours")
    act_on_withdrawal(service, uow, instance)
    return _end(service, uow, instance, WITHDRAWN, Deed(by=principal.user_id, what=WITHDRAWN, comment=comment))


def cancel_of_records(service: Service, uow: UnitOfWork, record_ids: Sequence[str]) -> None:
    """End the running instances over records that are gone."""
    rows = uow.execute(select(process_instance).where(
        process_instance.c.record_id.in_(record_ids), process_instance.c.state == RUNNING)
        .order_by(process_instance.c.id).with_for_update()).mappings().all()
    for row in rows:
        _end(service, uow, row, CANCELLED, Deed(what=CANCELLED))


def _end(service: Service, uow: UnitOfWork, instance: Row, state: str, deed: Deed) -> Row:
    now = utcnow()
    left = State(variables=state_from_json(instance["body"]).variables)
    changed = {"state": state, "ended_at": now, "body": left.to_json(), "problem": None,
               "version": instance["version"] + 1}
    uow.execute(update(process_instance).where(process_instance.c.id == instance["id"]).values(changed))
    uow.execute(delete(process_wait).where(process_wait.c.instance_id == instance["id"]))
    close_all(Doing(service, uow, instance, now), state)
    write_history(uow, instance["id"], now, deed)
    uow.after_commit(INSTANCES.labels(state).inc)
    return dict(instance) | changed


def tell_applicant(service: Service, uow: UnitOfWork, instance: Row) -> None:
    """Tell the applicant how his instance has ended, once it has."""
    if instance["state"] != COMPLETED:
        return
    uow.after_commit(INSTANCES.labels(COMPLETED).inc)
    outcome = instance["body"]["variables"].get("outcome")
    message = said(f"ended.{outcome if outcome in _DECIDED else 'done'}", process=instance["process_name"],
                   record=instance["record_title"])
    params = {"message": message, "rule": instance["process_name"], "object": instance["object"],
              "record": instance["record_title"], "count": 1, "at": to_wire(instance["ended_at"])}
    publish_notifications(uow, [notification(
        (instance["id"], COMPLETED), instance["applicant_id"], PLAIN_MESSAGE, params,
        link={"object": instance["object"], "id": instance["record_id"], "title": instance["record_title"]},
        bulk=None)])

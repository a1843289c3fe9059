"""An instance that ends before its process does: its tasks and waits go, and so do the processes that it has called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.workflow.metrics import INSTANCES
from services.workflow.model.processes.state import State, state_from_json
from services.workflow.model.processes.waiting import CALL
from services.workflow.store.tables import process_instance, process_wait
from services.workflow.usecases.processes.history import CANCELLED, RUNNING, Deed, write_history
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.processes.turns import Doing, close_all

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_INSTANCE, _WAIT = process_instance.c, process_wait.c


def close(service: Service, uow: UnitOfWork, instance: Row, state: str, deed: Deed) -> Row:
    """End a running instance, which is locked, and what it has called."""
    now = utcnow()
    left = State(variables=state_from_json(instance["body"]).variables)
    changed = {"state": state, "ended_at": now, "body": left.to_json(), "problem": None,
               "version": instance["version"] + 1}
    uow.execute(update(process_instance).where(_INSTANCE.id == instance["id"]).values(changed))
    close_called(service, uow, instance["id"])
    uow.execute(delete(process_wait).where(_WAIT.instance_id == instance["id"]))
    close_all(Doing(service, uow, instance, now), state)
    write_history(uow, instance["id"], now, deed)
    tell_caller(service, uow, instance)
    uow.after_commit(INSTANCES.labels(state).inc)
    return dict(instance) | changed


def close_called(service: Service, uow: UnitOfWork, id: str, tokens: Collection[int] | None = None) -> None:
    """End the processes that an instance has called, those of some of its tokens or all. They are locked before its
    waits are: a called process that ends by itself takes the same way."""
    called = select(process_instance).where(_INSTANCE.parent_id == id, _INSTANCE.state == RUNNING)
    if tokens is not None:
        called = called.where(_INSTANCE.parent_token.in_(tokens))
    for row in uow.execute(called.order_by(_INSTANCE.id).with_for_update()).mappings().all():
        close(service, uow, row, CANCELLED, Deed(what=CANCELLED))


def tell_caller(service: Service, uow: UnitOfWork, instance: Row) -> None:
    """Let whoever has called an instance go on, now that it has ended."""
    if instance["parent_id"] is not None:
        uow.execute(update(process_wait).where(
            _WAIT.instance_id == instance["parent_id"], _WAIT.token == instance["parent_token"], _WAIT.kind == CALL,
            _WAIT.key == instance["id"]).values(due_at=utcnow()))
        uow.after_commit(lambda: service.wake(CLOCK))

"""An instance starts: over one record that the caller sees, who becomes its applicant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from chassis.auth import Principal
from chassis.calls import Answer
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.workflow.metrics import INSTANCES
from services.workflow.model.processes.state import State
from services.workflow.model.processes.stimuli import Begin
from services.workflow.store.tables import process, process_instance
from services.workflow.usecases.processes.ending import tell_applicant
from services.workflow.usecases.processes.faults import refused
from services.workflow.usecases.processes.history import RUNNING, Deed
from services.workflow.usecases.processes.steps import stepped

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
ReadRecord = Callable[[str, str], Answer]


def start_instance(service: Service, uow: UnitOfWork, principal: Principal, process_id: str, body: Row,
                   read: ReadRecord) -> Row:
    """Start a process over a record; `read` reads it as the caller."""
    if principal.user_id is None:
        raise Problem(403, "forbidden")
    known = _process(uow, process_id)
    _check_record(read(known["object"], body["record_id"]))
    instance = new_instance(known, principal.user_id, body["record_id"])
    uow.execute(process_instance.insert().values(instance))
    deed = Deed(by=principal.user_id, what="started", comment=body["comment"])
    row = stepped(service, uow, instance, Begin(), deed, lambda reason: refused(reason, principal.locale))
    uow.after_commit(INSTANCES.labels("started").inc)
    tell_applicant(service, uow, row)
    return row


def _process(uow: UnitOfWork, id: str) -> Row:
    row = uow.execute(select(process).where(process.c.id == id)).mappings().one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("process")
    if not row["active"]:
        raise Problem(409, "process_rests")
    return row


def _check_record(answer: Answer) -> None:
    if answer.status in (403, 404):
        raise invalid(FieldProblem("/record_id", "record_unknown"))
    if answer.status != 200:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})


def new_instance(known: Row, applicant: str, record_id: str) -> dict[str, Any]:
    """The row of an instance that has not begun."""
    now = utcnow()
    state = State(variables={"applicant": applicant, "started_at": to_wire(now)})
    return {"id": new_id(), "process_id": known["id"], "process_version": known["latest"],
            "process_name": known["name"], "object": known["object"], "record_id": record_id, "record_title": "",
            "state": RUNNING, "body": state.to_json(), "problem": None, "applicant_id": applicant, "started_at": now,
            "ended_at": None, "version": 0, "parent_id": None, "parent_token": None, "root_id": None, "depth": 0}

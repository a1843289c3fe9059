"""Processes are published, each time as a new version; running instances keep theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.reader import Fault, Faults
from services.workflow.model.processes.reading import read_definition
from services.workflow.store.objects import OBJECT_NAME, find_object
from services.workflow.store.process_moves import process_move
from services.workflow.store.tables import process, process_instance, process_version, rule
from services.workflow.usecases.managing_rules import checker_for
from services.workflow.usecases.processes.drafting import drop_draft
from services.workflow.usecases.processes.faults import problems

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_NOTHING: Row = {}
Told = Callable[[list[Fault]], Sequence[FieldProblem]]


def create_process(service: Service, uow: UnitOfWork, principal: Principal, body: Row, told: Told = problems) -> Row:
    """Publish the first version of a process; raises 422 with every fault of its file, 409 when its key is taken."""
    check_file(service, uow, body["object"], body["xml"], told)
    now = utcnow()
    row = {"id": new_id(), "key": body["key"], "name": body["name"], "object": body["object"],
           "active": body["active"], "latest": 1, "version": 1, "created_at": now, "updated_at": now}
    try:
        with uow.savepoint():
            uow.execute(process.insert().values(row))
    except IntegrityError as error:
        raise Problem(409, "process_key_taken") from error
    _keep(uow, principal, row, body["xml"])
    return row


def publish_version(service: Service, uow: UnitOfWork, principal: Principal, id: str, xml: str,
                    told: Told = problems, changes: Row = _NOTHING) -> Row:
    """Publish the next version of a process, with changes of the process itself; new instances follow it."""
    known = _locked(uow, id)
    check_file(service, uow, known["object"], xml, told)
    row = _write(uow, known, {**changes, "latest": known["latest"] + 1})
    _keep(uow, principal, row, xml)
    drop_draft(uow, id)
    return row


def change_process(uow: UnitOfWork, id: str, changes: Row) -> Row:
    """Change the name of a process, or whether it may be started; running instances are not touched."""
    known = _locked(uow, id)
    if all(known[name] == value for name, value in changes.items()):
        return known
    return _write(uow, known, changes)


def delete_process(uow: UnitOfWork, id: str) -> None:
    """Delete a process that nothing remembers: without instances, and without a rule that starts it."""
    known = _locked(uow, id)
    if uow.execute(select(process_instance.c.id).where(process_instance.c.process_id == id).limit(1)).scalar():
        raise Problem(409, "process_has_run")
    for actions in uow.execute(select(rule.c.actions).where(rule.c.object == known["object"])).scalars():
        if any(action.get("process") in (id, known["key"]) for action in actions if action.get("process")):
            raise Problem(409, "process_in_rule")
    drop_draft(uow, id)
    uow.execute(delete(process_move).where(process_move.c.process_id == id))
    uow.execute(delete(process_version).where(process_version.c.process_id == id))
    uow.execute(delete(process).where(process.c.id == id))


def check_file(service: Service, uow: UnitOfWork, name: str, xml: str, told: Told = problems) -> None:
    """Raise 422 with everything that keeps a file from being published for an object, as `told` words it."""
    model: ObjectModel | None = find_object(uow, service.calls, name) if OBJECT_NAME.match(name) else None
    if model is None:
        raise invalid(FieldProblem("/object", "object_unknown"))
    try:
        read_definition(xml, model, checker_for(service, uow, model, in_process=True))
    except Faults as error:
        raise invalid(*told(error.faults)) from None


def _locked(uow: UnitOfWork, id: str) -> Row:
    row = None
    if is_id(id):
        row = uow.execute(select(process).where(process.c.id == id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise not_found("process")
    check_if_match(row["version"])
    return row


def _write(uow: UnitOfWork, known: Row, changes: Row) -> Row:
    changed = dict(changes) | {"version": known["version"] + 1, "updated_at": utcnow()}
    uow.execute(update(process).where(process.c.id == known["id"]).values(changed))
    return dict(known) | changed


def _keep(uow: UnitOfWork, principal: Principal, row: Row, xml: str) -> None:
    uow.execute(process_version.insert().values(
        process_id=row["id"], number=row["latest"], xml=xml, at=utcnow(), by_id=principal.user_id,
        by_name=principal.name))

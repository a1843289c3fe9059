"""People act on their tasks in a process: approve, reject, do; hand over, send back, add somebody.

The instance is locked before the task is looked at again, so two people who decide at once decide one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid
from services.workflow.events import publish_notifications, publish_tasks
from services.workflow.model.processes.state import APPROVED, DONE, REJECTED
from services.workflow.model.processes.stimuli import Decided, Joined, SentBack, Stimulus
from services.workflow.queries.tasks import find_task
from services.workflow.store.tables import task
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.notifying import task_notification
from services.workflow.usecases.people import names_of
from services.workflow.usecases.processes.countersigning import has_one_of_the_step
from services.workflow.usecases.processes.ending import tell_applicant
from services.workflow.usecases.processes.faults import refused
from services.workflow.usecases.processes.history import Deed, write_history
from services.workflow.usecases.processes.steps import locked, stepped

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]


def decide(service: Service, uow: UnitOfWork, principal: Principal, id: str, outcome: str, comment: str | None) -> Row:
    """Approve, reject or complete a task of one's own; returns it as it is then."""
    known, instance = held(uow, principal, id)
    step = known["step"]
    if (outcome == DONE) == step["decision"]:
        raise invalid(FieldProblem("/outcome", "wrong_outcome"))
    if outcome not in (APPROVED, REJECTED, DONE):
        raise invalid(FieldProblem("/outcome", "not_a_choice"))
    deed = Deed(principal.user_id, outcome, step["node"], comment, known["id"], _for_whom(known) or None)
    return _take(service, uow, principal, known, instance, Decided(step["token"], outcome, principal.user_id), deed)


def send_back(service: Service, uow: UnitOfWork, principal: Principal, id: str, body: Row) -> Row:
    """Let the process go on from an earlier user task."""
    known, instance = held(uow, principal, id)
    deed = Deed(principal.user_id, "sent_back", known["step"]["node"], body["comment"], known["id"],
                {"to": body["to"], **_for_whom(known)})
    return _take(service, uow, principal, known, instance, SentBack(known["step"]["token"], body["to"]), deed)


def add_approver(service: Service, uow: UnitOfWork, principal: Principal, id: str, body: Row) -> Row:
    """Let somebody else decide too: before the caller, whose task comes back afterwards, or after him."""
    known, instance = held(uow, principal, id)
    person = _active(service, body["person_id"], "/person_id")
    if person == principal.user_id:
        raise invalid(FieldProblem("/person_id", "yourself"))
    stimulus = Joined(known["step"]["token"], person, _holders(uow, known), body["before"])
    deed = Deed(principal.user_id, "added", known["step"]["node"], body["comment"], None,
                {"person": person, "before": body["before"], **_for_whom(known)})
    return _take(service, uow, principal, known, instance, stimulus, deed)


def hand_over(service: Service, uow: UnitOfWork, principal: Principal, id: str, body: Row) -> Row:
    """Give a task to somebody else, who decides instead; also for who manages processes."""
    known, instance = held(uow, principal, id, others=principal.can("rules.manage"))
    person = _active(service, body["person_id"], "/person_id")
    if person == known["assignee_id"]:
        raise invalid(FieldProblem("/person_id", "has_it_already"))
    if uow.execute(select(task.c.id).where(task.c.id == id, has_one_of_the_step(person))).scalar() is not None:
        raise invalid(FieldProblem("/person_id", "has_step_already"))
    now = utcnow()
    standing_in = Deputies(uow, service.directory.snapshot(), now)
    taken = standing_in.columns(person, but=(instance["applicant_id"], known["assignee_id"]))
    changed = {**taken, "version": known["version"] + 1, "updated_at": now}
    uow.execute(update(task).where(task.c.id == id).values(changed))
    row = dict(known) | changed
    publish_tasks(uow, "updated", [row], names_of(service, [row]), service.settings.default_locale)
    publish_notifications(uow, [task_notification(
        row, (id, row["version"], row["assignee_id"]), by=principal.name)])
    write_history(uow, instance["id"], now, Deed(
        principal.user_id, "handed_over", known["step"]["node"], body["comment"],
        detail={"from": known["assignee_id"], "to": person}))
    return row


def held(uow: UnitOfWork, principal: Principal, id: str, *, others: bool = False) -> tuple[Row, Row]:
    """Return a task of the caller's (or, with `others`, of anybody) and its instance, which is locked."""
    seen = find_task(uow.connection, principal, id)
    if seen["instance_id"] is None:
        raise Problem(409, "task_without_process")
    instance = locked(uow, seen["instance_id"])
    known = uow.execute(select(task).where(task.c.id == id).with_for_update()).mappings().one()
    if known["assignee_id"] != principal.user_id and not others:
        raise Problem(403, "task_not_yours")
    check_if_match(known["version"])
    if instance is None or known["state"] != "open":
        raise Problem(409, "task_decided")
    return known, instance


def _take(service: Service, uow: UnitOfWork, principal: Principal, known: Row, instance: Row, stimulus: Stimulus,
          deed: Deed) -> Row:
    moved = stepped(service, uow, instance, stimulus, deed, lambda reason: refused(reason, principal.locale))
    tell_applicant(service, uow, moved)
    return uow.execute(select(task).where(task.c.id == known["id"])).mappings().one()


def _holders(uow: UnitOfWork, known: Row) -> tuple[str, ...]:
    """Who has the present turn of a task."""
    rows = uow.execute(select(func.coalesce(task.c.for_id, task.c.assignee_id).label("person"), task.c.step).where(
        task.c.instance_id == known["instance_id"], task.c.state == "open").order_by(task.c.id)).all()
    return tuple(row.person for row in rows if row.step["token"] == known["step"]["token"])


def _for_whom(known: Row) -> dict[str, str]:
    """For whom a deputy acts, as the history tells it."""
    return {"for": known["for_id"]} if known["for_id"] else {}


def _active(service: Service, id: str, pointer: str) -> str:
    user = service.directory.snapshot().users.get(id)
    if user is None or not user["active"]:
        raise invalid(FieldProblem(pointer, "user_unknown"))
    return id

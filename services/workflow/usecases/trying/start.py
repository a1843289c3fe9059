"""Begin a dry run, and stop one.

A rule may be tried by who may save it, and only over fields that he may read: how often a condition holds tells what
stands in its fields. The customer service is asked with his own token whether he may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from chassis.auth import Principal
from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.criteria import CriteriaError, Criterion, atoms, related_atoms, to_json
from chassis.criteria.fields import CHANGES
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from chassis.jobs import cancel, enqueue
from services.workflow.model.rules import EDITABLE, PASSAGES, read_criteria
from services.workflow.store.dry_runs import CANCELLED, RUNNING, change_run, dry_run, find_run, lock_run
from services.workflow.store.objects import KnownObjects, find_object
from services.workflow.store.tables import rule
from services.workflow.usecases.managing_rules import checked_rule
from services.workflow.usecases.trying.processes import questions_of, tried_process

if TYPE_CHECKING:
    from chassis.service import Service

DRY_RUN = "workflow.dry_run"
NO_COUNTS = {"looked_at": 0, "left_out": 0, "firings": 0, "written": 0, "tasks": 0, "messages": 0, "processes": 0,
             "creations": 0, "failed": 0, "clashes": 0, "loops": 0, "seconds": 0.0}
_AT_ONCE = 100

Row = Mapping[str, Any]
Ask = Callable[[str, Any], Answer]


def start_dry_run(service: Service, uow: UnitOfWork, principal: Principal, asked: Row, ask: Ask) -> str:
    """Begin; returns the id. `ask` asks the customer service as the caller. Raises 404, 422, and 403 for fields that
    he may not read."""
    process, more = None, []
    if asked["process"] is not None or asked["process_id"] is not None:
        if asked["rule"] is not None or asked["rule_id"] is not None:
            raise invalid(FieldProblem("/process", "dry_run_of_one"))
        tried, process, definition = tried_process(service, uow, asked)
        more = questions_of(definition)
    else:
        tried = _tried(service, uow, asked)
    days = _days(service, asked["days"])
    if tried["trigger"].get("on") in PASSAGES:
        raise invalid(FieldProblem("/rule/trigger/on", "dry_run_segments"))
    criterion = _criterion(service, uow, tried)
    _may_know(tried, _questions(criterion, tried["trigger"].get("fields") or ()) + more, ask)
    _stop_others(uow, principal)
    id, now, notes = new_id(), utcnow(), _notes(tried, criterion)
    if process is not None:
        process, notes = process | {"keeper": principal.user_id}, [*notes, "agreed"]
    since = now - timedelta(days=days)
    uow.execute(dry_run.insert().values(
        id=id, caller=principal.key, object=tried["object"], rule=tried, process=process, since=since,
        until=now, reached=since,
        state=RUNNING, stopped=None, counts=NO_COUNTS, notes=notes, problem=None,
        job_id=enqueue(uow, DRY_RUN, {"dry_run_id": id}), created_at=now, updated_at=now))
    return id


def cancel_dry_run(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Stop one's own; what it has found stays. One that has ended stays as it is."""
    run = lock_run(uow, id) if is_id(id) else None
    if run is None or run.caller != principal.key:
        raise not_found("dry_run")
    if run.state == RUNNING:
        cancel(uow, run.job_id)
        change_run(uow, id, state=CANCELLED)


def own_dry_run(connection: Any, principal: Principal, id: str) -> Any:
    """One of the caller's; raises 404."""
    run = find_run(connection, id) if is_id(id) else None
    if run is None or run.caller != principal.key:
        raise not_found("dry_run")
    return run


def _tried(service: Service, uow: UnitOfWork, asked: Row) -> dict[str, Any]:
    """The rule as it is tried, whole and checked; a draft takes the place of the saved rule that it will be."""
    known = None
    if asked["rule_id"] is not None:
        found = select(rule).where(rule.c.id == asked["rule_id"])
        known = uow.execute(found).mappings().one_or_none() if is_id(asked["rule_id"]) else None
        if known is None:
            raise not_found("rule")
    body = asked["rule"] or known
    if body is None:
        raise invalid(FieldProblem("/rule", "required"))
    given = {name: body[name] for name in EDITABLE}
    whole = given if asked["rule"] is None else given | checked_rule(service, uow, given, "/rule")
    return {"id": known["id"] if known else new_id(), "version": known["version"] if known else 1, **whole}


def _days(service: Service, days: int | None) -> int:
    most = service.settings.dry_run_days
    if days is not None and not 1 <= days <= most:
        raise invalid(FieldProblem("/days", "out_of_days", {"limit": most}))
    return days or most


def _criterion(service: Service, uow: UnitOfWork, tried: Row) -> Criterion:
    model = find_object(uow, service.calls, tried["object"])
    if model is None:
        raise invalid(FieldProblem("/rule/object", "object_unknown"))
    try:
        return read_criteria(tried["criteria"], model, KnownObjects(uow, service.calls))
    except CriteriaError as error:  # a saved rule rests when its object has changed
        raise invalid(FieldProblem("/rule/criteria" + error.pointer, f"criteria.{error.code}", error.params)) from error


def _notes(tried: Row, criterion: Criterion) -> list[str]:
    """What the result leans on, as codes."""
    turns = any("user_id" not in one["to"] for one in tried["actions"] if one["type"] == "assign")
    return ["history", "today", *(["related"] if any(related_atoms(criterion)) else []), *(["turns"] if turns else [])]


def _may_know(tried: Row, questions: Sequence[Any], ask: Ask) -> None:
    for start in range(0, max(len(questions), 1), _AT_ONCE):
        answer = ask(f"/v1/records/{tried['object']}/judge",
                     {"conditions": questions[start:start + _AT_ONCE], "records": []})
        if answer.status >= 500:
            raise Problem(503, "unavailable", headers={"Retry-After": "2"})
        if answer.status != 200:
            raise Problem(403, "dry_run_hidden")


def _questions(criterion: Criterion, fields: Sequence[str]) -> list[Any]:
    """What the caller asks when he tries the rule; that a field has changed is a question about the field."""
    asked = [{"field": atom.field, "op": "is_set"} if getattr(atom, "op", None) in CHANGES else to_json(atom)
             for atom in atoms(criterion)]
    asked += [{"field": name, "op": "is_set"} for name in fields]
    return [one for place, one in enumerate(asked) if one not in asked[:place]]


def _stop_others(uow: UnitOfWork, principal: Principal) -> None:
    """One at a time for each person; locked before their jobs, as the worker does at the end of a page."""
    mine = (dry_run.c.caller == principal.key) & (dry_run.c.state == RUNNING)
    for job_id in uow.execute(select(dry_run.c.job_id).where(mine).order_by(dry_run.c.id).with_for_update()).scalars():
        cancel(uow, job_id)
    uow.execute(update(dry_run).where(mine).values(state=CANCELLED, updated_at=utcnow()))

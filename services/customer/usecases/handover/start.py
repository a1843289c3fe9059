"""What somebody has, and the beginning of a hand-over: everything that can be said about it is said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select

from chassis.auditing import Target, tell
from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import CriteriaError, parse, to_sql
from chassis.db import UnitOfWork
from chassis.http.criteria import criteria_problem
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from chassis.jobs import enqueue
from services.customer.model.faults import Fault, pointer_to, unknown_members
from services.customer.store.handovers import change_handover, find_handover, handover, lock_handover
from services.customer.store.record_type import Record, RecordType
from services.customer.store.sharing.tables import record_share
from services.customer.store.views import saved_view
from services.customer.usecases.handover.tasks import open_tasks
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from sqlalchemy import Row

    from chassis.service import Service

HANDOVER, HANDOVER_UNDO = "customer.handover", "customer.handover.undo"
RUNNING, FINISHED, FAILED, UNDOING, UNDONE = "running", "finished", "failed", "undoing", "undone"
STATES = (RUNNING, FINISHED, FAILED, UNDOING, UNDONE)
COUNTED, MOST_RECEIVERS = 100_000, 50


def what_he_has(service: Service, person_id: str) -> Record:
    """Counts of what somebody has: records by object, shares, teams, private views, open tasks. Raises 404."""
    known_person(service, person_id)
    with service.db.read() as connection:
        objects = [{"object": name, "count": _capped(connection, record_type.table, owned(record_type, person_id))}
                   for name, record_type in sorted(service.parts["types"].all().items())
                   if record_type.definition.line_of is None]
        shares = record_share.c.grantee == f"user:{person_id}"
        return {"person_id": person_id, "objects": [one for one in objects if one["count"]],
                "shares": _capped(connection, record_share, and_(shares, record_share.c.team.is_(None))),
                "teams": _capped(connection, record_share, and_(shares, record_share.c.team.is_not(None))),
                "views": _capped(connection, saved_view, saved_view.c.owner_id == person_id),
                "tasks": open_tasks(service, person_id)}


def start_handover(service: Service, uow: UnitOfWork, principal: Principal, given: Mapping[str, Any]) -> str:
    """Begin; returns the id. Raises 404, 409, 422."""
    person_id = given.get("person_id")
    known_person(service, person_id)
    if uow.execute(select(handover.c.id).where(
            handover.c.person_id == person_id, handover.c.state.in_((RUNNING, UNDOING)))).first() is not None:
        raise Problem(409, "handover_under_way")
    plan, total = _plan(service, uow, str(person_id), given.get("plan"))
    tasks_to, with_records = _tasks(service, given)
    if not plan and tasks_to is None:
        raise refusal([Fault("/plan", "required")])
    id = new_id()
    uow.execute(handover.insert(), {
        "id": id, "person_id": person_id, "caller": principal.key, "started_by": principal.user_id,
        "locale": principal.locale, "plan": plan, "tasks_to": tasks_to, "tasks_with_records": with_records,
        "state": RUNNING, "total": total, "done": 0, "counts": {"records": {}, "receivers": {}, "tasks": {}},
        "undo": None, "problem": None, "job_id": enqueue(uow, HANDOVER, {"handover_id": id}), "created_at": utcnow(),
        "finished_at": None})
    name = service.directory.name_of(str(person_id)) or str(person_id)
    tell(uow, principal, "handover.started", Target("user", str(person_id), name), {"records": total})
    return id


def undo_handover(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Begin to undo; raises 404, and 409 when there is nothing to undo, or nobody to give it back to."""
    run = lock_handover(uow, id) if is_id(id) else None
    if run is None:
        raise not_found("job")
    if not can_undo(run):
        raise Problem(409, "bulk_not_undoable")
    if not _is_active(service, run.person_id):
        raise Problem(409, "handover_person_gone")
    job_id = enqueue(uow, HANDOVER_UNDO, {"handover_id": id})
    change_handover(uow, id, state=UNDOING, job_id=job_id, undo={"restored": 0, "kept": 0, "tasks": 0, "tasks_kept": 0})
    name = service.directory.name_of(run.person_id) or run.person_id
    tell(uow, principal, "handover.undone", Target("user", run.person_id, name), {"records": run.done})


def can_undo(run: Row[Any]) -> bool:
    """Whether a hand-over has moved something that can be given back."""
    return run.state in (FINISHED, FAILED) and run.undo is None and bool(run.done or run.counts["tasks"])


def found_handover(connection: Connection, id: str) -> Row[Any]:
    """A hand-over; raises 404."""
    run = find_handover(connection, id) if is_id(id) else None
    if run is None:
        raise not_found("job")
    return run


def owned(record_type: RecordType, person_id: str, criteria: Any = None) -> ColumnElement[bool]:
    """The condition for the records of somebody that meet the criteria."""
    mine = record_type.table.c.owner_id == person_id
    if not criteria:
        return mine
    criterion = parse(criteria, record_type.criteria_fields(lambda _: True))
    return and_(mine, to_sql(criterion, record_type.criteria_columns, record_type.company_scope()))


def known_person(service: Service, person_id: Any) -> None:
    """Raise 404 unless the directory knows the person, active or not."""
    if not is_id(person_id) or person_id not in service.directory.snapshot().users:
        raise not_found("user")


def _capped(connection: Connection, table: Any, condition: ColumnElement[bool]) -> int:
    ones = select(literal_column("1")).select_from(table).where(condition).limit(COUNTED + 1).subquery()
    found: int = connection.execute(select(func.count()).select_from(ones)).scalar_one()
    return found


def _is_active(service: Service, user_id: Any) -> bool:
    user = service.directory.snapshot().users.get(user_id) if is_id(user_id) else None
    return bool(user and user.get("active"))


def _plan(service: Service, uow: UnitOfWork, person_id: str, given: Any) -> tuple[list[Record], int]:
    if given is not None and not isinstance(given, list):
        raise refusal([Fault("/plan", "not_list")])
    plan, total, faults = [], 0, []
    for place, one in enumerate(given or ()):
        wrong: list[Fault] = []
        record_type = _object(service, one, wrong)
        step = _step(service, person_id, record_type, one, wrong) if record_type is not None else {}
        faults += [fault.below(pointer_to("plan", place)) for fault in wrong]
        if record_type is not None and not wrong:
            plan.append(step)
            condition = _condition(record_type, person_id, step, place)
            total += _capped(uow.connection, record_type.table, condition)
    if faults:
        raise refusal(faults)
    return plan, total


def _condition(record_type: RecordType, person_id: str, step: Record, place: int) -> ColumnElement[bool]:
    try:
        return owned(record_type, person_id, step["criteria"])
    except CriteriaError as error:
        raise criteria_problem(error, f"/plan/{place}/criteria") from error


def _tasks(service: Service, given: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Who gets open tasks that go with no record, and whether the others go with theirs."""
    tasks_to, with_records = given.get("tasks_to"), given.get("tasks_with_records", True)
    if tasks_to is not None and (not _is_active(service, tasks_to) or tasks_to == given["person_id"]):
        raise refusal([Fault("/tasks_to", "unknown_user")])
    if not isinstance(with_records, bool):
        raise refusal([Fault("/tasks_with_records", "not_boolean")])
    return tasks_to, with_records


def _object(service: Service, given: Any, faults: list[Fault]) -> RecordType | None:
    if not isinstance(given, dict):
        faults.append(Fault("", "not_an_object"))
        return None
    faults += unknown_members(given, ("object", "people", "pool_id", "criteria"))
    name = given.get("object")
    found: RecordType | None = service.parts["types"].find(name) if isinstance(name, str) else None
    if found is None or found.definition.line_of is not None:
        faults.append(Fault("/object", "unknown_object"))
        return None
    return found


def _step(service: Service, person_id: str, record_type: RecordType, given: Mapping[str, Any],
          faults: list[Fault]) -> Record:
    people, pool_id = given.get("people"), given.get("pool_id")
    criteria = given.get("criteria")
    if criteria is not None and not isinstance(criteria, dict):
        faults.append(Fault("/criteria", "not_an_object"))
    if pool_id is not None:
        pool = record_type.pools.get(pool_id) if isinstance(pool_id, str) else None
        if pool is None or not pool.active or people:
            faults.append(Fault("/pool_id", "unknown_pool"))
    elif not isinstance(people, list) or not 1 <= len(people) <= MOST_RECEIVERS:
        faults.append(Fault("/people", "bad_receivers", {"max": MOST_RECEIVERS}))
    else:
        faults += [Fault(pointer_to("people", place), "unknown_user") for place, one in enumerate(people)
                   if not _is_active(service, one) or one == person_id]
    return {"object": record_type.name, "people": people or [], "pool_id": pool_id, "criteria": criteria}

"""Rules of retention: records that meet a condition and are old enough lose their person, or go for good.

A rule runs once a day as a job, in pieces of few records, each in one unit of work; before that a dry run says what it
would take. What goes is erased first, so that neither its history nor other services keep what it said. A record that
others point at stays and is counted as kept. One that was erased before is left alone; not one that
is merely empty now, since its history still says what stood there.

A rule is judged with the eyes of the system. Who may not read every field that it speaks of can neither write it nor
see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, delete, func, literal_column, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.context import Origin, current_cause, with_cause
from chassis.criteria import CriteriaError, Criterion, ObjectFields, parse, to_sql
from chassis.db import UnitOfWork
from chassis.http.criteria import criteria_problem
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from chassis.jobs import Job, enqueue
from services.customer.model.faults import Fault
from services.customer.model.privacy import erased_values, personal_fields
from services.customer.model.segments import SEGMENTS
from services.customer.queries.labels import titles_of
from services.customer.queries.list_records import scoped
from services.customer.store.record_type import SYSTEM_KINDS, Record, RecordType
from services.customer.store.relations import related_fields
from services.customer.store.retention import retention_rule
from services.customer.usecases.access import Access
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.edits import lock_records
from services.customer.usecases.merging.references import in_full
from services.customer.usecases.privacy.erase import erase_person, stands_in_history
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

RETAIN = "customer.retention"
ACTIONS = ("delete", "anonymise")
MOST_DAYS = 36_500
_PIECE = 50
_EXAMPLES = 20
_COUNTED = 10_000
_SYSTEM = in_full(Principal(kind="service", name="customer"))


def keep_rule(service: Service, uow: UnitOfWork, principal: Principal, given: Mapping[str, Any],
              id: str | None = None) -> str:
    """Make a rule, or put another in its place; returns its id. Raises 404 and 422."""
    row = None if id is None else found_rule(service, uow, principal, id)
    wanted = given if row is None else {**given, "object": row.object}
    values = checked_rule(service, principal, wanted) | {"updated_at": utcnow()}
    if row is None:
        id = new_id()
        uow.execute(retention_rule.insert(), {"id": id, **values, "last_run_at": None, "last_run": None})
    else:
        uow.execute(update(retention_rule).where(retention_rule.c.id == id).values(values))
    assert id is not None
    return id


def checked_rule(service: Service, principal: Principal, given: Mapping[str, Any]) -> Record:
    """The rule as it would be kept; raises 404 and 422."""
    record_type = service.parts["types"].get(given["object"])
    values = {"object": record_type.name, "criteria": given.get("criteria") or {"all": []}, "field": given.get("field"),
              "days": given.get("days"), "action": given.get("action"), "active": given.get("active", False)}
    _check(Access(principal, record_type), values)
    return values


def is_seen(service: Service, principal: Principal, row: Row[Any]) -> bool:
    """Whether the caller may know of the rule: it would tell of fields that he must not read."""
    record_type = service.parts["types"].find(row.object)
    if record_type is None:
        return True  # its object is in the bin
    access = Access(principal, record_type)
    try:
        _criterion(row.criteria, row.field, row.days, access.criteria_fields)
    except Problem:
        return access.shape.is_whole
    return True


def found_rule(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> Row[Any]:
    """A rule that the caller may know of; raises 404."""
    query = select(retention_rule).where(retention_rule.c.id == id)
    row = uow.execute(query).first() if is_id(id) else None
    if row is None or not is_seen(service, principal, row):
        raise not_found("retention_rule")
    return row


def drop_rule(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Take a rule away; raises 404."""
    found_rule(service, uow, principal, id)
    uow.execute(delete(retention_rule).where(retention_rule.c.id == id))


def dry_run(service: Service, uow: UnitOfWork, principal: Principal, rule: Mapping[str, Any]) -> Record:
    """What a rule would take now: how many, and some of those that the caller sees; nothing changes."""
    record_type = service.parts["types"].get(rule["object"])
    matching = _matching(record_type, rule, select(record_type.table.c.id))
    shown = scoped(Access(principal, record_type), matching, None).order_by(record_type.table.c.id)
    counted = uow.execute(select(func.count()).select_from(
        matching.with_only_columns(literal_column("1")).limit(_COUNTED + 1).subquery())).scalar_one()
    some = list(uow.execute(shown.limit(_EXAMPLES)).scalars())
    titles = titles_of(uow.connection, principal, record_type, set(some))
    return {"count": min(counted, _COUNTED), "count_is": "exact" if counted <= _COUNTED else "at_least",
            "examples": [{"id": id, "title": titles.get(id)} for id in some]}


def run_rules(service: Service) -> None:
    """Once a day, have every active rule carried out."""
    with service.db.unit_of_work() as uow:
        for id in uow.execute(select(retention_rule.c.id).where(retention_rule.c.active)).scalars().all():
            enqueue(uow, RETAIN, {"rule_id": id})


def retain_job(service: Service, job: Job) -> None:
    """Carry out the rule of the payload, piece by piece."""
    with service.db.unit_of_work() as uow:
        row = uow.execute(select(retention_rule).where(retention_rule.c.id == job.payload["rule_id"],
                                                       retention_rule.c.active)).first()
    record_type = service.parts["types"].renewed().get(row.object) if row is not None else None
    if row is None or record_type is None:
        return
    origin = Origin("system", row.id, "retention")
    with with_cause(current_cause().because_of(origin=origin, rules=False)):
        while not job.progress.get("done"):
            _piece(service, job, record_type, row)


def _piece(service: Service, job: Job, record_type: RecordType, row: Row[Any]) -> None:
    id = record_type.table.c.id
    matching = _matching(record_type, row._mapping, select(id)).order_by(id).limit(_PIECE)
    if job.progress.get("after"):
        matching = matching.where(id > job.progress["after"])
    with service.db.unit_of_work() as uow:
        ids = list(uow.execute(matching).scalars())
        standing = lock_records(uow, Access(_SYSTEM, record_type), ids)
        done = sum(_carry_out(service, uow, record_type, record, row.action) for record in standing.values())
        tally = {"done": job.progress.get("did", 0) + done,
                 "kept": job.progress.get("kept", 0) + len(standing) - done}
        uow.execute(update(retention_rule).where(retention_rule.c.id == row.id).values(
            last_run_at=utcnow(), last_run=tally))
        job.save(uow, after=ids[-1] if ids else None, done=len(ids) < _PIECE, did=tally["done"], kept=tally["kept"])


def _carry_out(service: Service, uow: UnitOfWork, record_type: RecordType, record: Record, action: str) -> bool:
    """Whether something was done with the record."""
    definition = record_type.definition
    empty = erased_values(definition, personal_fields(definition), record["id"])
    is_erased = all(record[name] == value for name, value in empty.items()) and not stands_in_history(
        uow, record["id"], empty)
    if not is_erased:
        erase_person(service, uow, _SYSTEM, record_type, record["id"], None)
    if action == "anonymise":
        return not is_erased
    return delete_records(service, uow, _SYSTEM, record_type, [Removal(record["id"])],
                          for_good=True)[0].problem is None


def _matching(record_type: RecordType, rule: Mapping[str, Any], query: Select[Any]) -> Select[Any]:
    criterion = _criterion(rule["criteria"], rule["field"], rule["days"], related_fields(record_type))
    return query.where(to_sql(criterion, record_type.criteria_columns, record_type.company_scope()))


def _criterion(criteria: Any, field: str, days: int, fields: ObjectFields) -> Criterion:
    old = {"field": field, "op": "older_than", "value": f"{days}d"}
    try:
        parse(criteria, fields, pointer="/criteria")
        return parse({"all": [criteria, old]}, fields)
    except CriteriaError as error:
        raise criteria_problem(error, "") from error


def _check(access: Access, values: Mapping[str, Any]) -> None:
    field, faults = values["field"], []
    if _kind(access, field) not in ("date", "datetime"):
        faults.append(Fault("/field", "not_a_moment_there", {"field": str(field)[:100]}))
    if type(values["days"]) is not int or not 1 <= values["days"] <= MOST_DAYS:
        faults.append(Fault("/days", "bad_limit", {"max": MOST_DAYS}))
    if values["action"] not in ACTIONS:
        faults.append(Fault("/action", "not_one_of", {"words": ", ".join(ACTIONS)}))
    if not isinstance(values["active"], bool):
        faults.append(Fault("/active", "not_boolean"))
    if faults:
        raise refusal(faults)
    _criterion(values["criteria"], field, values["days"], access.criteria_fields.without(SEGMENTS))


def _kind(access: Access, field: Any) -> str | None:
    """The kind of a member that the caller may read, None for any other."""
    if not isinstance(field, str) or field not in access.shape.readable:
        return None
    known = access.record_type.fields.get(field)
    return known.value_type if known is not None else SYSTEM_KINDS.get(field)

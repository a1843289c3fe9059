"""Begin a bulk job: everything that can be said about it at once is said before it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.ids import new_id
from chassis.jobs import cancel, enqueue
from services.customer.model.faults import Fault, unknown_members
from services.customer.queries.list_records import scoped
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.store.bulk import add_bulk, change_bulk
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.bulk.states import CANCELLED, ENDED, RUNNING, UNDOING, can_undo, need_of, own_bulk
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tags.apply import check_tags
from services.customer.usecases.tell_audit import tell_bulk
from services.customer.usecases.values import read_values

if TYPE_CHECKING:
    from chassis.service import Service

BULK, BULK_UNDO = "customer.bulk", "customer.bulk.undo"
ACTIONS = ("update", "delete", "tag")
MOST_TAGS = 100


@dataclass(frozen=True)
class BulkRequest:
    """What shall be done with all records that match."""

    action: Any
    values: Any = None
    criteria: Any = None
    q: str | None = None


def start_bulk(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
               asked: BulkRequest) -> str:
    """Begin; returns the id. Raises 403 without the action, 422 for values, criteria, or too many records."""
    access = Access(principal, record_type)
    _check(access, asked)
    total = _count(service, uow, access, asked)
    id = new_id()
    job_id = enqueue(uow, BULK, {"bulk_id": id})
    add_bulk(uow, {
        "id": id, "object": record_type.name, "caller": principal.key, "started_by": principal.user_id,
        "locale": principal.locale, "action": asked.action, "values": asked.values or {}, "criteria": asked.criteria,
        "q": asked.q, "until": id, "state": RUNNING, "total": total, "done": 0,
        "counts": {"changed": 0, "unchanged": 0, "refused": 0}, "undo": None, "problem": None, "job_id": job_id,
        "finished_at": None})
    tell_bulk(service, uow, principal, record_type, "records.bulk_started", id, total, asked.action)
    return id


def cancel_bulk(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Stop a job; what is done stays and can be undone. Nothing happens to one that was cancelled before."""
    run = own_bulk(uow, principal, id)
    if run.state == CANCELLED:
        return
    if run.state != RUNNING:
        raise Problem(409, "bulk_state", params={"state": run.state})
    cancel(uow, run.job_id)
    change_bulk(uow, id, state=CANCELLED)


def undo_bulk(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Begin to undo; raises 409 when there is nothing to undo, 403 without the rights that this needs."""
    run = own_bulk(uow, principal, id)
    if run.state not in ENDED or not can_undo(run):
        raise Problem(409, "bulk_not_undoable")
    record_type = service.parts["types"].get(run.object)
    access = Access(principal, record_type)
    access.need("create" if run.action == "delete" else "update")
    job_id = enqueue(uow, BULK_UNDO, {"bulk_id": id})
    change_bulk(uow, id, state=UNDOING, job_id=job_id, undo={"restored": 0, "kept": 0}, problem=None)
    tell_bulk(service, uow, principal, record_type, "records.bulk_undone", id, run.counts["changed"], run.action)


def _check(access: Access, asked: BulkRequest) -> None:
    if asked.action not in ACTIONS:
        raise refusal([Fault("/action", "not_one_of", {"words": ", ".join(ACTIONS)})])
    access.need(need_of(asked.action))
    if asked.action == "tag":
        _check_tagging(access, asked.values)
        return
    values: Mapping[str, Any] = asked.values if isinstance(asked.values, dict) else {}
    if asked.action == "delete":
        if asked.values:
            raise refusal([Fault("/values", "no_values_to_delete")])
        return
    if not values:
        raise refusal([Fault("/values", "required" if asked.values in (None, {}) else "not_an_object")])
    faults: list[Fault] = []
    read_values(access, values, faults, False)
    faults = [fault.below("/values") for fault in faults]
    faults += [Fault(f"/values/{name}", "not_for_many") for name in values
               if name in access.record_type.fields and access.record_type.fields[name].unique]
    if faults:
        raise refusal(faults)


def _check_tagging(access: Access, values: Any) -> None:
    """`{"add": [tags], "remove": [tags]}`, at least one of them."""
    given: Mapping[str, Any] = values if isinstance(values, dict) else {}
    faults = [fault.below("/values") for fault in unknown_members(given, ("add", "remove"))]
    for name in given.keys() & {"add", "remove"}:
        keys = given[name]
        if not isinstance(keys, list) or len(keys) > MOST_TAGS or not all(isinstance(key, str) for key in keys):
            faults.append(Fault(f"/values/{name}", "bad_list", {"max": MOST_TAGS}))
    if not faults and not any(given.values()):
        faults.append(Fault("/values", "required"))
    if faults:
        raise refusal(faults)
    field = check_tags(access, given.get("add", ()), given.get("remove", ()), "/values")
    if field.name not in access.shape.writers:
        raise refusal([Fault("/values", "read_only", {"field": field.name})])


def _count(service: Service, uow: UnitOfWork, access: Access, asked: BulkRequest) -> int:
    """How many match; raises 422 for none and for more than one job may take."""
    criterion = combined(read_criteria(access, asked.criteria, "/criteria"), search_criterion(access, asked.q, "/q"))
    most = service.settings.bulk_max_records
    ones = scoped(access, access.record_type.selection, criterion).with_only_columns(
        literal_column("1"), maintain_column_froms=True).limit(most + 1).subquery()
    total: int = uow.execute(select(func.count()).select_from(ones)).scalar_one()
    if total > most:
        raise Problem(422, "bulk_too_many", params={"max": most})
    if not total:
        raise Problem(422, "bulk_nothing")
    return total

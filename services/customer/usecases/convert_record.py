"""Convert a record into others as its object's definition says (a lead into customer, contact and opportunity; a quote
into a contract with the same lines).

Everything happens in one unit of work. The links that the source gets are the proof that it was
converted: a second call is refused and told what was made. An existing customer is used when its id is
given, or when the caller wishes that the surest match is used (`existing: link`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.criteria import parse, to_predicate
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.metrics import RECORDS_CONVERTED
from services.customer.model.calculated.rollups import criteria_fields
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.sharing import WRITE
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.convert_existing import surest_match
from services.customer.usecases.convert_lines import converted_lines
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.lines.save import create_with_lines
from services.customer.usecases.lines.totals import count_anew
from services.customer.usecases.links import visible_ids
from services.customer.usecases.locks import Above, lock_problem
from services.customer.usecases.refusals import only_shared, refusal

if TYPE_CHECKING:
    from chassis.service import Service

CREATE, LINK = "create", "link"


@dataclass(frozen=True)
class Wishes:
    """What the caller says beyond the definition: values per object made, objects left out, which conversion, and
    whether records that are there already are used."""

    values: Mapping[str, Record] = field(default_factory=dict)
    skip: Collection[str] = ()
    conversion: str | None = None
    existing: str = CREATE


@dataclass(frozen=True)
class Converted:
    """Object → id of what was made or used, and the source afterwards."""

    created: Mapping[str, str]
    record: Record


def convert_record(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                   record_id: str, wishes: Wishes) -> Converted:
    """Convert one record; raises 403, 404, 409 `already_converted`, 422."""
    access = Access(principal, record_type)
    access.need("convert")
    plan = _plan_of(record_type, wishes.conversion)
    source = lock_records(uow, access, [record_id]).get(record_id)
    if source is None:
        raise not_found()
    if not access.among(uow.connection, [source], WRITE):
        raise only_shared()
    _refuse_unfit(access, plan, source)
    _check_wishes(plan, wishes)
    made: dict[str, str] = {}
    for step in plan["creates"]:
        if step["object"] not in wishes.skip:
            made[step["object"]] = _make(service, uow, access, step, source, made, wishes)
    links = {name: made[target] for name, target in plan["references"].items() if target in made}
    _refuse_locked(service, uow, access, source, {**plan["set"], **links})
    write_edits(service, uow, access, [(source, {**plan["set"], **links})])
    uow.after_commit(RECORDS_CONVERTED.labels(record_type.name).inc)
    return Converted(made, access.show(lock_records(uow, access, [record_id])[record_id]))


def _plan_of(record_type: RecordType, key: str | None) -> Mapping[str, Any]:
    definition = record_type.definition
    if key is None:
        plan = definition.conversion
    else:
        plan = next((one for one in definition.conversions if one["key"] == key), None)
    if plan is None:
        raise Problem(409, "no_conversion")
    return plan


def _refuse_unfit(access: Access, plan: Mapping[str, Any], source: Record) -> None:
    """One with a key may be done as often as its criteria hold; the object's own is done once."""
    if "key" not in plan:
        _refuse_second(plan, source)
        return
    if "criteria" in plan:
        criterion = parse(plan["criteria"], criteria_fields(access.record_type.definition))
        if not to_predicate(criterion)(source, access.scope):
            raise Problem(409, "conversion_not_possible")


def _refuse_second(plan: Mapping[str, Any], source: Record) -> None:
    links = {target: source[name] for name, target in plan["references"].items() if source.get(name)}
    done = bool(plan["set"]) and all(source.get(name) == value for name, value in plan["set"].items())
    if links or done:
        raise Problem(409, "already_converted", extra={"created": links})


def _refuse_locked(service: Service, uow: UnitOfWork, access: Access, source: Record, values: Record) -> None:
    """A conversion changes a locked source only where the lock leaves it open, and no line of a locked record."""
    above = Above(service, uow, access.principal, access.record_type, given=[source])
    if problem := above.problem(source):
        raise problem
    changed = [name for name, value in values.items() if source.get(name) != value]
    lock = access.record_type.lock
    if lock is not None and (problem := lock_problem(access, lock, source, {**source, **values}, changed)):
        raise problem


def _check_wishes(plan: Mapping[str, Any], wishes: Wishes) -> None:
    known = {step["object"] for step in plan["creates"]}
    faults = [Fault(pointer_to("values", name), "not_made_here") for name in wishes.values if name not in known]
    faults += [Fault(pointer_to("skip", place), "not_made_here") for place, name in enumerate(wishes.skip)
               if name not in known]
    if faults:
        raise refusal(faults)


def _make(service: Service, uow: UnitOfWork, access: Access, step: Mapping[str, Any], source: Record,
          made: Mapping[str, str], wishes: Wishes) -> str:
    principal = access.principal
    target: RecordType = service.parts["types"].get(step["object"])
    wished = dict(wishes.values.get(step["object"], {}))
    if "id" in wished:
        return _existing(uow, principal, target, wished)
    linked = {name: made[other] for name, other in step["references"].items() if other in made}
    draft = _draft(Access(principal, target), step, source, linked) | wished
    if wishes.existing == LINK and (known := surest_match(service, uow, Access(principal, target), draft, linked)):
        return known
    lines = converted_lines(service, uow, principal, access.record_type, source, step)
    try:
        record = create_with_lines(service, uow, principal, target, draft, lines, by_layout=False)
    except Problem as problem:
        raise _of_target(problem, target.name) from problem
    count_anew(service, uow, target, [record])
    return record["id"]


def _of_target(problem: Problem, name: str) -> Problem:
    """A refusal of a new record and its lines, with pointers into what the caller may say of it."""
    errors = [replace(one, pointer=pointer_to("values", name) + one.pointer.removeprefix("/values"))
              for one in problem.errors]
    return Problem(problem.status, problem.code, problem.detail, params=problem.params, errors=errors,
                   headers=problem.headers, extra=problem.extra)


def _draft(access: Access, step: Mapping[str, Any], source: Record, linked: Mapping[str, str]) -> Record:
    """Copied values and links, as far as the caller may write them and the target has them."""
    copied = {name: source.get(origin) for name, origin in step["fields"].items()}
    owner = {"owner_id": source["owner_id"]} if source["owner_id"] else {}
    back = {step["source"]: source["id"]} if step.get("source") else {}
    draft = {**owner, **_fixed(access, step), **copied, **linked, **back}
    return {name: value for name, value in draft.items() if value is not None and name in access.shape.writers}


def _fixed(access: Access, step: Mapping[str, Any]) -> Record:
    """The values that are the same for all, with those that depend on the day and the caller."""
    words = {"$today": utcnow().date().isoformat(), "$me": access.principal.user_id}
    return {name: words.get(value, value) if isinstance(value, str) else value
            for name, value in step.get("values", {}).items()}


def _existing(uow: UnitOfWork, principal: Principal, target: RecordType, wished: Record) -> str:
    """The record that the caller names instead of a new one; it is used as it is."""
    pointer = pointer_to("values", target.name)
    if len(wished) > 1:
        raise refusal([Fault(pointer, "id_stands_alone")])
    if not is_id(wished["id"]) or not visible_ids(uow.connection, principal, target, [wished["id"]]):
        raise refusal([Fault(f"{pointer}/id", "unknown_reference")])
    return wished["id"]

"""Whether conditions hold for records in hand: those of a form that is being filled in, or of a change that was.

The caller says the values; what is around the records is looked at with his eyes. A service may ask in the name of a
person: `$me`, `$my_department` and the calendar are his then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.criteria import CriteriaError, Criterion, Scope, parse, related_atoms, to_predicate
from chassis.http.criteria import criteria_problem
from chassis.http.problem import not_found
from chassis.ids import is_id
from services.customer.model.faults import Fault, pointer_to
from services.customer.queries.describe_objects import may_read
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.around import TablesAround
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_CONDITIONS, MAX_RECORDS = 100, 500


def judge_records(service: Service, principal: Principal, record_type: RecordType,
                  given: Mapping[str, Any]) -> list[list[bool]]:
    """For each record the answer to each condition; raises 404, 422."""
    if not may_read(principal, record_type) and not principal.objects(record_type.name).allows("create"):
        raise not_found("object")
    access = Access(principal, record_type)
    scope = _scope(service, access, given.get("person"))
    criteria = _criteria(access, _list(given, "conditions", MAX_CONDITIONS))
    records = [access.known(one) for one in _records(given)]
    with service.db.read() as connection:
        scope = replace(scope, around=TablesAround(connection, records, access.may_ask))
        judges = [to_predicate(one) for one in criteria]
        return [[judge(record, scope) for judge in judges] for record in records]


def _scope(service: Service, access: Access, person: Any) -> Scope:
    if person is None and access.principal.kind != "service":
        return access.scope
    if person is None:
        return replace(access.scope, timezone=service.settings.default_timezone)
    if access.principal.kind != "service" or not is_id(person):
        raise refusal([Fault("/person", "only_for_services" if is_id(person) else "not_an_id")])
    directory = service.directory.snapshot()
    user = directory.users.get(person) or {}
    return replace(access.scope, user_id=person, department_id=user.get("department_id"),
                   timezone=user.get("timezone") or service.settings.default_timezone,
                   departments_below=directory.departments_below)


def _criteria(access: Access, given: Sequence[Any]) -> list[Criterion]:
    criteria = []
    for place, one in enumerate(given):
        try:
            criteria.append(parse(one, access.criteria_fields))
        except CriteriaError as error:
            raise criteria_problem(error, pointer_to("conditions", place)) from error
    if len({atom for one in criteria for atom in related_atoms(one)}) > MAX_CONDITIONS:
        raise refusal([Fault("/conditions", "bad_list", {"max": MAX_CONDITIONS})])
    return criteria


def _records(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    records = _list(given, "records", MAX_RECORDS)
    faults = [Fault(pointer_to("records", place), "not_an_object") for place, one in enumerate(records)
              if not isinstance(one, dict)]
    if faults:
        raise refusal(faults)
    return records


def _list(given: Mapping[str, Any], name: str, most: int) -> list[Any]:
    value = given.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise refusal([Fault(f"/{name}", "bad_list", {"max": most})])
    return value

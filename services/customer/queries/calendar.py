"""A calendar: the records between two days, at most so many, with a way on to the others.

Days are those of the caller's time zone. With an end, a record that began before the first day and is not over yet is
there too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from services.customer.model.faults import Fault, InvalidError
from services.customer.model.views import read_field
from services.customer.queries.labels import add_labels
from services.customer.queries.list_records import ListRequest, list_records
from services.customer.queries.search import read_criteria
from services.customer.queries.views import kinds_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem, refusal

if TYPE_CHECKING:
    from chassis.service import Service

MOST_DAYS, MOST_RECORDS = 62, 1000


@dataclass(frozen=True)
class CalendarRequest:
    """The list behind the calendar, the fields that say when, and the first and last day."""

    list: ListRequest
    date_field: Any = None
    end_field: Any = None
    first: Any = None
    last: Any = None
    labelled: bool = False


def calendar(service: Service, principal: Principal, record_type: RecordType, asked: CalendarRequest) -> dict[str, Any]:
    """`{"items", "next_cursor"}` in the order of time; raises 403 and 422."""
    access = Access(principal, record_type)
    access.need("read")
    start, end = _fields(access, asked)
    first, last = _days(asked)
    read_criteria(access, asked.list.criteria, "/criteria")
    when = _within(start, end, first, last)
    criteria = when if asked.list.criteria is None else {"all": [asked.list.criteria, when]}
    page = list_records(service, principal, record_type, replace(asked.list, criteria=criteria, sort=[start]))
    items = add_labels(service, principal, record_type, page.items) if asked.labelled else page.items
    return {"items": items, "next_cursor": page.next_cursor}


def _fields(access: Access, asked: CalendarRequest) -> tuple[str, str | None]:
    kind_of = kinds_of(access)
    try:
        start = read_field("date_field", asked.date_field, kind_of, needed=True)
        end = read_field("end_field", asked.end_field, kind_of)
    except InvalidError as error:
        raise invalid_problem(error) from error
    assert start is not None
    return start, end


def _days(asked: CalendarRequest) -> tuple[str, str]:
    days, faults = [], []
    for name, given in (("from", asked.first), ("to", asked.last)):
        try:
            days.append(date.fromisoformat(given))
        except (TypeError, ValueError):
            faults.append(Fault(f"/{name}", "not_a_day"))
    if not faults and not 0 <= (days[1] - days[0]).days < MOST_DAYS:
        faults.append(Fault("/to", "bad_days", {"max": MOST_DAYS}))
    if faults:
        raise refusal(faults)
    return days[0].isoformat(), days[1].isoformat()


def _within(start: str, end: str | None, first: str, last: str) -> dict[str, Any]:
    begins = {"field": start, "op": "between", "value": [first, last]}
    if end is None:
        return begins
    lasts = {"all": [{"field": start, "op": "lt", "value": first}, {"field": end, "op": "gte", "value": first}]}
    return {"any": [begins, lasts]}

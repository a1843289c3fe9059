"""A kanban: the first cards of each value of a choice, each column with a keyset of its own.

A column is a list with one equality more, so the composite indexes that follow lists (`store.list_shapes`) serve it,
and a column of a million cards costs what one of ten costs. Counts and sums are asked apart (`queries.totals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from services.customer.model.faults import Fault, InvalidError
from services.customer.model.views import read_field
from services.customer.queries.labels import add_labels
from services.customer.queries.list_records import ListRequest, Page, list_records
from services.customer.queries.search import read_criteria
from services.customer.queries.views import kinds_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem, refusal

if TYPE_CHECKING:
    from chassis.service import Service

MOST_COLUMNS = 60


@dataclass(frozen=True)
class KanbanRequest:
    """The list behind the kanban, the field whose values are the columns, and which of them are wanted."""

    list: ListRequest
    group_field: Any = None
    columns: Any = None
    labelled: bool = False


def kanban(service: Service, principal: Principal, record_type: RecordType, asked: KanbanRequest) -> dict[str, Any]:
    """`{"columns": [{"value", "items", "next_cursor"}]}`; raises 403 and 422."""
    access = Access(principal, record_type)
    access.need("read")
    group = _group(access, asked.group_field)
    read_criteria(access, asked.list.criteria, "/criteria")
    values = _columns(record_type, group, asked)
    pages = [_page(service, principal, record_type, asked.list, group, value) for value in values]
    return {"columns": [
        {"value": value, "items": _named(service, principal, record_type, page) if asked.labelled else page.items,
         "next_cursor": page.next_cursor} for value, page in zip(values, pages, strict=True)]}


def _group(access: Access, given: Any) -> str:
    try:
        name = read_field("group_field", given, kinds_of(access), needed=True)
    except InvalidError as error:
        raise invalid_problem(error) from error
    assert name is not None
    return name


def _columns(record_type: RecordType, group: str, asked: KanbanRequest) -> Sequence[str | None]:
    """The wanted values, or all; records without a value stand in a column of their own."""
    field = record_type.fields[group]
    known: list[str | None] = [choice["value"] for choice in field.options.get("choices", ())]
    known = [*known[:MOST_COLUMNS], None] if not field.required else known[:MOST_COLUMNS]
    if asked.columns is None:
        if asked.list.cursor:
            raise refusal([Fault("/cursor", "cursor_of_one_column")])
        return known
    if not isinstance(asked.columns, list) or not 1 <= len(asked.columns) <= MOST_COLUMNS:
        raise refusal([Fault("/columns", "bad_list", {"max": MOST_COLUMNS})])
    faults = [Fault(f"/columns/{place}", "not_a_choice") for place, value in enumerate(asked.columns)
              if value is not None and value not in known]
    if asked.list.cursor and len(asked.columns) > 1:
        faults.append(Fault("/cursor", "cursor_of_one_column"))
    if faults:
        raise refusal(faults)
    return list(dict.fromkeys(asked.columns))


def _page(service: Service, principal: Principal, record_type: RecordType, asked: ListRequest, group: str,
          value: str | None) -> Page:
    clause = {"field": group, "op": "is_empty"} if value is None else {"field": group, "op": "eq", "value": value}
    criteria = clause if asked.criteria is None else {"all": [asked.criteria, clause]}
    return list_records(service, principal, record_type, replace(asked, criteria=criteria))


def _named(service: Service, principal: Principal, record_type: RecordType, page: Page) -> list[dict[str, Any]]:
    return add_labels(service, principal, record_type, page.items)

"""`/v1/records/{object}/kanban`, `/calendar` and `/totals`: records laid out otherwise than as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from services.customer.api import board_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.calendar import MOST_RECORDS, CalendarRequest, calendar
from services.customer.queries.kanban import KanbanRequest, kanban
from services.customer.queries.list_records import ListRequest
from services.customer.queries.totals import TotalsRequest, totals
from services.customer.store.record_type import RecordType
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_sensitive_list

boards = ServiceBlueprint("boards", __name__, url_prefix="/v1/records", description="Kanbans, calendars and totals")

_LIST = ("criteria", "q", "sort", "fields", "limit", "cursor", "expand")
_USUAL_RECORDS = 500


@boards.route("/<object>/kanban", methods=["POST"])
@boards.doc(**described(schemas.KanbanQuerySchema))
@boards.response(200, schemas.KanbanSchema)
def show_kanban(object: str) -> Response:
    """The first cards of each value of a choice; with `columns` and `cursor` the next ones of one column."""
    given, record_type = _given(object, *_LIST, "group_field", "columns")
    asked, labelled = _list(given, *_LIST)
    found = kanban(current_service(), current_principal(), record_type, KanbanRequest(
        asked, given.get("group_field"), given.get("columns"), labelled))
    tell_sensitive_list(current_service(), current_principal(), record_type, asked.fields,
                        sum(len(column["items"]) for column in found["columns"]))
    return json_answer(found)


@boards.route("/<object>/calendar", methods=["POST"])
@boards.doc(**described(schemas.CalendarQuerySchema))
@boards.response(200, schemas.CalendarSchema)
def show_calendar(object: str) -> Response:
    """The records between two days, in the order of time."""
    given, record_type = _given(object, *(name for name in _LIST if name != "sort"), "date_field", "end_field",
                                "from", "to")
    limit = given.get("limit", _USUAL_RECORDS)
    if type(limit) is not int or not 1 <= limit <= MOST_RECORDS:
        raise refusal([Fault("/limit", "bad_limit", {"max": MOST_RECORDS})])
    asked, labelled = _list(given, "criteria", "q", "fields", "cursor", "expand")
    asked = ListRequest(asked.criteria, None, asked.fields, limit, asked.cursor, None, asked.q)
    found = calendar(current_service(), current_principal(), record_type, CalendarRequest(
        asked, given.get("date_field"), given.get("end_field"), given.get("from"), given.get("to"), labelled))
    tell_sensitive_list(current_service(), current_principal(), record_type, asked.fields, len(found["items"]))
    return json_answer(found)


@boards.route("/<object>/totals", methods=["POST"])
@boards.doc(**described(schemas.TotalsQuerySchema))
@boards.response(200, schemas.TotalsSchema)
def show_totals(object: str) -> Response:
    """Counts, sums and averages under the criteria of a list, within a time limit."""
    given, record_type = _given(object, "criteria", "q", "totals", "group_field")
    asked, _ = _list(given, "criteria", "q")
    return json_answer(totals(current_service(), current_principal(), record_type, TotalsRequest(
        asked.criteria, asked.q, given.get("totals"), given.get("group_field"))))


def _given(object: str, *members: str) -> tuple[Mapping[str, Any], RecordType]:
    given = reading.only(json_object(), *members)
    return given, reading.record_type_of(object, reading.members_of_list(given))


def _list(given: Mapping[str, Any], *members: str) -> tuple[ListRequest, bool]:
    return reading.list_request_of_body({name: given[name] for name in members if name in given})

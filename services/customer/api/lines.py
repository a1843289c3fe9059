"""`/v1/records/{object}` with lines: a record and its lines in one transaction, and values that fill in others."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import line_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.get_record import get_record
from services.customer.queries.lines import fill_values, lines_shown
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.lines.save import change_with_lines, create_with_lines
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_sensitive_lines

lines = ServiceBlueprint("lines", __name__, url_prefix="/v1/records", description="Records together with their lines")


@lines.route("/<object>/<id>/lines")
@lines.response(200, schemas.WithLinesSchema)
def show(object: str, id: str) -> Response:
    """Read a record with all its lines."""
    record_type = reading.record_type_of(object)
    record = get_record(current_service(), current_principal(), record_type, id)
    _tell(record_type, record)
    return _answer(record_type, record)


@lines.route("/<object>/lines", methods=["POST"])
@lines.doc(**described(schemas.NewWithLinesSchema))
@reading.body_first
@writes
@lines.response(201, schemas.WithLinesSchema)
def create(object: str, uow: Any) -> Response:
    """Create a record with its lines, all or nothing."""
    given, record_type = _given(object)
    record = create_with_lines(current_service(), uow, current_principal(), record_type, given.get("values"),
                               given.get("lines") or {}, backdate=reading.backdates())
    uow.after_commit(lambda: _tell(record_type, record))
    response = _answer(record_type, record, uow.connection, 201)
    response.headers["Location"] = f"/api/customer/v1/records/{object}/{record['id']}"
    return response


@lines.route("/<object>/<id>/lines", methods=["PATCH"])
@lines.doc(**described(schemas.NewWithLinesSchema))
@reading.body_first
@writes
@lines.response(200, schemas.WithLinesSchema)
def change(object: str, id: str, uow: Any) -> Response:
    """Change a record and its lines; a list of lines is the whole list as it shall be."""
    given, record_type = _given(object)
    record = change_with_lines(current_service(), uow, current_principal(), record_type, id, given.get("values") or {},
                               given.get("lines") or {}, expected_version())
    uow.after_commit(lambda: _tell(record_type, record))
    return _answer(record_type, record, uow.connection)


@lines.route("/<object>/fill", methods=["POST"])
@lines.doc(**described(schemas.FillSchema))
@lines.response(200, schemas.FilledSchema)
def fill(object: str) -> Response:
    """Find the values that others fill in, such as the price of a product."""
    given = reading.only(json_object(), "values", "parent", "changed")
    faults = [Fault(f"/{name}", "not_an_object") for name in ("values", "parent")
              if not isinstance(given.get(name, {}), dict)]
    changed = given.get("changed")
    if changed is not None and not (isinstance(changed, list) and all(isinstance(one, str) for one in changed)):
        faults.append(Fault("/changed", "not_list"))
    if faults:
        raise refusal(faults)
    found = fill_values(current_service(), current_principal(), reading.record_type_of(object), given.get("values", {}),
                        given.get("parent"), changed)
    return json_answer({"values": found})


def _given(object: str) -> tuple[Any, RecordType]:
    given = reading.only(reading.body(), "values", "lines")
    values = given.get("values")
    return given, reading.record_type_of(object, values if isinstance(values, dict) else ())


def _tell(record_type: RecordType, record: Record) -> None:
    tell_sensitive_lines(current_service(), current_principal(), record_type, record)


def _answer(record_type: RecordType, record: Record, connection: Any = None, status: int = 200) -> Response:
    service, principal = current_service(), current_principal()
    found = lines_shown(service, principal, record_type, record, connection)
    response = json_answer({"record": Access(principal, record_type).show(record), "lines": found}, status)
    response.headers["ETag"] = etag(record["version"])
    return response

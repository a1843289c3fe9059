"""`/v1/records/{object}`: records of every object alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from chassis.auth.guard import current_principal
from chassis.context import current_cause, with_cause
from chassis.http.current import current_service, json_answer
from chassis.http.downloads import file_response
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.problem import caller_locale
from chassis.http.writes import writes
from chassis.ids import is_id
from services.customer.api import reading, schemas
from services.customer.api.documents import LIST_PARAMETERS, TIMELINE_PARAMETERS, described
from services.customer.metrics import EXPORTS_STARTED
from services.customer.model.faults import Fault, pointer_to
from services.customer.queries.duplicates import find_duplicates
from services.customer.queries.export import FORMATS, prepare_export
from services.customer.queries.get_record import get_record
from services.customer.queries.labels import add_labels
from services.customer.queries.list_records import ListRequest, list_records
from services.customer.queries.timeline import KINDS, USUAL, Wanted, timeline
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.batch_records import batch_records, read_operations
from services.customer.usecases.convert_record import CREATE, LINK, Wishes, convert_record
from services.customer.usecases.create_records import create_records
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result
from services.customer.usecases.tell_audit import tell_export, tell_sensitive_list, tell_sensitive_read
from services.customer.usecases.update_records import Patch, update_records

records = ServiceBlueprint("records", __name__, url_prefix="/v1/records", description="Records of every object")


@records.route("/<object>")
@records.doc(parameters=LIST_PARAMETERS)
@records.response(200, schemas.RecordPageSchema)
def list_all(object: str) -> Response:
    """List records, with equality filters and a search."""
    record_type = reading.record_type_of(object)
    return answer_page(record_type, *reading.list_request_of_query(record_type))


@records.route("/<object>/query", methods=["POST"])
@records.doc(**described(schemas.QuerySchema))
@records.response(200, schemas.RecordPageSchema)
def query(object: str) -> Response:
    """List records by criteria."""
    given = json_object()
    record_type = reading.record_type_of(object, reading.members_of_list(given))
    return answer_page(record_type, *reading.list_request_of_body(given))


@records.route("/<object>", methods=["POST"])
@records.doc(**described(schemas.RecordSchema, "values"))
@reading.body_first
@writes
@records.response(201, schemas.RecordSchema)
def create(object: str, uow: Any) -> Response:
    """Create a record."""
    service, principal, row = current_service(), current_principal(), reading.body()
    record_type = reading.record_type_of(object, row)
    result = create_records(service, uow, principal, record_type, [row], backdate=reading.backdates(), alone=True)[0]
    response = _record(Access(principal, record_type).show(result.unwrap()), 201)
    response.headers["Location"] = f"/api/customer/v1/records/{object}/{result.unwrap()['id']}"
    return response


@records.route("/<object>/<id>")
@records.response(200, schemas.RecordSchema)
def get(object: str, id: str) -> Response:
    """Read one record."""
    labelled = reading.expand_of_query() if request.args else False
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    found = get_record(service, principal, record_type, id)
    tell_sensitive_read(service, principal, record_type, [found])
    record = Access(principal, record_type).show(found)
    return _record(add_labels(service, principal, record_type, [record])[0] if labelled else record)


@records.route("/<object>/<id>", methods=["PATCH"])
@records.doc(**described(schemas.RecordSchema, "values"))
@reading.body_first
@writes
@records.response(200, schemas.RecordSchema)
def change(object: str, id: str, uow: Any) -> Response:
    """Change some members of a record; the others stay."""
    service, principal = current_service(), current_principal()
    record_type = reading.record_type_of(object, reading.body())
    patch = Patch(id, reading.body(), expected_version())
    result = update_records(service, uow, principal, record_type, [patch], backdate=reading.backdates(),
                            alone=True)[0]
    uow.after_commit(lambda: tell_sensitive_read(service, principal, record_type, [result.unwrap()]))
    return _record(Access(principal, record_type).show(result.unwrap()))


@records.route("/<object>/<id>", methods=["DELETE"])
@writes
@records.response(204)
def delete(object: str, id: str, uow: Any) -> Response:
    """Delete a record."""
    removal = Removal(id, expected_version())
    delete_records(current_service(), uow, current_principal(), reading.record_type_of(object), [removal])[0].unwrap()
    return Response(status=204)


@records.route("/<object>/batch", methods=["POST"])
@records.doc(**described(schemas.BatchSchema))
@reading.body_first
@writes
@records.response(200, schemas.BatchResultsSchema)
def batch(object: str, uow: Any) -> Response:
    """Do up to 500 operations; with `atomic` all or none."""
    service, principal = current_service(), current_principal()
    given = reading.only(reading.body(), "operations", "atomic", "without_rules")
    record_type = reading.record_type_of(object, reading.members_of_operations(given))
    with with_cause(reading.cause_of_batch(given)):
        results = batch_records(service, uow, principal, record_type, read_operations(given.get("operations")),
                                atomic=reading.flag(given, "atomic"), backdate=reading.backdates())
    access = Access(principal, record_type)
    return json_answer({"results": [_outcome(access, result) for result in results]})


@records.route("/<object>/<id>/timeline")
@records.doc(parameters=TIMELINE_PARAMETERS)
@records.response(200, schemas.TimelineSchema)
def show_timeline(object: str, id: str) -> Response:
    """Read what happened to a record, newest first."""
    given = reading.parameters_among("limit", "cursor", "kind", "by", "from", "to")
    limit, cursor = reading.page_among(given)
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    tell_sensitive_read(service, principal, record_type, [get_record(service, principal, record_type, id)])
    return json_answer(timeline(service, principal, record_type, id, limit=limit, cursor=cursor, wanted=_wanted(given)))


@records.route("/<object>/<id>/convert", methods=["POST"])
@records.doc(**described(schemas.ConversionSchema))
@reading.body_first
@writes
@records.response(200, schemas.ConvertedSchema)
def convert(object: str, id: str, uow: Any) -> Response:
    """Convert a record into others, as its object says."""
    done = convert_record(current_service(), uow, current_principal(), reading.record_type_of(object), id, _wishes())
    return json_answer({"created": done.created, "record": done.record})


@records.route("/<object>/duplicates", methods=["POST"])
@records.doc(**described(schemas.CandidateSchema))
@records.response(200, schemas.DuplicatesSchema)
def duplicates(object: str) -> Response:
    """Find records that look like these values."""
    given = reading.only(json_object(), "values")
    record_type = reading.record_type_of(object)
    return json_answer(find_duplicates(current_service(), current_principal(), record_type, given.get("values")))


@records.route("/<object>/export", methods=["POST"])
@records.doc(**described(schemas.ExportSchema))
@records.response(200, content_type="application/octet-stream")
def export(object: str) -> Response:
    """Take a list out as a file."""
    principal, record_type = current_principal(), reading.record_type_of(object)
    given = reading.only(json_object(), "criteria", "fields", "sort", "q", "format", "for_import")
    asked, kind = reading.export_request(given)
    sheet = prepare_export(current_service(), principal, record_type, asked)
    with current_service().db.unit_of_work() as uow:
        tell_export(current_service(), uow, principal, record_type, sheet.count, given)
    EXPORTS_STARTED.labels(object, kind).inc()
    return file_response(FORMATS[kind].write(sheet), FORMATS[kind].media_type, f"{sheet.name}.{FORMATS[kind].ending}")


def answer_page(record_type: RecordType, asked: ListRequest, labelled: bool) -> Response:
    """One page of a list as the answer of a view."""
    service, principal = current_service(), current_principal()
    page = list_records(service, principal, record_type, asked)
    tell_sensitive_list(service, principal, record_type, asked.fields, len(page.items))
    items = add_labels(service, principal, record_type, page.items) if labelled else page.items
    total = {"total": page.total, "total_is": page.total_is} if page.total is not None else {}
    return json_answer({"items": items, "next_cursor": page.next_cursor, **total})


def _wanted(given: Mapping[str, str]) -> Wanted:
    """What of a timeline is asked for."""
    kinds = tuple(dict.fromkeys(given["kind"].split(","))) if given.get("kind") else USUAL
    if not set(kinds) <= set(KINDS):
        raise refusal([Fault("?kind", "not_one_of", {"words": ", ".join(KINDS)})])
    by = given.get("by")
    if by is not None and not is_id(by):
        raise refusal([Fault("?by", "unknown_user")])
    return Wanted(kinds, by, *(reading.moment_of(given, name) if name in given else None for name in ("from", "to")))


def _wishes() -> Wishes:
    given = reading.only(reading.body(), "values", "skip", "conversion", "existing")
    values, skip = given.get("values") or {}, given.get("skip") or []
    if not isinstance(values, dict):
        raise refusal([Fault("/values", "not_an_object")])
    faults = [Fault(pointer_to("values", name), "not_an_object") for name, row in values.items()
              if not isinstance(row, dict)]
    if not isinstance(skip, list) or not all(isinstance(name, str) for name in skip):
        faults.append(Fault("/skip", "not_list"))
    key = given.get("conversion")
    if key is not None and not isinstance(key, str):
        faults.append(Fault("/conversion", "not_text"))
    existing = given.get("existing", CREATE)
    if existing not in (CREATE, LINK):
        faults.append(Fault("/existing", "not_a_choice", {"value": str(existing)[:60]}))
    if faults:
        raise refusal(faults)
    return Wishes(values, skip, key, existing)


def _outcome(access: Access, result: Result) -> dict[str, Any]:
    if result.problem is not None:
        problem = result.problem.to_wire(caller_locale(), request.path, current_cause().request_id)
        return {"status": result.status, "problem": problem}
    if result.status == 204 or result.record is None:
        return {"status": result.status}
    return {"status": result.status, "record": access.show(result.record)}


def _record(record: Record, status: int = 200) -> Response:
    response = json_answer(record, status)
    response.headers["ETag"] = etag(record["version"])
    return response

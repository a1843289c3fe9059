"""`/v1/segments`: saved conditions whose members are kept current."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api import segment_schemas as schemas
from services.customer.api.documents import PAGE_PARAMETERS, SEGMENT_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.queries.segments import list_segments, passages, segments_of, show_segment
from services.customer.usecases.refusals import refusal
from services.customer.usecases.segments.manage import (
    change_segment,
    create_segment,
    delete_segment,
    rebuild_segment,
)

segments = ServiceBlueprint("segments", __name__, url_prefix="/v1", description="Segments of records")


@segments.route("/segments")
@segments.doc(parameters=SEGMENT_PARAMETERS)
@segments.response(200, schemas.SegmentsSchema)
def list_all() -> Response:
    """List the segments of an object."""
    name = reading.parameters_among("object").get("object")
    if not name:
        raise refusal([Fault("?object", "unknown_object")])
    found = list_segments(current_service(), current_principal(), reading.record_type_of(name))
    return json_answer({"items": found, "next_cursor": None})


@segments.route("/segments", methods=["POST"])
@requires("rules.manage")
@segments.doc(**described(schemas.NewSegmentSchema))
@writes
@segments.response(201, schemas.SegmentSchema)
def create(uow: Any) -> Response:
    """Define a segment; its members are looked for in the background."""
    given = reading.only(json_object(), "object", "name", "criteria")
    name = given.get("object")
    if not isinstance(name, str):
        raise refusal([Fault("/object", "unknown_object")])
    service, principal = current_service(), current_principal()
    id = create_segment(service, uow, principal, reading.record_type_of(name), given)
    return json_answer({"id": id, "object": name, "name": given["name"], "criteria": given["criteria"],
                  "state": "building", "version": 1}, 201)


@segments.route("/segments/<id>")
@segments.response(200, schemas.SegmentSchema)
def get(id: str) -> Response:
    """Read one segment."""
    return _segment(id)


@segments.route("/segments/<id>", methods=["PATCH"])
@requires("rules.manage")
@segments.doc(**described(schemas.SegmentChangeSchema))
@segments.response(200, schemas.SegmentSchema)
def change(id: str) -> Response:
    """Change the name or the condition of a segment."""
    given = reading.only(json_object(), "name", "criteria")
    with current_service().db.unit_of_work() as uow:
        change_segment(current_service(), uow, current_principal(), id, given, expected_version())
    return _segment(id)


@segments.route("/segments/<id>", methods=["DELETE"])
@requires("rules.manage")
@writes
@segments.response(204)
def delete(id: str, uow: Any) -> Response:
    """Take a segment away; the records stay."""
    delete_segment(current_service(), uow, id)
    return Response(status=204)


@segments.route("/segments/<id>/rebuild", methods=["POST"])
@requires("rules.manage")
@writes
@segments.response(202)
def rebuild(id: str, uow: Any) -> Response:
    """Look at every record again, in the background."""
    rebuild_segment(uow, id)
    return Response(status=202)


@segments.route("/segments/<id>/passages")
@segments.doc(parameters=PAGE_PARAMETERS)
@segments.response(200, schemas.PassagesSchema)
def list_passages(id: str) -> Response:
    """List who entered and left, the latest first."""
    limit, cursor = reading.page_of_query()
    return json_answer(passages(current_service(), current_principal(), id, limit=limit, cursor=cursor))


@segments.route("/records/<object>/<id>/segments")
@segments.response(200, schemas.RecordSegmentsSchema)
def list_of_record(object: str, id: str) -> Response:
    """List the segments that a record is in."""
    found = segments_of(current_service(), current_principal(), reading.record_type_of(object), id)
    return json_answer({"items": found, "next_cursor": None})


def _segment(id: str) -> Response:
    shown = show_segment(current_service(), current_principal(), id)
    response = json_answer(shown)
    response.headers["ETag"] = etag(shown["version"])
    return response

"""`/v1/exports`: large lists as files, written in the background and kept for some hours."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.downloads import file_response
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import export_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.export import FORMATS
from services.customer.queries.exports import exports_query, get_export, show_export
from services.customer.store.exports.tables import export_run
from services.customer.usecases.exports.ask import ask_for_export, cancel_export, take_export
from services.customer.usecases.refusals import refusal

exports = ServiceBlueprint("exports", __name__, url_prefix="/v1/exports", description="Exports in the background")


@exports.route("", methods=["POST"])
@exports.doc(**described(schemas.ExportWishSchema))
@writes
@exports.response(202, schemas.ExportRunSchema)
def start(uow: Any) -> Response:
    """Begin to write a list into a file; it can be downloaded when it is finished, for some hours."""
    given = reading.only(json_object(), "object", "criteria", "fields", "sort", "q", "format", "for_import")
    if not isinstance(given.get("object"), str):
        raise refusal([Fault("/object", "required")])
    record_type = reading.record_type_of(given["object"])
    asked, kind = reading.export_request(given)
    id = ask_for_export(current_service(), uow, current_principal(), record_type, asked, kind)
    return _export(uow.connection, id, 202)


@exports.route("")
@exports.arguments(PageQuery, location="query")
@exports.response(200, page_of(schemas.ExportRunSchema))
def list_all(query: dict[str, Any]) -> Response:
    """List own exports, newest first."""
    principal = current_principal()
    with current_service().db.read() as connection:
        return json_answer(list_page(
            connection, exports_query(principal), [(export_run.c.created_at, True), (export_run.c.id, True)],
            limit=query["limit"], cursor=query["cursor"], render=lambda run: show_export(run, principal)))


@exports.route("/<id>")
@exports.response(200, schemas.ExportRunSchema)
def get(id: str) -> Response:
    """Read one export: its state and progress."""
    with current_service().db.read() as connection:
        return _export(connection, id)


@exports.route("/<id>", methods=["DELETE"])
@writes
@exports.response(204)
def cancel(id: str, uow: Any) -> Response:
    """Stop an export, or let go of its file."""
    cancel_export(current_service(), uow, current_principal(), id)
    return Response(status=204)


@exports.route("/<id>/file")
@exports.response(200, content_type="application/octet-stream")
def download(id: str) -> Response:
    """Download the file of a finished export; each download stands in the audit log."""
    with current_service().db.unit_of_work() as uow:
        run, pieces = take_export(current_service(), uow, current_principal(), id)
    response = file_response(pieces, FORMATS[run.format].media_type, run.filename)
    response.headers["Content-Length"] = str(run.size)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _export(connection: Any, id: str, status: int = 200) -> Response:
    principal = current_principal()
    return json_answer(show_export(get_export(connection, principal, id), principal), status)

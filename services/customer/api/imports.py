"""`/v1/imports`: from an uploaded sheet to records, in steps that each can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from werkzeug.datastructures import FileStorage

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.downloads import file_response
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import has_control_characters, json_object
from chassis.http.writes import answer_once, writes
from services.customer.api import import_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.export import FORMATS
from services.customer.queries.imports.error_sheet import error_sheet
from services.customer.queries.imports.show import (
    errors_query,
    get_import,
    get_rows_of,
    kept_query,
    list_query,
    show_brief,
    show_errors,
    show_import,
    show_kept,
)
from services.customer.queries.imports.template import template
from services.customer.store.imports.tables import import_kept, import_row_error, import_run
from services.customer.usecases.imports.configure import cancel_import, configure_import, start_check, start_import
from services.customer.usecases.imports.undo import start_undo
from services.customer.usecases.imports.upload import drop_upload, keep_upload, receive_sheet
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_errors_downloaded

F = TypeVar("F", bound=Callable[..., Any])

imports = ServiceBlueprint("imports", __name__, url_prefix="/v1/imports", description="Imports of sheets")

_FORM_OVERHEAD = 65_536
_MAX_FILENAME = 200


def large_body(view: F) -> F:
    """Let the body be as large as a sheet may be."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        current_principal()
        request.max_content_length = current_service().settings.import_max_bytes + _FORM_OVERHEAD
        return view(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


@imports.route("", methods=["POST"])
@imports.doc(requestBody={"required": True, "content": {"multipart/form-data": {"schema": schemas.UploadSchema}}})
@large_body
@imports.response(201, schemas.ImportSchema)
def upload() -> Response:
    """Upload a sheet; the answer holds its columns and what they probably mean."""
    service = current_service()
    file, object_name = _form()
    received = receive_sheet(service, current_principal(), object_name, file.stream, _filename(file.filename))

    def answer() -> Response:
        keep_upload(uow, received)
        return _import(uow.connection, received["id"], 201)

    try:
        with service.db.unit_of_work() as uow:
            digest = f"import {received['object']} {received['sha256']} {received['filename']}"
            response = answer_once(uow, digest, answer)
    except BaseException:
        drop_upload(service, received)
        raise
    if "Idempotency-Replayed" in response.headers:
        drop_upload(service, received)
    return response


@imports.route("")
@imports.arguments(schemas.ImportsQuery, location="query")
@imports.response(200, page_of(schemas.ImportBriefSchema))
def list_all(query: dict[str, Any]) -> Response:
    """List own imports, newest first; all of them for who manages objects."""
    principal = current_principal()
    with current_service().db.read() as connection:
        return json_answer(list_page(
            connection, list_query(principal, query["object"], query["state"]),
            [(import_run.c.created_at, True), (import_run.c.id, True)], limit=query["limit"], cursor=query["cursor"],
            render=lambda run: show_brief(run, principal)))


@imports.route("/template")
@imports.arguments(schemas.TemplateQuery, location="query")
@imports.response(200, content_type="application/octet-stream")
def get_template(query: dict[str, str]) -> Response:
    """An empty sheet with a column for each field that the caller may fill in."""
    name, pieces = template(current_service(), current_principal(), query["object"], query["format"])
    return _file(pieces, query["format"], name)


@imports.route("/<id>")
@imports.response(200, schemas.ImportSchema)
def get(id: str) -> Response:
    """Read one import: its state, progress, summary and preview."""
    with current_service().db.read() as connection:
        return _import(connection, id)


@imports.route("/<id>", methods=["PATCH"])
@imports.doc(**described(schemas.ImportChangeSchema))
@writes
@imports.response(200, schemas.ImportSchema)
def change(id: str, uow: Any) -> Response:
    """Say what columns mean, what happens to duplicates and whether rules act."""
    configure_import(current_service(), uow, current_principal(), id, _changes())
    return _import(uow.connection, id)


@imports.route("/<id>", methods=["DELETE"])
@writes
@imports.response(204)
def cancel(id: str, uow: Any) -> Response:
    """Cancel an import; rows that are imported already stay."""
    cancel_import(uow, current_principal(), id)
    return Response(status=204)


@imports.route("/<id>/check", methods=["POST"])
@writes
@imports.response(202, schemas.ImportSchema)
def check(id: str, uow: Any) -> Response:
    """Begin a dry run; nothing is written to records."""
    start_check(current_service(), uow, current_principal(), id)
    return _import(uow.connection, id, 202)


@imports.route("/<id>/start", methods=["POST"])
@writes
@imports.response(202, schemas.ImportSchema)
def start(id: str, uow: Any) -> Response:
    """Begin the import."""
    start_import(current_service(), uow, current_principal(), id)
    return _import(uow.connection, id, 202)


@imports.route("/<id>/undo", methods=["POST"])
@writes
@imports.response(202, schemas.ImportSchema)
def undo(id: str, uow: Any) -> Response:
    """Begin to undo a whole import; records that somebody has changed since are left alone."""
    start_undo(current_service(), uow, current_principal(), id)
    return _import(uow.connection, id, 202)


@imports.route("/<id>/kept")
@imports.arguments(PageQuery, location="query")
@imports.response(200, page_of(schemas.KeptSchema))
def list_kept(query: dict[str, Any], id: str) -> Response:
    """List the records that undoing has left alone, with the reasons."""
    principal = current_principal()
    with current_service().db.read() as connection:
        run = get_import(connection, principal, id)
        return json_answer(list_page(
            connection, kept_query(run), [(import_kept.c.number, False), (import_kept.c.record_id, False)],
            limit=query["limit"], cursor=query["cursor"], render=lambda row: show_kept(run, row, principal.locale)))


@imports.route("/<id>/errors")
@imports.arguments(PageQuery, location="query")
@imports.response(200, page_of(schemas.RowErrorsSchema))
def list_errors(query: dict[str, Any], id: str) -> Response:
    """List the wrong rows in the order of the sheet."""
    principal = current_principal()
    with current_service().db.read() as connection:
        run = get_rows_of(current_service(), connection, principal, id)
        return json_answer(list_page(
            connection, errors_query(run), [(import_row_error.c.number, False)], limit=query["limit"],
            cursor=query["cursor"], render=lambda row: {
                "row": row.number, "errors": show_errors(run, row.errors, principal.locale)}))


@imports.route("/<id>/errors.xlsx")
@imports.response(200, content_type="application/octet-stream")
def errors_as_workbook(id: str) -> Response:
    """Download the wrong rows as they were, with a reason column."""
    return _error_file(id, "xlsx")


@imports.route("/<id>/errors.csv")
@imports.response(200, content_type="application/octet-stream")
def errors_as_csv(id: str) -> Response:
    """Download the wrong rows as they were, with a reason column."""
    return _error_file(id, "csv")


def _error_file(id: str, kind: str) -> Response:
    principal = current_principal()
    with current_service().db.read() as connection:
        run = get_rows_of(current_service(), connection, principal, id)
    sheet = error_sheet(current_service(), principal, run, kind)
    with current_service().db.unit_of_work() as uow:
        tell_errors_downloaded(uow, principal, run, sheet.count, kind)
    name = f"{run.filename.rpartition('.')[0] or run.filename} - {sheet.name}"
    return _file(FORMATS[kind].write(sheet), kind, name)


def _form() -> tuple[FileStorage, str]:
    faults = [Fault(f"/{name[:100]}", "unknown_field", {"field": name[:100]})
              for name in [*(set(request.files) - {"file"}), *(set(request.form) - {"object"})]]
    faults += [Fault(f"/{name}", "required") for name, given in (("file", request.files), ("object", request.form))
               if name not in given]
    if faults:
        raise refusal(faults)
    return request.files["file"], request.form["object"]


def _changes() -> dict[str, Any]:
    given = dict(reading.only(json_object(), "mapping", "duplicates", "match_by", "key", "run_rules", "look_alike",
                              "pool_id"))
    for name in sorted({"run_rules", "look_alike"} & given.keys()):
        reading.flag(given, name)
    return given


def _filename(given: str | None) -> str:
    name = (given or "").replace("\\", "/").rsplit("/", 1)[-1].strip()[:_MAX_FILENAME]
    if not name:
        raise refusal([Fault("/file", "required")])
    if has_control_characters(name):
        raise refusal([Fault("/file", "control_characters")])
    return name


def _import(connection: Any, id: str, status: int = 200) -> Response:
    principal = current_principal()
    run = get_import(connection, principal, id)
    return json_answer(show_import(current_service(), connection, run, principal), status)


def _file(pieces: Iterable[bytes], kind: str, name: str) -> Response:
    return file_response(pieces, FORMATS[kind].media_type, f"{name}.{kind}")

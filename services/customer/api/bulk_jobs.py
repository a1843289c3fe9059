"""`/v1/bulk-jobs`: one change, or the removal, of all records that match, in the background and with a way back."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import Row

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.downloads import file_response
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.problem import Problem
from chassis.http.writes import writes
from services.customer.api import bulk_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.bulk_jobs import (
    kept_query,
    list_query,
    refused_query,
    refused_sheet,
    show_bulk,
    show_kept,
    show_refused,
)
from services.customer.queries.export import FORMATS
from services.customer.store.bulk import bulk_kept, bulk_refused, bulk_run, find_bulk
from services.customer.usecases.access import Access
from services.customer.usecases.bulk.start import BulkRequest, cancel_bulk, start_bulk, undo_bulk
from services.customer.usecases.bulk.states import get_bulk
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_bulk

bulk_jobs = ServiceBlueprint("bulk_jobs", __name__, url_prefix="/v1/bulk-jobs",
                             description="Changes of all records that match")


@bulk_jobs.route("", methods=["POST"])
@bulk_jobs.doc(**described(schemas.NewBulkSchema))
@writes
@bulk_jobs.response(202, schemas.BulkSchema)
def start(uow: Any) -> Response:
    """Change or delete all records that match, in the background."""
    given = reading.only(json_object(), "object", "action", "values", "criteria", "q")
    if not isinstance(given.get("object"), str):
        raise refusal([Fault("/object", "required")])
    service, record_type = current_service(), reading.record_type_of(given["object"], reading.members_of_list(given))
    asked, _ = reading.list_request_of_body({name: given[name] for name in ("criteria", "q") if name in given})
    id = start_bulk(service, uow, current_principal(), record_type,
                    BulkRequest(given.get("action"), given.get("values"), asked.criteria, asked.q))
    return _job(uow, id)


@bulk_jobs.route("")
@bulk_jobs.arguments(schemas.BulkQuery, location="query")
@bulk_jobs.response(200, page_of(schemas.BulkSchema))
def list_all(query: dict[str, Any]) -> Response:
    """List own jobs, newest first; all of them for who manages objects."""
    principal = current_principal()
    with current_service().db.read() as connection:
        return json_answer(list_page(
            connection, list_query(principal, query["object"]),
            [(bulk_run.c.created_at, True), (bulk_run.c.id, True)], limit=query["limit"], cursor=query["cursor"],
            render=lambda run: show_bulk(run, principal)))


@bulk_jobs.route("/<id>")
@bulk_jobs.response(200, schemas.BulkSchema)
def get(id: str) -> Response:
    """Read how a job stands."""
    principal = current_principal()
    return json_answer(show_bulk(_seen(id), principal))


@bulk_jobs.route("/<id>/cancel", methods=["POST"])
@writes
@bulk_jobs.response(200, schemas.BulkSchema)
def cancel(id: str, uow: Any) -> Response:
    """Stop a job; what is done stays and can be undone."""
    cancel_bulk(uow, current_principal(), id)
    return _job(uow, id, 200)


@bulk_jobs.route("/<id>/undo", methods=["POST"])
@writes
@bulk_jobs.response(202, schemas.BulkSchema)
def undo(id: str, uow: Any) -> Response:
    """Give every record back what it had, unless somebody has changed it since."""
    undo_bulk(current_service(), uow, current_principal(), id)
    return _job(uow, id)


@bulk_jobs.route("/<id>/refused")
@bulk_jobs.arguments(PageQuery, location="query")
@bulk_jobs.response(200, schemas.RefusedPageSchema)
def list_refused(query: dict[str, Any], id: str) -> Response:
    """List the records that were refused, with the reasons."""
    run = _readable(id)
    return _lines(run, refused_query(run), bulk_refused.c.number, query, show_refused)


@bulk_jobs.route("/<id>/kept")
@bulk_jobs.arguments(PageQuery, location="query")
@bulk_jobs.response(200, schemas.RefusedPageSchema)
def list_kept(query: dict[str, Any], id: str) -> Response:
    """List the records that undoing has left alone, with the reasons."""
    run = _readable(id)
    return _lines(run, kept_query(run), bulk_kept.c.number, query, show_kept)


@bulk_jobs.route("/<id>/refused.xlsx")
@bulk_jobs.response(200, content_type="application/octet-stream")
def refused_as_workbook(id: str) -> Response:
    """Download what was refused."""
    return _refused_file(id, "xlsx")


@bulk_jobs.route("/<id>/refused.csv")
@bulk_jobs.response(200, content_type="application/octet-stream")
def refused_as_csv(id: str) -> Response:
    """Download what was refused."""
    return _refused_file(id, "csv")


def _refused_file(id: str, kind: str) -> Response:
    service, principal, run = current_service(), current_principal(), _readable(id)
    record_type = reading.record_type_of(run.object)
    sheet = refused_sheet(service, principal, record_type, run)
    with service.db.unit_of_work() as uow:
        tell_bulk(service, uow, principal, record_type, "records.bulk_refused_downloaded", id, sheet.count, run.action)
    return file_response(FORMATS[kind].write(sheet), FORMATS[kind].media_type, f"{sheet.name}.{FORMATS[kind].ending}")


def _lines(run: Row[Any], statement: Any, number: Any, query: dict[str, Any], show: Any) -> Response:
    principal, record_type = current_principal(), reading.record_type_of(run.object)
    with current_service().db.read() as connection:
        page = list_page(connection, statement, [(number, False)], limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: row)
        return json_answer(page | {"items": show(connection, principal, record_type, page["items"])})


def _seen(id: str) -> Row[Any]:
    with current_service().db.read() as connection:
        return get_bulk(connection, current_principal(), id)


def _readable(id: str) -> Row[Any]:
    """A job whose records the caller may read about: his own, or he reads everything of their object."""
    run, principal = _seen(id), current_principal()
    if run.caller != principal.key and not Access(principal, reading.record_type_of(run.object)).is_unlimited:
        raise Problem(403, "bulk_not_yours")
    return run


def _job(uow: Any, id: str, status: int = 202) -> Response:
    run = find_bulk(uow.connection, id)
    assert run is not None
    return json_answer(show_bulk(run, current_principal()), status)

"""`/v1/dashboards`: list, write, and the answers of all widgets in one call."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from chassis.auditing import Target, tell
from chassis.auth import current_principal
from chassis.db import UnitOfWork
from chassis.http.current import current_service
from chassis.http.downloads import file_response
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import Text
from chassis.http.writes import writes
from chassis.i18n import localised
from services.report.api.schemas import (
    DashboardBody,
    DashboardChanges,
    DashboardDataSchema,
    DashboardSchema,
    FileQuery,
    asked_by,
)
from services.report.queries import dashboards as queries
from services.report.queries.export.board import board_file, widget_of
from services.report.store.tables import dashboard
from services.report.usecases import dashboards as usecases

dashboards = ServiceBlueprint("dashboards", __name__, url_prefix="/v1/dashboards", description="Dashboards")


class DashboardQuery(PageQuery):
    """Filters of the list."""

    key = Text(max=100)


@dashboards.route("")
@dashboards.arguments(DashboardQuery, location="query")
@dashboards.response(200, page_of(DashboardSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List the dashboards that the caller may see, in their order."""
    viewer = queries.viewer_of(current_service(), current_principal())
    with current_service().db.read() as connection:
        return list_page(connection, queries.select_visible(viewer, connection.dialect.name, query.get("key")), [
            (dashboard.c.position, False), (dashboard.c.id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show(row._mapping, viewer))


@dashboards.route("", methods=["POST"])
@writes
@dashboards.arguments(DashboardBody)
@dashboards.response(201, DashboardSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Make a dashboard; one that others see needs `dashboards.manage`."""
    viewer = queries.viewer_of(current_service(), current_principal())
    row = usecases.create_dashboard(uow, viewer, body)
    return queries.show(row, viewer), {"ETag": etag(1), "Location": f"/api/report/v1/dashboards/{row['id']}"}


@dashboards.route("/<id>")
@dashboards.response(200, DashboardSchema)
def get(id: str) -> Any:
    """Show one dashboard."""
    row, viewer = _found(id)
    return queries.show(row, viewer), {"ETag": etag(row["version"])}


@dashboards.route("/<id>", methods=["PATCH"])
@writes
@dashboards.arguments(DashboardChanges)
@dashboards.response(200, DashboardSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change members of a dashboard."""
    viewer = queries.viewer_of(current_service(), current_principal())
    row = usecases.change_dashboard(uow, viewer, id, body)
    return queries.show(row, viewer), {"ETag": etag(row["version"])}


@dashboards.route("/<id>", methods=["DELETE"])
@writes
@dashboards.response(204)
def delete(id: str, uow: UnitOfWork) -> None:
    """Take a dashboard away."""
    usecases.delete_dashboard(uow, queries.viewer_of(current_service(), current_principal()), id)


@dashboards.route("/<id>/data")
@dashboards.response(200, DashboardDataSchema)
def data(id: str) -> Any:
    """Answer every widget under the caller's permissions; one that he may not see says so."""
    row, _ = _found(id)
    answered = queries.answer_widgets(current_service(), current_principal(), asked_by(row), request.path)
    return {"id": row["id"], "version": row["version"], **answered}


@dashboards.route("/<id>/file")
@dashboards.arguments(FileQuery, location="query")
@dashboards.response(200, content_type="application/octet-stream")
def download(query: dict[str, Any], id: str) -> Response:
    """Download a board or a widget as a workbook, document or picture, a widget also as CSV; under the caller's
    permissions, and the audit log knows."""
    row, _ = _found(id)
    service, principal, kind = current_service(), current_principal(), query["format"]
    made = board_file(service, principal, row, widget_of(asked_by(row), query.get("widget"), kind), kind)
    with service.db.unit_of_work() as uow:
        tell(uow, principal, "dashboard.exported", Target("dashboard", row["id"], localised(row["name"], "en")),
             {"format": kind, "widget": query.get("widget")})
    return file_response([made.body], made.media_type, made.name)


def _found(id: str) -> Any:
    viewer = queries.viewer_of(current_service(), current_principal())
    with current_service().db.read() as connection:
        return queries.find_visible(connection, viewer, id), viewer

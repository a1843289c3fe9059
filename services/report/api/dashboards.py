"""`/v1/dashboards`: list, write, and the answers of all widgets in one call."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import current_principal
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import Text
from chassis.http.writes import writes
from services.report.api.schemas import (
    DashboardBody,
    DashboardChanges,
    DashboardDataSchema,
    DashboardSchema,
    query_schema,
)
from services.report.queries import dashboards as queries
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
    viewer = queries.viewer_of(_service(), current_principal())
    with _service().db.read() as connection:
        return list_page(connection, queries.select_visible(viewer, connection.dialect.name, query.get("key")), [
            (dashboard.c.position, False), (dashboard.c.id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show(row._mapping, viewer))


@dashboards.route("", methods=["POST"])
@writes
@dashboards.arguments(DashboardBody)
@dashboards.response(201, DashboardSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Make a dashboard; one that others see needs `dashboards.manage`."""
    viewer = queries.viewer_of(_service(), current_principal())
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
    viewer = queries.viewer_of(_service(), current_principal())
    row = usecases.change_dashboard(uow, viewer, id, body)
    return queries.show(row, viewer), {"ETag": etag(row["version"])}


@dashboards.route("/<id>", methods=["DELETE"])
@writes
@dashboards.response(204)
def delete(id: str, uow: UnitOfWork) -> None:
    """Take a dashboard away."""
    usecases.delete_dashboard(uow, queries.viewer_of(_service(), current_principal()), id)


@dashboards.route("/<id>/data")
@dashboards.response(200, DashboardDataSchema)
def data(id: str) -> Any:
    """Answer every widget under the caller's permissions; one that he may not see says so."""
    row, _ = _found(id)
    widgets = [(widget, query_schema(widget["kind"]).load(widget["query"])) for widget in row["widgets"]]
    answered = queries.answer_widgets(_service(), current_principal(), widgets)
    return {"id": row["id"], "version": row["version"], **answered}


def _found(id: str) -> Any:
    viewer = queries.viewer_of(_service(), current_principal())
    with _service().db.read() as connection:
        return queries.find_visible(connection, viewer, id), viewer


def _service() -> Any:
    return current_app.extensions["freehold"]

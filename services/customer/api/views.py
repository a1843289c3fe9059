"""`/v1/objects/{object}/views` and `/v1/views`: how people look at records, kept and shared."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import Row

from chassis.auth.guard import current_principal
from chassis.auth.principal import Principal
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api import view_schemas as schemas
from services.customer.api.documents import described
from services.customer.api.records import answer_page
from services.customer.api.schemas import RecordPageSchema
from services.customer.queries.views import (
    list_request_of_view,
    seen_view,
    show_view,
    viewer_of,
    views_of_object,
)
from services.customer.store.views import pinned_ids, saved_view, visible_views
from services.customer.usecases.access import Access
from services.customer.usecases.views import change_view, choose_views, create_view, delete_view

object_views = ServiceBlueprint("object_views", __name__, url_prefix="/v1/objects/<object>/views",
                                description="Saved views of an object")
views = ServiceBlueprint("views", __name__, url_prefix="/v1/views", description="Saved views of all objects")


@views.route("")
@views.arguments(schemas.AllViewsQuery, location="query")
@views.response(200, page_of(schemas.ViewSchema))
def list_all(query: dict[str, Any]) -> Response:
    """List the views of all objects that the caller sees, or those that he has pinned."""
    service, principal = current_service(), current_principal()
    viewer = viewer_of(service, principal)
    accesses = {name: Access(principal, found) for name, found in service.parts["types"].all().items()}
    readable = [name for name, access in accesses.items() if access.policy.allows("read")]
    with service.db.read() as connection:
        statement = visible_views(viewer, connection.dialect.name, readable)
        if query["pinned"]:
            statement = statement.where(saved_view.c.id.in_(pinned_ids(connection, principal.key)))
        return json_answer(list_page(
            connection, statement, [(saved_view.c.position, False), (saved_view.c.id, False)], limit=query["limit"],
            cursor=query["cursor"], render=lambda row: show_view(row, viewer, accesses[row.object])))


@object_views.route("")
@object_views.response(200, schemas.ViewsSchema)
def list_of_object(object: str) -> Response:
    """List the views of an object that the caller sees, in his order."""
    return json_answer(views_of_object(current_service(), current_principal(), reading.record_type_of(object)))


@object_views.route("", methods=["POST"])
@object_views.doc(**described(schemas.NewViewSchema))
@writes
@object_views.response(201, schemas.ViewSchema)
def create(object: str, uow: Any) -> Response:
    """Save a view; one that others see needs `views.share`."""
    service, principal, given = current_service(), current_principal(), json_object()
    record_type = reading.record_type_of(object, reading.members_of_list(given))
    row = create_view(service, uow, principal, record_type, given)
    response = _view(principal, row, 201)
    response.headers["Location"] = f"/api/customer/v1/objects/{object}/views/{row.id}"
    return response


@object_views.route("/choice", methods=["PUT"])
@object_views.doc(**described(schemas.ChoiceSchema))
@writes
@object_views.response(200, schemas.ChoiceSchema)
def choose(object: str, uow: Any) -> Response:
    """Choose one's default view, what is pinned in the navigation, and the order."""
    record_type = reading.record_type_of(object)
    return json_answer(choose_views(current_service(), uow, current_principal(), record_type, json_object()))


@object_views.route("/<id>")
@object_views.response(200, schemas.ViewSchema)
def get(object: str, id: str) -> Response:
    """Read one view."""
    return _view(current_principal(), _seen(object, id))


@object_views.route("/<id>", methods=["PATCH"])
@object_views.doc(**described(schemas.ViewBodySchema))
@writes
@object_views.response(200, schemas.ViewSchema)
def change(object: str, id: str, uow: Any) -> Response:
    """Change members of a view."""
    service, principal, given = current_service(), current_principal(), json_object()
    record_type = reading.record_type_of(object, reading.members_of_list(given))
    return _view(principal, change_view(service, uow, principal, record_type, id, given))


@object_views.route("/<id>", methods=["DELETE"])
@writes
@object_views.response(204)
def delete(object: str, id: str, uow: Any) -> Response:
    """Take a view away."""
    delete_view(current_service(), uow, current_principal(), reading.record_type_of(object), id)
    return Response(status=204)


@object_views.route("/<id>/records")
@object_views.arguments(schemas.ViewRecordsQuery, location="query")
@object_views.response(200, RecordPageSchema)
def records(query: dict[str, Any], object: str, id: str) -> Response:
    """List what a view shows, under the rights of the caller."""
    row, record_type = _seen(object, id), reading.record_type_of(object)
    access = Access(current_principal(), record_type)
    asked = list_request_of_view(row, access, query["limit"], query["cursor"], query["total"])
    return answer_page(record_type, asked, bool(query["expand"]))


def _seen(object: str, id: str) -> Row[Any]:
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    Access(principal, record_type).need("read")
    with service.db.read() as connection:
        return seen_view(connection, viewer_of(service, principal), record_type.name, id)


def _view(principal: Principal, row: Row[Any], status: int = 200) -> Response:
    service = current_service()
    access = Access(principal, service.parts["types"].get(row.object))
    response = json_answer(show_view(row, viewer_of(service, principal), access), status)
    response.headers["ETag"] = etag(row.version)
    return response

"""`/v1/objects/{object}/layouts`: how forms are laid out; `…/layout`: the one that applies to the caller."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import layout_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import LAYOUT_PARAMETERS, described
from services.customer.queries.layouts import get_layout, list_layouts, resolve_layout
from services.customer.usecases.layouts.define import change_layout, create_layout, delete_layout

layouts = ServiceBlueprint("layouts", __name__, url_prefix="/v1/objects", description="Layouts of forms")


@layouts.route("/<object>/layout")
@layouts.doc(parameters=LAYOUT_PARAMETERS)
@layouts.response(200, schemas.ResolvedLayoutSchema)
def resolve(object: str) -> Response:
    """Read the layout that applies to a record, or to a new one, and those that other values would bring."""
    given = reading.parameters_among("record_id")
    return json_answer(resolve_layout(current_service(), current_principal(), _type(object), given.get("record_id")))


@layouts.route("/<object>/layouts")
@requires("objects.manage")
@layouts.response(200, schemas.LayoutsSchema)
def list_all(object: str) -> Response:
    """List the layouts of an object in the order in which they are tried, all on one page."""
    return json_answer({"items": list_layouts(_newest(object)), "next_cursor": None})


@layouts.route("/<object>/layouts", methods=["POST"])
@writes
@requires("objects.manage")
@layouts.doc(**described(schemas.NewLayoutSchema))
@layouts.response(201, schemas.LayoutSchema)
def create(object: str, uow: Any) -> Response:
    """Make a layout."""
    made = create_layout(current_service(), uow, _newest(object), json_object())
    response = _layout(made.to_wire(), 201)
    response.headers["Location"] = f"/api/customer/v1/objects/{object}/layouts/{made.key}"
    return response


@layouts.route("/<object>/layouts/<key>")
@requires("objects.manage")
@layouts.response(200, schemas.LayoutSchema)
def get(object: str, key: str) -> Response:
    """Read a layout; `standard` is the one that every object has by itself."""
    return _layout(get_layout(_newest(object), key))


@layouts.route("/<object>/layouts/<key>", methods=["PATCH"])
@writes
@requires("objects.manage")
@layouts.doc(**described(schemas.LayoutChangeSchema))
@layouts.response(200, schemas.LayoutSchema)
def change(object: str, key: str, uow: Any) -> Response:
    """Change a layout; members that are not given stay."""
    changed = change_layout(current_service(), uow, _newest(object), key, json_object(), expected_version())
    return _layout(changed.to_wire())


@layouts.route("/<object>/layouts/<key>", methods=["DELETE"])
@writes
@requires("objects.manage")
@layouts.response(204)
def delete(object: str, key: str, uow: Any) -> Response:
    """Take a layout away; records stay as they are."""
    delete_layout(current_service(), uow, _newest(object), key, expected_version())
    return Response(status=204)


def _type(object: str) -> Any:
    return current_service().parts["types"].get(object)


def _newest(object: str) -> Any:
    """The record type as the database has it: who designs must see what somebody else has just saved."""
    current_service().parts["types"].renewed()
    return _type(object)


def _layout(layout: dict[str, Any], status: int = 200) -> Response:
    response = json_answer(layout, status)
    response.headers["ETag"] = etag(layout["version"])
    return response

"""`/v1/object-bin`: deleted objects that can still come back."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import object_schemas as schemas
from services.customer.api.documents import described
from services.customer.api.reading import only
from services.customer.usecases.object_bin import binned_objects, delete_objects, purge_object, restore_object

object_bin = ServiceBlueprint("object_bin", __name__, url_prefix="/v1/object-bin", description="Deleted objects")


@object_bin.route("")
@requires("objects.manage")
@object_bin.response(200, schemas.ObjectBinSchema)
def list_all() -> Response:
    """List the deleted objects that can still come back."""
    return json_answer({"items": binned_objects(current_service()), "next_cursor": None})


@object_bin.route("", methods=["POST"])
@writes
@requires("objects.manage")
@object_bin.doc(**described(schemas.ObjectNamesSchema))
@object_bin.response(204)
def delete_together(uow: Any) -> Response:
    """Move several objects to the bin in one step: what they need of each other holds none of them."""
    delete_objects(current_service(), uow, only(json_object(), "objects").get("objects"))
    return Response(status=204)


@object_bin.route("/<object>/restore", methods=["POST"])
@writes
@requires("objects.manage")
@object_bin.arguments(schemas.RestoreObjectQuery, location="query")
@object_bin.response(200, schemas.ObjectSchema)
def restore(query: dict[str, Any], object: str, uow: Any) -> Response:
    """Bring a deleted object back with its records; with `needed` also the deleted objects that it points at."""
    back = restore_object(current_service(), uow, object, needed=query["needed"])
    response = json_answer(back.to_wire())
    response.headers["ETag"] = etag(back.version)
    return response


@object_bin.route("/<object>", methods=["DELETE"])
@writes
@requires("objects.manage")
@object_bin.response(204)
def purge(object: str, uow: Any) -> Response:
    """Let go of a deleted object, its records and its files for good."""
    purge_object(current_service(), uow, object)
    return Response(status=204)

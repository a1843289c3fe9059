"""`/v1/object-bin`: deleted objects that can still come back."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from chassis.auth.guard import requires
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import writes
from chassis.jsonio import dump_bytes
from services.customer.api import object_schemas as schemas
from services.customer.usecases.object_bin import binned_objects, purge_object, restore_object

object_bin = ServiceBlueprint("object_bin", __name__, url_prefix="/v1/object-bin", description="Deleted objects")


@object_bin.route("")
@requires("objects.manage")
@object_bin.response(200, schemas.ObjectBinSchema)
def list_all() -> Response:
    """List the deleted objects that can still come back."""
    return _json({"items": binned_objects(_service()), "next_cursor": None})


@object_bin.route("/<object>/restore", methods=["POST"])
@writes
@requires("objects.manage")
@object_bin.response(200, schemas.ObjectSchema)
def restore(object: str, uow: Any) -> Response:
    """Bring a deleted object back with its records."""
    back = restore_object(_service(), uow, object)
    response = _json(back.to_wire())
    response.headers["ETag"] = etag(back.version)
    return response


@object_bin.route("/<object>", methods=["DELETE"])
@writes
@requires("objects.manage")
@object_bin.response(204)
def purge(object: str, uow: Any) -> Response:
    """Let go of a deleted object, its records and its files for good."""
    purge_object(_service(), uow, object)
    return Response(status=204)


def _service() -> Any:
    return current_app.extensions["freehold"]


def _json(value: Any) -> Response:
    return Response(dump_bytes(value), 200, content_type="application/json")

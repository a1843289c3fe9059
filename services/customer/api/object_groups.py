"""`/v1/object-groups`: how the navigation divides the objects; read by all, written by who manages objects."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.store.object_groups import read_groups
from services.customer.usecases.object_groups import create_group, delete_group, put_group

object_groups = ServiceBlueprint("object-groups", __name__, url_prefix="/v1/object-groups",
                                 description="Groups of objects in the navigation")


class ObjectGroupSchema(Schema):
    """A group: what people read, and its place among the groups."""

    label = fields.Dict(required=True, metadata={"additionalProperties": {"type": "string"},
                                                 "example": {"en": "Sales", "zh-CN": "销售"}})
    position = fields.Integer()


class NewObjectGroupSchema(ObjectGroupSchema):
    """A group; without a key it gets one from its label."""

    key = fields.String(allow_none=True)


class ObjectGroupsSchema(Schema):
    """All groups in their order, on one page."""

    items = fields.List(fields.Nested(NewObjectGroupSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@object_groups.route("")
@object_groups.response(200, ObjectGroupsSchema)
def list_all() -> Response:
    """List the groups in their order."""
    current_principal()
    with current_service().db.read() as connection:
        return json_answer({"items": read_groups(connection), "next_cursor": None})


@object_groups.route("", methods=["POST"])
@requires("objects.manage")
@object_groups.doc(**described(NewObjectGroupSchema))
@writes
@object_groups.response(201, NewObjectGroupSchema)
def create(uow: Any) -> Response:
    """Make a group."""
    return json_answer(create_group(uow, reading.only(json_object(), "key", "label", "position")), 201)


@object_groups.route("/<key>", methods=["PUT"])
@requires("objects.manage")
@object_groups.doc(**described(ObjectGroupSchema))
@writes
@object_groups.response(200, NewObjectGroupSchema)
def put(key: str, uow: Any) -> Response:
    """Make a group what the body says, whether it existed or not."""
    return json_answer(put_group(uow, key, json_object()))


@object_groups.route("/<key>", methods=["DELETE"])
@requires("objects.manage")
@writes
@object_groups.response(204)
def delete(key: str, uow: Any) -> Response:
    """Remove a group in which no object stands."""
    delete_group(current_service(), uow, key)
    return Response(status=204)

"""`/v1/objects`: what objects and fields there are, and changing them."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.problem import not_found
from chassis.http.writes import writes
from services.customer.api import object_schemas as schemas
from services.customer.api.documents import described
from services.customer.api.reading import flag, only
from services.customer.model.faults import BadValueError, Fault
from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef
from services.customer.queries.describe_objects import get_object, list_objects
from services.customer.queries.indexes import list_indexes
from services.customer.queries.preview_type import preview_type
from services.customer.queries.settling import show_settling
from services.customer.queries.uses import uses_of
from services.customer.usecases.change_type import cancel_type_change, start_type_change
from services.customer.usecases.create_objects import create_object, create_objects
from services.customer.usecases.define_fields import add_field, alter_field, order_fields, remove_field
from services.customer.usecases.define_objects import change_object
from services.customer.usecases.define_stages import define_stages
from services.customer.usecases.field_bin import binned_fields, purge_field, restore_field
from services.customer.usecases.object_bin import delete_object
from services.customer.usecases.refusals import refusal

objects = ServiceBlueprint("objects", __name__, url_prefix="/v1/objects", description="Objects and their fields")


@objects.route("")
@objects.response(200, schemas.ObjectsSchema)
def list_all() -> Response:
    """List the objects that the caller may read, all on one page."""
    return json_answer({"items": list_objects(current_service(), current_principal()), "next_cursor": None})


@objects.route("", methods=["POST"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.NewObjectSchema))
@objects.response(201, schemas.ObjectSchema)
def create(uow: Any) -> Response:
    """Make an object with its fields."""
    made = create_object(current_service(), uow, json_object())
    response = _definition(made, 201)
    response.headers["Location"] = f"/api/customer/v1/objects/{made.name}"
    return response


@objects.route("/batch", methods=["POST"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.NewObjectsSchema))
@objects.response(201, schemas.ObjectsSchema)
def create_together(uow: Any) -> Response:
    """Make several objects that may speak of each other: all of them, or none."""
    made = create_objects(current_service(), uow, only(json_object(), "objects").get("objects"))
    return json_answer({"items": [_shown(one) for one in made], "next_cursor": None}, 201)


@objects.route("/<object>")
@objects.response(200, schemas.ObjectSchema)
def get(object: str) -> Response:
    """Read the definition of an object."""
    found = get_object(current_service(), current_principal(), object)
    response = json_answer(found)
    response.headers["ETag"] = etag(found["version"])
    return response


@objects.route("/<object>", methods=["PATCH"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.DescriptionSchema))
@objects.response(200, schemas.ObjectSchema)
def change(object: str, uow: Any) -> Response:
    """Change how an object is shown, what makes duplicates, what it turns into."""
    return _definition(change_object(current_service(), uow, object, json_object(), expected_version()))


@objects.route("/<object>", methods=["DELETE"])
@writes
@requires("objects.manage")
@objects.response(204)
def delete(object: str, uow: Any) -> Response:
    """Move an object with all its records to the bin."""
    delete_object(current_service(), uow, object, expected_version())
    return Response(status=204)


@objects.route("/<object>/uses")
@requires("objects.manage")
@objects.response(200, schemas.UsesSchema)
def object_uses(object: str) -> Response:
    """List what needs an object: asked before it is deleted."""
    return json_answer(uses_of(current_service(), current_service().parts["types"].get(object)))


@objects.route("/<object>/fields/<field>/uses")
@requires("objects.manage")
@objects.response(200, schemas.UsesSchema)
def field_uses(object: str, field: str) -> Response:
    """List what needs a field: asked before it is deleted or changed."""
    record_type = current_service().parts["types"].get(object)
    if field not in record_type.fields:
        raise not_found("field")
    return json_answer(uses_of(current_service(), record_type, field))


@objects.route("/<object>/field-order", methods=["PUT"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.FieldOrderSchema))
@objects.response(200, schemas.ObjectSchema)
def order(object: str, uow: Any) -> Response:
    """Bring the fields of an object into another order."""
    return _definition(order_fields(current_service(), uow, object, only(json_object(), "fields").get("fields")))


@objects.route("/<object>/settling")
@requires("objects.manage")
@objects.response(200, schemas.SettlingSchema)
def settling(object: str) -> Response:
    """Tell what is still being made of an object: fields that wait, indexes and how far they are."""
    return json_answer(show_settling(current_service(), current_service().parts["types"].get(object)))


@objects.route("/<object>/indexes")
@requires("objects.manage")
@objects.response(200, schemas.IndexesSchema)
def indexes(object: str) -> Response:
    """List the indexes of an object, with the reason, the size and the use of each."""
    record_type = current_service().parts["types"].get(object)
    return json_answer({"items": list_indexes(current_service(), record_type), "next_cursor": None})


@objects.route("/<object>/fields", methods=["POST"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.FieldDraftSchema))
@objects.response(201, schemas.NewFieldSchema)
def create_field(object: str, uow: Any) -> Response:
    """Add a field; records can be written meanwhile."""
    return _field(add_field(current_service(), uow, object, json_object()), 201)


@objects.route("/<object>/fields/<field>", methods=["PATCH"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.FieldChangeSchema))
@objects.response(200, schemas.NewFieldSchema)
def change_field(object: str, field: str, uow: Any) -> Response:
    """Change a field."""
    return _field(alter_field(current_service(), uow, object, field, json_object()))


@objects.route("/<object>/fields/<field>/stages", methods=["PUT"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.StagesSchema))
@objects.response(200, schemas.NewFieldSchema)
def change_stages(object: str, field: str, uow: Any) -> Response:
    """Say what the choices of a field mean as stages of a pipeline, in their order."""
    given = only(json_object(), "stages").get("stages")
    return _field(define_stages(current_service(), uow, object, field, given))


@objects.route("/<object>/fields/<field>", methods=["DELETE"])
@writes
@requires("objects.manage")
@objects.response(204)
def delete_field(object: str, field: str, uow: Any) -> Response:
    """Move a field to the bin."""
    remove_field(current_service(), uow, object, field)
    return Response(status=204)


@objects.route("/<object>/fields/<field>/type/preview", methods=["POST"])
@requires("objects.manage")
@objects.doc(**described(schemas.TypeSchema))
@objects.response(200, schemas.TypePreviewSchema)
def preview_field_type(object: str, field: str) -> Response:
    """Tell how many values would fit another type, with examples of those that would not."""
    given = only(json_object(), "type", "options")
    record_type = current_service().parts["types"].get(object)
    return json_answer(preview_type(current_service(), current_principal(), record_type, field, given))


@objects.route("/<object>/fields/<field>/type", methods=["POST"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.TypeSchema))
@objects.response(202, schemas.NewFieldSchema)
def change_field_type(object: str, field: str, uow: Any) -> Response:
    """Begin to give a field another type; values that do not fit become empty, the old ones stay in the bin."""
    given = only(json_object(), "type", "options")
    return _field(start_type_change(current_service(), uow, object, field, given), 202)


@objects.route("/<object>/fields/<field>/type", methods=["DELETE"])
@writes
@requires("objects.manage")
@objects.response(204)
def cancel_field_type(object: str, field: str, uow: Any) -> Response:
    """Call off a change of type that is under way; the field stays as it was."""
    cancel_type_change(current_service(), uow, object, field)
    return Response(status=204)


@objects.route("/<object>/bin")
@requires("objects.manage")
@objects.response(200, schemas.BinSchema)
def show_bin(object: str) -> Response:
    """List the deleted fields of an object that can still come back."""
    current_service().parts["types"].get(object)
    return json_answer({"items": binned_fields(current_service(), object), "next_cursor": None})


@objects.route("/<object>/bin/<id>/restore", methods=["POST"])
@writes
@requires("objects.manage")
@objects.doc(**described(schemas.RestoreSchema))
@objects.response(200, schemas.NewFieldSchema)
def restore(object: str, id: str, uow: Any) -> Response:
    """Bring a deleted field back with its values, under another name if wished."""
    given = only(json_object(), "name", "replace")
    try:
        return _field(restore_field(current_service(), uow, object, id, given.get("name"), flag(given, "replace")))
    except BadValueError as problem:
        raise refusal([Fault("/name", problem.code, problem.params)]) from problem


@objects.route("/<object>/bin/<id>", methods=["DELETE"])
@writes
@requires("objects.manage")
@objects.response(204)
def purge(object: str, id: str, uow: Any) -> Response:
    """Let go of a deleted field for good."""
    purge_field(current_service(), uow, object, id)
    return Response(status=204)


def _definition(definition: ObjectDef, status: int = 200) -> Response:
    response = json_answer(_shown(definition), status)
    response.headers["ETag"] = etag(definition.version)
    return response


def _shown(definition: ObjectDef) -> dict[str, Any]:
    body = definition.to_wire()
    policy = current_principal().objects(definition.name)
    for field in body["fields"]:
        field["access"] = policy.access(field["name"])
    return body


def _field(field: FieldDef, status: int = 200) -> Response:
    return json_answer({**field.to_wire(), "state": field.state}, status)

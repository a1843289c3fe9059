"""`/v1/tags`: the tags of the company, and tagging records."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from chassis.auth.guard import current_principal, requires
from chassis.context import current_cause
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.problem import Problem, caller_locale
from chassis.http.writes import writes
from chassis.ids import is_id
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.store.tags import read_choices
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tags.apply import apply_tags
from services.customer.usecases.tags.manage import change_tag, create_tag, delete_tag, give_tags

tags = ServiceBlueprint("tags", __name__, url_prefix="/v1", description="Tags of the company")
_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Key account", "zh-CN": "重点客户"}}
MOST = 500


class TagChangeSchema(Schema):
    """What of a tag shall change."""

    label = fields.Dict(metadata=_LABEL)
    color = fields.String(allow_none=True)


class TagSchema(TagChangeSchema):
    """A tag."""

    key = fields.String()


class TagsSchema(Schema):
    """All tags, on one page, and the objects that have a field of them."""

    items = fields.List(fields.Nested(TagSchema), required=True)
    objects = fields.Dict(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TaggingSchema(Schema):
    """Tags to set and to take away, on up to 500 records."""

    ids = fields.List(fields.String(), required=True)
    add = fields.List(fields.String())
    remove = fields.List(fields.String())


class TaggedSchema(Schema):
    """How many records changed, and which were refused."""

    changed = fields.Integer(required=True)
    refused = fields.List(fields.Dict(), required=True)


@tags.route("/tags")
@tags.response(200, TagsSchema)
def list_all() -> Response:
    """List the tags."""
    principal = current_principal()
    with current_service().db.read() as connection:
        items = [_shown(choice) for choice in read_choices(connection)]
    types = current_service().parts["types"].all().values()
    objects = {one.name: one.tag_field.name for one in types if one.tag_field is not None
               and principal.objects(one.name).allows("read")
               and one.tag_field.name in Access(principal, one).shape.readable}
    return json_answer({"items": items, "objects": objects, "next_cursor": None})


@tags.route("/tags", methods=["POST"])
@requires("objects.manage")
@tags.doc(**described(TagSchema))
@writes
@tags.response(201, TagSchema)
def create(uow: Any) -> Response:
    """Add a tag."""
    given = reading.only(json_object(), "key", "label", "color")
    return json_answer(_shown(create_tag(current_service(), uow, given)), 201)


@tags.route("/tags/<key>", methods=["PATCH"])
@requires("objects.manage")
@tags.doc(**described(TagChangeSchema))
@writes
@tags.response(200, TagSchema)
def change(key: str, uow: Any) -> Response:
    """Change the label or the colour of a tag."""
    return json_answer(_shown(change_tag(current_service(), uow, key, reading.only(json_object(), "label", "color"))))


@tags.route("/tags/<key>", methods=["DELETE"])
@requires("objects.manage")
@writes
@tags.response(202)
def delete(key: str, uow: Any) -> Response:
    """Take a tag away from all records and from the list, in the background."""
    delete_tag(uow, key)
    return Response(status=202)


@tags.route("/objects/<object>/tags", methods=["POST"])
@requires("objects.manage")
@writes
@tags.response(201)
def enable(object: str, uow: Any) -> Response:
    """Give an object a field of tags."""
    field = give_tags(current_service(), uow, reading.record_type_of(object))
    return json_answer({"field": field.name}, 201)


@tags.route("/records/<object>/tags", methods=["POST"])
@tags.doc(**described(TaggingSchema))
@reading.body_first
@writes
@tags.response(200, TaggedSchema)
def tag_records(object: str, uow: Any) -> Response:
    """Set and take away tags on up to 500 records."""
    given = reading.only(reading.body(), "ids", "add", "remove")
    principal, record_type = current_principal(), reading.record_type_of(object)
    Access(principal, record_type).need("update")
    ids, add, remove = (_texts(given, name) for name in ("ids", "add", "remove"))
    if not 1 <= len(ids) <= MOST or not all(map(is_id, ids)):
        raise refusal([Fault("/ids", "bad_list", {"max": MOST})])
    results = apply_tags(current_service(), uow, principal, record_type, ids, add, remove)
    refused = [{"id": id, "status": result.status, "code": result.problem.code,
                "detail": _reason(result.problem)}
               for id, result in zip(ids, results, strict=True) if result.problem is not None]
    return json_answer({"changed": sum(result.problem is None and result.changed for result in results),
                  "refused": refused})


def _reason(problem: Problem) -> str:
    """Why a record was refused, in a sentence."""
    said = problem.to_wire(caller_locale(), request.path, current_cause().request_id)
    return str(next((one["detail"] for one in said.get("errors") or ()), said["detail"]))


def _texts(given: Any, name: str) -> list[str]:
    value = given.get(name) or []
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(one, str) for one in value):
        raise refusal([Fault(f"/{name}", "not_list")])
    return list(dict.fromkeys(value))


def _shown(choice: Any) -> dict[str, Any]:
    return {"key": choice["value"], "label": choice["label"], "color": choice.get("color")}

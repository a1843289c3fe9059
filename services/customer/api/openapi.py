"""The part of the OpenAPI document that comes from metadata: the paths and schemas of each object.

The static document is made once; a caller with a token also gets the objects that he may read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from chassis.auth.guard import current_principal
from chassis.http.current import json_answer
from chassis.http.openapi import ServiceApi, operation_ids
from services.customer.model.fields import FieldDef
from services.customer.queries.describe_objects import may_read
from services.customer.store.record_type import SYSTEM_KINDS, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

Schema = dict[str, Any]

_SYSTEM: dict[str, Schema] = {
    "id": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer"},
    "datetime": {"type": "string", "format": "date-time"},
    "user": {"type": ["string", "null"], "format": "uuid"},
    "department": {"type": ["string", "null"], "format": "uuid"},
}
_LABELS: Schema = {"type": "object", "additionalProperties": {"oneOf": [
    {"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}}
_ERROR = {"$ref": "#/components/responses/DEFAULT_ERROR"}
_GENERIC = "/v1/records/{object}"


def describe_records(service: Service, app: Flask, api: ServiceApi) -> None:
    """Answer `/v1/openapi.json` with the objects as they are now."""

    def document() -> Response:
        body = operation_ids(api.described())
        if request.headers.get("Authorization"):
            body = _with_objects(service, body)
        return json_answer(body)

    app.view_functions["api-docs.openapi_json"] = document


def _with_objects(service: Service, static: dict[str, Any]) -> dict[str, Any]:
    principal = current_principal()
    paths, schemas = dict(static["paths"]), dict(static["components"].get("schemas", {}))
    for name, record_type in sorted(service.parts["types"].all().items()):
        if may_read(principal, record_type):
            access = Access(principal, record_type)
            schemas[f"record_{name}"] = record_schema(access)
            schemas[f"values_{name}"] = values_schema(access)
            paths.update(_paths(static["paths"], record_type))
    return {**static, "paths": paths, "components": {**static["components"], "schemas": schemas}}


def record_schema(access: Access) -> Schema:
    """A record as the caller reads it."""
    record_type, readable = access.record_type, access.shape.readable
    members = {name: _SYSTEM[kind] for name, kind in SYSTEM_KINDS.items()}
    members |= {name: nullable(field) for name, field in record_type.fields.items()}
    shown = {name: schema for name, schema in members.items() if name in readable}
    return {"type": "object", "required": ["id", "version"], "additionalProperties": False,
            "properties": {**shown, "_labels": _LABELS}}


def values_schema(access: Access) -> Schema:
    """What the caller may write."""
    fields = access.record_type.fields
    members = {name: _writable(fields[name]) if name in fields else _SYSTEM["user"]
               for name in access.shape.writers}
    return {"type": "object", "additionalProperties": False, "properties": members}


def _writable(field: FieldDef) -> Schema:
    schema = nullable(field)
    values = [choice["value"] for choice in field.options.get("choices", ())]
    if field.type == "choice":
        return {**schema, "enum": [*values, None]}
    return {**schema, "items": {"type": "string", "enum": values}} if values else schema


def nullable(field: FieldDef) -> Schema:
    """The schema of a field's value, or null."""
    schema = dict(field.row.schema(field.options))
    schema["type"] = [schema["type"], "null"]
    label = field.label.get("en") or next(iter(field.label.values()), field.name)
    return {**schema, "title": label}


def _paths(paths: dict[str, Any], record_type: RecordType) -> dict[str, Any]:
    """The generic paths again, for one object, with its own schemas."""
    name = record_type.name
    record = {"$ref": f"#/components/schemas/record_{name}"}
    values = {"application/json": {"schema": {"$ref": f"#/components/schemas/values_{name}"}}}
    page = {"type": "object", "required": ["items", "next_cursor"], "properties": {
        "items": {"type": "array", "items": record}, "next_cursor": {"type": ["string", "null"]},
        "total": {"type": "integer"}, "total_is": {"type": "string"}}}
    identified = [{"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}]
    collection, one = paths[_GENERIC], paths[f"{_GENERIC}/{{id}}"]
    return {
        f"/v1/records/{name}": {
            "get": _operation(collection["get"], f"list_{name}", {"200": page}),
            "post": _operation(collection["post"], f"create_{name}", {"201": record}, values)},
        f"/v1/records/{name}/query": {
            "post": _operation(paths[f"{_GENERIC}/query"]["post"], f"query_{name}", {"200": page})},
        f"/v1/records/{name}/{{id}}": {
            "parameters": identified,
            "get": _operation(one["get"], f"get_{name}", {"200": record}),
            "patch": _operation(one["patch"], f"change_{name}", {"200": record}, values),
            "delete": _operation(one["delete"], f"delete_{name}", {})},
    }


def _operation(generic: dict[str, Any], operation_id: str, answers: dict[str, Schema],
               body: dict[str, Any] | None = None) -> dict[str, Any]:
    made = {**generic, "operationId": operation_id}
    responses = {status: {"description": "Done", "content": {"application/json": {"schema": schema}}}
                 for status, schema in answers.items()}
    made["responses"] = {**generic.get("responses", {}), **responses, "default": _ERROR}
    if body is not None:
        made["requestBody"] = {"required": True, "content": body}
    return made

"""OpenAPI 3.1 through flask-smorest, with our parser, our problems and our conventions."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from marshmallow.validate import Range

from chassis.http.paging import DEFAULT_LIMIT, MAX_LIMIT
from chassis.http.parsing import IdField, LocalText, StrictParser, StrictSchema, Text
from chassis.http.problem import MEDIA_TYPE


class FieldProblemSchema(Schema):
    """One thing that is wrong with the request."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the body, or ?name"})
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblemSchema), required=True)


class PageQuery(StrictSchema):
    """Query parameters of every list."""

    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=Range(1, MAX_LIMIT))
    cursor = Text(max=4000, load_default=None)


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of `item`."""
    members = {"items": fields.List(fields.Nested(item), required=True),
               "next_cursor": fields.String(required=True, allow_none=True)}
    return type(item.__name__.removesuffix("Schema") + "PageSchema", (Schema,), members)


class ServiceApi(Api):
    """flask-smorest's Api without its error bodies."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to chassis.http.app, which answers in one form for all of them."""

    def _register_responses(self) -> None:
        content = {MEDIA_TYPE: {"schema": ProblemSchema}}
        for status in (400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 423, 429, 500, 503):
            name = _status_name(status)
            self.spec.components.response(name, {"description": name, "content": content}, lazy=True)
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME,
                                      {"description": "Any other error", "content": content}, lazy=True)


def _status_name(status: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status).name


class ServiceBlueprint(Blueprint):
    """A blueprint for one noun; its views are grouped under its name in the docs."""

    ARGUMENTS_PARSER = StrictParser()


def make_api(app: Flask, service: str) -> ServiceApi:
    """Attach the OpenAPI document to an app; served as `/v1/openapi.json`."""
    app.config.update(API_TITLE=f"Freehold {service}", API_VERSION="v1", OPENAPI_VERSION="3.1.0",
                      OPENAPI_URL_PREFIX="/v1", OPENAPI_JSON_PATH="openapi.json")
    api = ServiceApi(app, spec_kwargs={"info": {"description": f"REST API of the {service} service."},
                                       "servers": [{"url": f"/api/{service}"}],
                                       "security": [{"bearer": []}]})
    api.register_field(Text, "string", None)
    api.register_field(IdField, "string", "uuid")
    api.register_field(LocalText, "object", None)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    return api


def operation_ids(spec: Any) -> dict[str, Any]:
    """Return the document with an operationId on each operation (method and path)."""
    document = spec.to_dict()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and method != "parameters":
                words = [word.strip("{}") for word in path.split("/")[2:] if word]
                operation.setdefault("operationId", "_".join([method, *words]).replace("-", "_"))
    return document

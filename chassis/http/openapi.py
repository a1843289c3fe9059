"""OpenAPI 3.1 through flask-smorest, with our parser, our problems and our conventions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from apispec import APISpec
from flask import Flask, Response
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
    """flask-smorest's Api without its error bodies; views are described when the document is first asked for, which
    is half of what an app takes to build, and most processes are never asked."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, *, spec_kwargs: dict[str, Any]) -> None:
        self._undescribed: deque[Callable[[], None]] = deque()
        self._describing = Lock()
        super().__init__(app, spec_kwargs=spec_kwargs)

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Let something be done before anybody reads the document."""
        self._undescribed.append(describe)

    def described(self) -> APISpec:
        """The document with everything in it."""
        with self._describing:
            while self._undescribed:
                self._undescribed[0]()
                self._undescribed.popleft()
        return self.spec

    def _openapi_json(self) -> Response:
        self.described()
        return super()._openapi_json()

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

    def register_views_in_doc(self, api: ServiceApi, *args: Any, **kwargs: Any) -> None:
        """Describe the views when the document is asked for."""
        api.describe_later(partial(super().register_views_in_doc, api, *args, **kwargs))


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

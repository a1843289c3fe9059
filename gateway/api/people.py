"""`/v1/people`: what everybody may see of colleagues."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from chassis.http.openapi import ServiceBlueprint, page_of
from gateway.api.requests import SearchQuery, service
from gateway.queries.departments import page_of_departments
from gateway.queries.users import page_of_people

pages = ServiceBlueprint("people", __name__, url_prefix="/v1/people", description="Colleagues, for pickers")


class PersonSchema(Schema):
    """A colleague."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    department_id = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)


class PlaceSchema(Schema):
    """A department as everybody sees it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    parent_id = fields.String(required=True, allow_none=True)
    path = fields.String(required=True)


class PeopleQuery(SearchQuery):
    """Whom to list."""

    active = fields.Boolean(load_default=None)


@pages.route("")
@pages.arguments(PeopleQuery, location="query")
@pages.response(200, page_of(PersonSchema))
def list_people(ask: dict[str, Any]) -> Any:
    """List colleagues by name."""
    with service().db.read() as connection:
        return page_of_people(connection, ask)


@pages.route("/departments")
@pages.arguments(SearchQuery, location="query")
@pages.response(200, page_of(PlaceSchema))
def list_departments(ask: dict[str, Any]) -> Any:
    """List departments."""
    with service().db.read() as connection:
        return page_of_departments(connection, ask)

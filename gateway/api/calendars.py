"""`/v1/calendars`: who works when."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth.guard import current_principal, requires
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from gateway.api.requests import PatchSchema, known_id, service
from gateway.model.calendars import MAX_DAYS, MAX_NAME, shipped_calendars
from gateway.queries.calendars import find, page_of_calendars
from gateway.usecases import calendars as usecases

pages = ServiceBlueprint("calendars", __name__, url_prefix="/v1/calendars", description="Working calendars")
_SPANS = "from and to by the clock, `[\"09:00\", \"12:00\"]`; one that ends before it starts goes past midnight"


def _spans(**more: Any) -> fields.List:
    pair = fields.List(Text(min=5, max=5), validate=Length(equal=2))
    return fields.List(pair, validate=Length(max=20), metadata={"description": _SPANS}, **more)


class DayField(fields.String):
    """A day; kept as text."""

    default_error_messages = {"invalid": "not_a_day"}  # noqa: RUF012 - as marshmallow wants it

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        try:
            if not isinstance(value, str) or len(value) != 10:
                raise ValueError
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise self.make_error("invalid") from None


class DaySchema(StrictSchema):
    """A day that is different: a holiday without spans, or a day on which is worked."""

    date = DayField(required=True, metadata={"format": "date"})
    name = Text(load_default="", max=MAX_NAME)
    spans = _spans(required=True)


def _week(**more: Any) -> fields.List:
    return fields.List(_spans(), validate=Length(max=7), metadata={"description": "Monday first"}, **more)


def _days(**more: Any) -> fields.List:
    return fields.List(fields.Nested(DaySchema), validate=Length(max=MAX_DAYS), **more)


class ShippedCalendarSchema(Schema):
    """A calendar to start from."""

    key = fields.String(required=True)
    name = fields.Dict(required=True)
    timezone = fields.String(required=True)
    week = fields.List(fields.List(fields.List(fields.String())), required=True)
    days = fields.List(fields.Dict(), required=True)


class CalendarSchema(ShippedCalendarSchema):
    """A calendar; `is_default` is the company's."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    is_default = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class ShippedCalendarsSchema(Schema):
    """What is shipped."""

    items = fields.List(fields.Nested(ShippedCalendarSchema), required=True)


class NewCalendarSchema(StrictSchema):
    """A calendar to be made."""

    key = Text(load_default=None, allow_none=True, min=1, max=63)
    name = LocalText(required=True)
    timezone = Text(required=True, min=1, max=64)
    week = _week(required=True)
    days = _days(load_default=list)
    is_default = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ChangedCalendarSchema(PatchSchema):
    """Members to change."""

    key = Text(allow_none=True, min=1, max=63)
    name = LocalText()
    timezone = Text(min=1, max=64)
    week = _week()
    days = _days()
    is_default = fields.Boolean(truthy={True}, falsy={False})


@pages.route("")
@requires("users.manage")
@pages.arguments(PageQuery, location="query")
@pages.response(200, page_of(CalendarSchema))
def list_calendars(ask: dict[str, Any]) -> Any:
    """List calendars."""
    with service().db.read() as connection:
        return page_of_calendars(connection, ask)


@pages.route("/shipped")
@requires("users.manage")
@pages.response(200, ShippedCalendarsSchema)
def list_shipped() -> Any:
    """List the calendars to start from."""
    return {"items": shipped_calendars(service().settings.default_timezone)}


@pages.route("", methods=["POST"])
@writes
@requires("users.manage")
@pages.arguments(NewCalendarSchema)
@pages.response(201, CalendarSchema)
def create(body: dict[str, Any], uow: Any) -> Any:
    """Add a calendar."""
    found = usecases.create_calendar(service(), uow, current_principal(), body)
    return found, 201, {"ETag": etag(found["version"]), "Location": f"/api/gateway/v1/calendars/{found['id']}"}


@pages.route("/<id>")
@requires("users.manage")
@pages.response(200, CalendarSchema)
def show(id: str) -> Any:
    """Return a calendar."""
    with service().db.read() as connection:
        found = find(connection, known_id(id, "calendar"))
    if found is None:
        raise not_found("calendar")
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["PATCH"])
@writes
@requires("users.manage")
@pages.arguments(ChangedCalendarSchema)
@pages.response(200, CalendarSchema)
def change(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Change a calendar."""
    found = usecases.update_calendar(service(), uow, current_principal(), known_id(id, "calendar"), body,
                                     expected_version())
    return found, 200, {"ETag": etag(found["version"])}


@pages.route("/<id>", methods=["DELETE"])
@writes
@requires("users.manage")
@pages.response(204)
def delete(id: str, uow: Any) -> None:
    """Remove a calendar that no department has."""
    usecases.delete_calendar(service(), uow, current_principal(), known_id(id, "calendar"), expected_version())

"""`/v1/board-schedules` and `/v1/board-files`: boards that come by themselves."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf

from chassis.auth import current_principal
from chassis.clock import is_timezone
from chassis.db import UnitOfWork
from chassis.http.current import current_service
from chassis.http.downloads import file_response
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, StrictSchema
from chassis.http.writes import writes
from services.report.api.schemas import Flag, Whole
from services.report.model.cadence import EVERY
from services.report.queries import schedules as queries
from services.report.queries.dashboards import viewer_of
from services.report.queries.export.board import OF_BOARDS
from services.report.store.tables import board_schedule
from services.report.usecases import schedules as usecases
from services.report.usecases.sending import send_now

schedules = ServiceBlueprint("board-schedules", __name__, url_prefix="/v1/board-schedules",
                             description="Boards that are sent by themselves")
board_files = ServiceBlueprint("board-files", __name__, url_prefix="/v1/board-files",
                               description="Files that were made for somebody")
MAX_RECIPIENTS = 100


class Clock(fields.String):
    """A time of day, `08:30`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = super()._deserialize(value, attr, data, **kwargs)
        try:
            known = time.fromisoformat(said)
        except ValueError as error:
            raise ValidationError("not_a_time") from error
        if known.strftime("%H:%M") != said:
            raise ValidationError("not_a_time")
        return said


class Zone(fields.String):
    """A time zone by its IANA name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = super()._deserialize(value, attr, data, **kwargs)
        if not is_timezone(said):
            raise ValidationError("not_a_timezone")
        return said


def _recipients(**kwargs: Any) -> fields.List:
    return fields.List(IdField(), validate=[Length(max=MAX_RECIPIENTS), _each_once], **kwargs)


def _each_once(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValidationError("said_twice")


class ScheduleBody(StrictSchema):
    """When a board is sent, and to whom; without recipients to the caller."""

    dashboard_id = IdField(required=True)
    every = fields.String(required=True, validate=OneOf(EVERY))
    weekday = Whole(1, 7, load_default=None, allow_none=True)
    day = Whole(1, 31, load_default=None, allow_none=True)
    at = Clock(required=True)
    timezone = Zone()
    recipients = _recipients()
    format = fields.String(load_default="xlsx", validate=OneOf(OF_BOARDS))
    enabled = Flag(load_default=True)


class ScheduleChanges(StrictSchema):
    """The members of a schedule that are to change."""

    every = fields.String(validate=OneOf(EVERY))
    weekday = Whole(1, 7, allow_none=True)
    day = Whole(1, 31, allow_none=True)
    at = Clock()
    timezone = Zone()
    recipients = _recipients()
    format = fields.String(validate=OneOf(OF_BOARDS))
    enabled = Flag()


class ScheduleSchema(Schema):
    """A schedule as it stands; `next_at` is null while it is switched off."""

    id = fields.String(required=True)
    dashboard_id = fields.String(required=True)
    every = fields.String(required=True)
    weekday = fields.Integer(required=True, allow_none=True)
    day = fields.Integer(required=True, allow_none=True)
    at = fields.String(required=True)
    timezone = fields.String(required=True)
    recipients = fields.List(fields.String(), required=True)
    format = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    owner_id = fields.String(required=True, allow_none=True)
    next_at = fields.String(required=True, allow_none=True)
    last_at = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ScheduleQuery(PageQuery):
    """Filters of the list."""

    dashboard_id = IdField()


@schedules.route("")
@schedules.arguments(ScheduleQuery, location="query")
@schedules.response(200, page_of(ScheduleSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List the caller's schedules, or everybody's for who looks after dashboards."""
    statement = queries.select_schedules(_viewer(), query.get("dashboard_id"))
    with current_service().db.read() as connection:
        return list_page(connection, statement, [(board_schedule.c.created_at, False), (board_schedule.c.id, False)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show(row._mapping))


@schedules.route("", methods=["POST"])
@writes
@schedules.arguments(ScheduleBody)
@schedules.response(201, ScheduleSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Have a board sent; to others with `dashboards.manage`."""
    row = usecases.create_schedule(current_service(), uow, _viewer(), body)
    return queries.show(row), {"ETag": etag(1), "Location": f"/api/report/v1/board-schedules/{row['id']}"}


@schedules.route("/<id>")
@schedules.response(200, ScheduleSchema)
def get(id: str) -> Any:
    """Show one schedule."""
    with current_service().db.read() as connection:
        row = queries.find_schedule(connection, _viewer(), id)
    return queries.show(row), {"ETag": etag(row["version"])}


@schedules.route("/<id>", methods=["PATCH"])
@writes
@schedules.arguments(ScheduleChanges)
@schedules.response(200, ScheduleSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change members of a schedule."""
    row = usecases.change_schedule(current_service(), uow, _viewer(), id, body)
    return queries.show(row), {"ETag": etag(row["version"])}


@schedules.route("/<id>", methods=["DELETE"])
@writes
@schedules.response(204)
def delete(id: str, uow: UnitOfWork) -> None:
    """Take a schedule away."""
    usecases.delete_schedule(uow, _viewer(), id)


@schedules.route("/<id>/send", methods=["POST"])
@writes
@schedules.response(202, ScheduleSchema)
def send(id: str, uow: UnitOfWork) -> Any:
    """Send the board now, beside its times."""
    row = queries.find_schedule(uow.connection, _viewer(), id, locked=True)
    send_now(uow, row)
    return queries.show(row), {"ETag": etag(row["version"])}


@board_files.route("/<id>")
@board_files.response(200, content_type="application/octet-stream")
def download(id: str) -> Response:
    """Download a file that was made for the caller; it is there for seven days."""
    principal = current_principal()
    with current_service().db.read() as connection:
        row = queries.find_file(connection, id, None if principal.kind == "service" else principal.user_id or "")
    return file_response([row["body"]], row["media_type"], row["name"])


def _viewer() -> Any:
    return viewer_of(current_service(), current_principal())

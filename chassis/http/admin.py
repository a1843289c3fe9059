"""What an operator may look at in every service: dead letters, and their replay."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from chassis.auth.guard import requires
from chassis.events import dead_letters
from chassis.http.openapi import ServiceBlueprint
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from chassis.jsonio import loads


class DeadLetterSchema(Schema):
    """A message that no retry could help."""

    id = fields.String(required=True)
    queue = fields.String(required=True)
    message_id = fields.String(required=True)
    type = fields.String(required=True)
    error = fields.String(required=True)
    attempts = fields.Integer(required=True)
    dead_at = fields.AwareDateTime(required=True)
    replayed_at = fields.AwareDateTime(required=True, allow_none=True)


class DeadLettersSchema(Schema):
    """The newest hundred."""

    items = fields.List(fields.Nested(DeadLetterSchema), required=True)


def blueprint() -> ServiceBlueprint:
    """Return the blueprint `/v1/admin/dead-letters`."""
    pages = ServiceBlueprint("operations", __name__, url_prefix="/v1/admin", description="Operations")

    @pages.route("/dead-letters")
    @requires("system.read")
    @pages.response(200, DeadLettersSchema)
    def list_all() -> Any:
        with current_app.extensions["freehold"].db.read() as connection:
            return {"items": dead_letters.list_dead_letters(connection)}

    @pages.route("/dead-letters/<id>")
    @requires("system.read")
    @pages.response(200, Schema.from_dict({"message": fields.Dict()}, name="DeadMessageSchema"))
    def show(id: str) -> Any:
        with current_app.extensions["freehold"].db.read() as connection:
            row = dead_letters.find_dead_letter(connection, id) if is_id(id) else None
        if row is None:
            raise not_found("dead letter")
        return {"message": {} if row.type == "malformed" else loads(row.body)}

    @pages.route("/dead-letters/<id>/replay", methods=["POST"])
    @writes
    @requires("system.read")
    @pages.response(204)
    def replay(id: str, uow: Any) -> None:
        if not is_id(id) or dead_letters.find_dead_letter(uow.connection, id) is None:
            raise not_found("dead letter")
        if not dead_letters.replay(uow, id):
            raise Problem(409, "already_replayed")

    return pages

"""`POST /v1/records/{object}/replay`: changes of a span once more, for a service that tries out what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from chassis.auth.guard import service_only
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.replay import MAX_CHANGES, Span, replayed
from services.customer.usecases.refusals import refusal

replays = ServiceBlueprint("replays", __name__, url_prefix="/v1/records", description="Changes told once more")
MAX_FIELDS = 500


class ReplayAskedSchema(Schema):
    """The span, and which changes of it: creations, and updates of any of some fields."""

    from_ = fields.DateTime(required=True, data_key="from")
    to = fields.DateTime(required=True)
    created = fields.Boolean(load_default=True)
    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True, validate=Length(max=MAX_FIELDS),
                          metadata={"description": "updates of any of these; null for all updates"})
    limit = fields.Integer(validate=Range(1, MAX_CHANGES), metadata={"description": "changes that are looked at"})
    cursor = fields.String(allow_none=True)


class ReplaySchema(Schema):
    """Changes in the form of the event, oldest first; how many were looked at, and left out for too long a history."""

    items = fields.List(fields.Dict(), required=True)
    looked_at = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@replays.route("/<object>/replay", methods=["POST"])
@service_only
@replays.doc(**described(ReplayAskedSchema))
@replays.response(200, ReplaySchema)
def replay(object: str) -> Response:
    """Tell changes of a span once more, each with the record as it stood then; only for services."""
    given = reading.only(json_object(), "from", "to", "created", "fields", "limit", "cursor")
    record_type = reading.record_type_of(object)
    page = replayed(current_service(), record_type, _span(given), _limit(given), _cursor(given))
    return json_answer(page)


def _span(given: Mapping[str, Any]) -> Span:
    names = given.get("fields")
    if names is not None and (not isinstance(names, list) or len(names) > MAX_FIELDS
                              or not all(isinstance(name, str) for name in names)):
        raise refusal([Fault("/fields", "bad_list", {"max": MAX_FIELDS})])
    return Span(reading.moment_of(given, "from", "/"), reading.moment_of(given, "to", "/"),
                given.get("created", True) is True, None if names is None else frozenset(names))


def _limit(given: Mapping[str, Any]) -> int:
    limit = given.get("limit", MAX_CHANGES)
    if type(limit) is not int or not 1 <= limit <= MAX_CHANGES:
        raise refusal([Fault("/limit", "bad_limit", {"max": MAX_CHANGES})])
    return limit


def _cursor(given: Mapping[str, Any]) -> str | None:
    cursor = given.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise refusal([Fault("/cursor", "not_text")])
    return cursor

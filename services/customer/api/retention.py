"""`/v1/retention`: after how long records lose their person, or go for good."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import OneOf
from sqlalchemy import Row, select

from chassis.auth.guard import current_principal, requires
from chassis.clock import to_wire
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.store.retention import retention_rule
from services.customer.usecases.privacy.retention import (
    ACTIONS,
    checked_rule,
    drop_rule,
    dry_run,
    found_rule,
    is_seen,
    keep_rule,
)
from services.customer.usecases.refusals import refusal

retention = ServiceBlueprint("retention", __name__, url_prefix="/v1/retention", description="Rules of retention")
_MEMBERS = ("object", "criteria", "field", "days", "action", "active")
_MOST = 200


class RetentionRuleSchema(Schema):
    """Records of an object that meet `criteria` and whose `field` is older than `days`."""

    object = fields.String(required=True)
    criteria = fields.Dict()
    field = fields.String(required=True)
    days = fields.Integer(required=True)
    action = fields.String(required=True, validate=OneOf(ACTIONS))
    active = fields.Boolean()


class RetentionRulesSchema(Schema):
    """All rules, on one page."""

    items = fields.List(fields.Nested(RetentionRuleSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DryRunSchema(Schema):
    """What a rule would take now."""

    count = fields.Integer(required=True)
    count_is = fields.String(required=True)
    examples = fields.List(fields.Dict(), required=True)


@retention.route("")
@requires("objects.manage")
@retention.response(200, RetentionRulesSchema)
def list_all() -> Response:
    """List the rules."""
    query = select(retention_rule).order_by(retention_rule.c.object, retention_rule.c.id).limit(_MOST)
    with current_service().db.read() as connection:
        rows = connection.execute(query).all()
    seen = [_shown(row) for row in rows if is_seen(current_service(), current_principal(), row)]
    return json_answer({"items": seen, "next_cursor": None})


@retention.route("", methods=["POST"])
@requires("objects.manage")
@retention.doc(**described(RetentionRuleSchema))
@writes
@retention.response(201, RetentionRuleSchema)
def create(uow: Any) -> Response:
    """Make a rule; it rests until it is active."""
    return json_answer(_kept(uow, _new_rule()), 201)


@retention.route("/dry-run", methods=["POST"])
@requires("objects.manage")
@retention.doc(**described(RetentionRuleSchema))
@writes
@retention.response(200, DryRunSchema)
def try_draft(uow: Any) -> Response:
    """Say what a rule that is not kept yet would take now; nothing changes."""
    service, principal = current_service(), current_principal()
    return json_answer(dry_run(service, uow, principal, checked_rule(service, principal, _new_rule())))


@retention.route("/<id>", methods=["PUT"])
@requires("objects.manage")
@retention.doc(**described(RetentionRuleSchema))
@writes
@retention.response(200, RetentionRuleSchema)
def change(id: str, uow: Any) -> Response:
    """Put another rule for the same object in its place."""
    return json_answer(_kept(uow, reading.only(json_object(), *_MEMBERS), id))


@retention.route("/<id>", methods=["DELETE"])
@requires("objects.manage")
@writes
@retention.response(204)
def delete(id: str, uow: Any) -> Response:
    """Take a rule away."""
    drop_rule(current_service(), uow, current_principal(), id)
    return Response(status=204)


@retention.route("/<id>/dry-run", methods=["POST"])
@requires("objects.manage")
@writes
@retention.response(200, DryRunSchema)
def try_out(id: str, uow: Any) -> Response:
    """Say what a rule would take now; nothing changes."""
    service, principal = current_service(), current_principal()
    return json_answer(dry_run(service, uow, principal, found_rule(service, uow, principal, id)._mapping))


def _kept(uow: Any, given: dict[str, Any], id: str | None = None) -> dict[str, Any]:
    service, principal = current_service(), current_principal()
    return _shown(found_rule(service, uow, principal, keep_rule(service, uow, principal, given, id)))


def _new_rule() -> dict[str, Any]:
    given = reading.only(json_object(), *_MEMBERS)
    if not isinstance(given.get("object"), str):
        raise refusal([Fault("/object", "unknown_object")])
    return given


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in _MEMBERS},
            "last_run_at": to_wire(row.last_run_at) if row.last_run_at else None, "last_run": row.last_run}

"""`/v1/runs`: what rules did, why, and how it ended."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import OneOf
from sqlalchemy import Connection

from chassis.auth import current_principal, requires
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, Text
from services.workflow.api.schemas import moment_text
from services.workflow.api.seeing import runs_as_seen
from services.workflow.queries.runs import select_runs, show_run
from services.workflow.store.tables import rule_run

OUTCOMES = ("pending", "done", "failed", "stopped")


class ActionResultSchema(Schema):
    """What one action came to."""

    type = fields.String(required=True)
    result = fields.String(required=True)
    detail = fields.String(required=True, allow_none=True)
    record_id = fields.String(required=True, allow_none=True, metadata={"description": "of the record it created"})
    object = fields.String(required=True, allow_none=True)


class RunSchema(Schema):
    """One run of one rule on one change of one record."""

    id = fields.String(required=True)
    rule_id = fields.String(required=True)
    rule_version = fields.Integer(required=True)
    rule_name = fields.String(required=True)
    object = fields.String(required=True)
    record_id = fields.String(required=True)
    record_version = fields.Integer(required=True)
    record_title = fields.String(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    clauses = fields.List(fields.Dict(), required=True)
    actions = fields.List(fields.Nested(ActionResultSchema), required=True)
    error = fields.String(required=True, allow_none=True)
    depth = fields.Integer(required=True)
    request_id = fields.String(required=True)
    bulk = fields.String(required=True, allow_none=True)
    at = moment_text(required=True)
    settled_at = moment_text(required=True, allow_none=True)


RunPageSchema = page_of(RunSchema)


class RuleRunQuery(PageQuery):
    """Filters of the list of one rule's runs."""

    record_id = IdField()
    object = Text(max=63)
    outcome = fields.String(validate=OneOf(OUTCOMES))
    request_id = Text(max=80)
    bulk = Text(max=80)


class RunQuery(RuleRunQuery):
    """Filters of the list of all runs."""

    rule_id = IdField()


blueprint = ServiceBlueprint("runs", __name__, url_prefix="/v1/runs", description="Runs of rules")


@blueprint.route("")
@requires("rules.manage")
@blueprint.arguments(RunQuery, location="query")
@blueprint.response(200, RunPageSchema)
def list_runs(query: dict[str, Any]) -> Any:
    """List runs, newest first."""
    with current_app.extensions["freehold"].db.read() as connection:
        return runs_page(connection, query)


def runs_page(connection: Connection, query: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the runs that match, as far as the caller may know what they are about."""
    locale = current_principal().locale
    page = list_page(connection, select_runs(query), [(rule_run.c.at, True), (rule_run.c.id, True)],
                     limit=query["limit"], cursor=query["cursor"], render=lambda row: show_run(row._mapping, locale))
    return page | {"items": runs_as_seen(page["items"])}

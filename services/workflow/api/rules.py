"""`/v1/rules`: for who manages rules."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.meeting import meets
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.writes import writes
from services.workflow.api.runs import RuleRunQuery, RunPageSchema, runs_page
from services.workflow.api.schemas import ActorSchema, Flag, key_field, moment_text, position_field
from services.workflow.queries import rules as queries
from services.workflow.store.rulebook import Book
from services.workflow.store.tables import rule, rule_version
from services.workflow.usecases import managing_rules as usecases

MANAGE = "rules.manage"


class RuleBody(StrictSchema):
    """A rule: when (trigger), on what condition (criteria), what happens (actions)."""

    key = key_field(load_default=None, allow_none=True)
    name = LocalText(required=True)
    object = Text(max=63, min=1, required=True)
    trigger = fields.Dict(required=True, metadata={
        "description": '`{"on": "created" | "changed" | "becomes", "fields": [names, only with changed]}`'})
    criteria = fields.Dict(load_default=dict, metadata={"description": "A condition; see the criteria reference"})
    actions = fields.List(fields.Dict(), required=True, metadata={
        "description": "1 to 10 of `set_fields`, `tag`, `assign`, `create_record`, `create_task`, `notify`, "
                       "`start_process`, `send_email`"})
    active = Flag(load_default=True)
    position = position_field(load_default=100)


class RuleChanges(StrictSchema):
    """The members of a rule that are to change."""

    key = key_field(allow_none=True)
    name = LocalText()
    object = Text(max=63, min=1)
    trigger = fields.Dict()
    criteria = fields.Dict()
    actions = fields.List(fields.Dict())
    active = Flag()
    position = position_field()


class RuleSchema(Schema):
    """A rule with its version; `problem` says why it rests although it is active."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.Dict(required=True)
    object = fields.String(required=True)
    trigger = fields.Dict(required=True)
    criteria = fields.Dict(required=True)
    actions = fields.List(fields.Dict(), required=True)
    active = fields.Boolean(required=True)
    position = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = moment_text(required=True)
    updated_at = moment_text(required=True)
    problem = fields.String(required=True, allow_none=True)


class RuleVersionSchema(Schema):
    """One version of a rule: what it was, who made it and when."""

    version = fields.Integer(required=True)
    action = fields.String(required=True)
    rule = fields.Dict(required=True)
    at = moment_text(required=True)
    by = fields.Nested(ActorSchema, required=True)


class RuleQuery(PageQuery):
    """Filters of the list."""

    object = Text(max=63)
    key = Text(max=100)
    active = Flag()


blueprint = ServiceBlueprint("rules", __name__, url_prefix="/v1/rules", description="Rules")


@blueprint.route("")
@requires(MANAGE)
@blueprint.arguments(RuleQuery, location="query")
@blueprint.response(200, page_of(RuleSchema))
def list_rules(query: dict[str, Any]) -> Any:
    """List rules in the order in which they act."""
    service, locale = current_app.extensions["freehold"], current_principal().locale
    with service.db.read() as connection:
        book = service.parts["rulebook"].current(connection)
        return list_page(connection, queries.select_rules(query), [
            (rule.c.object, False), (rule.c.position, False), (rule.c.id, False)], limit=query["limit"],
            cursor=query["cursor"], render=lambda row: _shown(row._mapping, book, locale))


@blueprint.route("", methods=["POST"])
@meets
@writes
@requires(MANAGE)
@blueprint.arguments(RuleBody)
@blueprint.response(201, RuleSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Create a rule."""
    service = current_app.extensions["freehold"]
    row = usecases.create_rule(service, uow, current_principal(), body)
    return queries.show_rule(row), {"ETag": etag(row["version"]), "Location": f"/v1/rules/{row['id']}"}


@blueprint.route("/<id>")
@requires(MANAGE)
@blueprint.response(200, RuleSchema)
def show(id: str) -> Any:
    """Return one rule."""
    service = current_app.extensions["freehold"]
    with service.db.read() as connection:
        row = queries.find_rule(connection, id)
        book = service.parts["rulebook"].current(connection)
    return _shown(row, book, current_principal().locale), {"ETag": etag(row["version"])}


@blueprint.route("/<id>", methods=["PATCH"])
@meets
@writes
@requires(MANAGE)
@blueprint.arguments(RuleChanges)
@blueprint.response(200, RuleSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change members of a rule."""
    row = usecases.change_rule(current_app.extensions["freehold"], uow, current_principal(), id, body)
    return queries.show_rule(row), {"ETag": etag(row["version"])}


@blueprint.route("/<id>", methods=["DELETE"])
@writes
@requires(MANAGE)
@blueprint.response(204)
def remove(id: str, uow: UnitOfWork) -> None:
    """Delete a rule; its runs stay."""
    usecases.delete_rule(uow, current_principal(), id)


@blueprint.route("/<id>/versions")
@requires(MANAGE)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(RuleVersionSchema))
def list_versions(query: dict[str, Any], id: str) -> Any:
    """List the versions of a rule, newest first."""
    with current_app.extensions["freehold"].db.read() as connection:
        queries.find_rule(connection, id)
        return list_page(connection, queries.select_versions(id), [(rule_version.c.version, True)],
                         limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: queries.show_version(row._mapping))


@blueprint.route("/<id>/runs")
@requires(MANAGE)
@blueprint.arguments(RuleRunQuery, location="query")
@blueprint.response(200, RunPageSchema)
def list_runs(query: dict[str, Any], id: str) -> Any:
    """List the runs of a rule, newest first."""
    with current_app.extensions["freehold"].db.read() as connection:
        queries.find_rule(connection, id)
        return runs_page(connection, query | {"rule_id": id})


def _shown(row: Any, book: Book, locale: str) -> dict[str, Any]:
    return queries.show_rule(row, queries.problem_of(row, book, locale))

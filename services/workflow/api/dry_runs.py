"""`/v1/dry-runs`: a rule or a process, saved or still a draft, over the changes of the last days without any effect."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from marshmallow import Schema, fields
from marshmallow.validate import Range

from chassis.auth import current_principal, requires
from chassis.calls import Answer
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, LocalText, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from services.workflow.api.approvals import approval_field, file_field
from services.workflow.api.rules import MANAGE, RuleBody
from services.workflow.api.schemas import ActorSchema, LinkSchema, moment_text
from services.workflow.api.seeing import seen_records
from services.workflow.queries import dry_runs as queries
from services.workflow.store.dry_runs import dry_run_hit
from services.workflow.usecases.trying import start as usecases


class TriedProcess(StrictSchema):
    """A process that is being drawn: its form, or its BPMN file."""

    name = LocalText(load_default=dict)
    object = Text(max=63, min=1, load_default=None, allow_none=True, metadata={
        "description": "of a new process; one with a `process_id` keeps its own"})
    approval = approval_field()
    xml = file_field()


class DryRunBody(StrictSchema):
    """A saved rule or a draft, or a saved process or a draft; with both, the draft takes the place of the saved one."""

    process_id = IdField(load_default=None, allow_none=True)
    process = fields.Nested(TriedProcess, load_default=None, allow_none=True)

    rule_id = IdField(load_default=None, allow_none=True)
    rule = fields.Nested(RuleBody, load_default=None, allow_none=True)
    days = fields.Integer(strict=True, load_default=None, allow_none=True, validate=Range(1, 3650),
                          metadata={"description": "how many days back; no more than the installation allows"})


class DryRunCountsSchema(Schema):
    """Changes looked at and left out; how often the rule would have fired and done what; `records` of those kept."""

    looked_at = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    firings = fields.Integer(required=True)
    records = fields.Integer(required=True)
    written = fields.Integer(required=True)
    tasks = fields.Integer(required=True)
    messages = fields.Integer(required=True)
    processes = fields.Integer(required=True)
    creations = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    clashes = fields.Integer(required=True)
    loops = fields.Integer(required=True)
    blocked = fields.Integer(required=True, metadata={"description": "instances of a process that would not go on"})


class DryRunSchema(Schema):
    """How a dry run stands; `stopped` says at which bound it ended early, `reached` how far it came."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    rule_id = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "running, finished, failed, cancelled"})
    since = moment_text(required=True)
    until = moment_text(required=True)
    reached = moment_text(required=True)
    progress = fields.Float(required=True)
    can_cancel = fields.Boolean(required=True)
    stopped = fields.String(required=True, allow_none=True)
    counts = fields.Nested(DryRunCountsSchema, required=True)
    process_id = fields.String(required=True, allow_none=True)
    stops = fields.List(fields.Dict(), required=True, metadata={
        "description": "of a process: how many instances come to an element or take a way: `{node, name, count}`"})
    notes = fields.List(fields.String(), required=True)
    problem = fields.String(required=True, allow_none=True)


class DryRunHitSchema(Schema):
    """A change on which the rule would have fired, and what it would have done; `hidden`: a record not to be seen."""

    number = fields.Integer(required=True)
    at = moment_text(required=True)
    hidden = fields.Boolean(required=True)
    record = fields.Nested(LinkSchema, required=True, allow_none=True)
    by = fields.Nested(ActorSchema, required=True, allow_none=True)
    writes = fields.List(fields.Dict(), required=True, metadata={"description": "`{field, before, after}`"})
    actions = fields.List(fields.Dict(), required=True, metadata={"description": "`{type, result, detail}`"})
    tasks = fields.List(fields.Dict(), required=True, metadata={"description": "`{title, due_at, assignee}`"})
    messages = fields.List(fields.Dict(), required=True, metadata={"description": "`{to, template, message}`"})
    records = fields.List(fields.Dict(), required=True, metadata={"description": "`{object, owner, values}`"})
    mails = fields.List(fields.Dict(), required=True, metadata={"description": "to customers: `{to, template}`"})
    processes = fields.List(fields.Dict(), required=True, metadata={"description": "`{process, applicant}`"})
    clashes = fields.List(fields.Dict(), required=True, metadata={
        "description": "other active rules that write the same field: `{rule_id, rule_name, field, wins}`"})
    path = fields.Dict(required=True, allow_none=True, metadata={
        "description": "of a process: `{applicant, stops: [{node, name, what, people}], ended, problem, started_by}`; "
                       "`what` is `asked`, `done`, `way`, or `waits` where it comes no further"})
    loop = fields.Dict(required=True, allow_none=True, metadata={
        "description": "the rule would fire again through what it writes: `{step, endless, rules}`"})


blueprint = ServiceBlueprint("dry_runs", __name__, url_prefix="/v1/dry-runs",
                             description="Rules and processes tried out")


@blueprint.route("", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.arguments(DryRunBody)
@blueprint.response(202, DryRunSchema)
def start(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Try a rule or a process out; a dry run of the caller's that is still under way ends."""
    id = usecases.start_dry_run(current_app.extensions["freehold"], uow, current_principal(), body, _ask_as_caller)
    return _shown(uow.connection, id), {"Location": f"/v1/dry-runs/{id}"}


@blueprint.route("/<id>")
@requires(MANAGE)
@blueprint.response(200, DryRunSchema)
def show(id: str) -> Any:
    """Return how one's own dry run stands."""
    with current_app.extensions["freehold"].db.read() as connection:
        return _shown(connection, id)


@blueprint.route("/<id>/cancel", methods=["POST"])
@writes
@requires(MANAGE)
@blueprint.response(200, DryRunSchema)
def cancel(id: str, uow: UnitOfWork) -> Any:
    """Stop one's own dry run; what it has found stays."""
    usecases.cancel_dry_run(uow, current_principal(), id)
    return _shown(uow.connection, id)


@blueprint.route("/<id>/hits")
@requires(MANAGE)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(DryRunHitSchema))
def list_hits(query: dict[str, Any], id: str) -> Any:
    """List what one's own dry run has found, the oldest change first."""
    service, principal = current_app.extensions["freehold"], current_principal()
    with service.db.read() as connection:
        run = usecases.own_dry_run(connection, principal, id)
        model = service.parts["rulebook"].current(connection).objects.get(run.object)
        page = list_page(connection, queries.select_hits(run.id), [(dry_run_hit.c.number, False)],
                         limit=query["limit"], cursor=query["cursor"], render=lambda row: row)
    if model is None:
        raise not_found("object")
    visible = seen_records({(run.object, row.record_id) for row in page["items"]})
    return page | {"items": queries.show_hits(service, principal, model, page["items"], visible,
                                              (run.process or {}).get("names", {}))}


def _shown(connection: Any, id: str) -> dict[str, Any]:
    principal = current_principal()
    run = usecases.own_dry_run(connection, principal, id)
    return queries.show_run(connection, run, principal.locale)


def _ask_as_caller(path: str, body: Any) -> Answer:
    return current_app.extensions["freehold"].calls.request(
        "customer", "POST", path, anonymous=True, json=body,
        headers={"Authorization": request.headers["Authorization"]})

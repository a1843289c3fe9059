"""`/v1/absences`: who stands in for whom, and when."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from chassis.auth import current_principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import IdField, StrictSchema
from chassis.http.writes import writes
from services.workflow.api.schemas import ActorSchema, Flag, Moment, moment_text
from services.workflow.queries import absences as queries
from services.workflow.store.tables import absence
from services.workflow.usecases import absences as usecases


class AbsenceBody(StrictSchema):
    """Who stands in, and when; `person_id` says for whom, for who manages users (else the caller)."""

    person_id = IdField()
    deputy_id = IdField(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class AbsenceSchema(Schema):
    """An absence; `now`: it has begun and is not over."""

    id = fields.String(required=True)
    person = fields.Nested(ActorSchema, required=True)
    deputy = fields.Nested(ActorSchema, required=True)
    starts_at = moment_text(required=True)
    ends_at = moment_text(required=True)
    now = fields.Boolean(required=True)


class AbsenceQuery(PageQuery):
    """Filters of the list; without `over` only what is not over yet."""

    person_id = IdField()
    over = Flag(load_default=False)


blueprint = ServiceBlueprint("absences", __name__, url_prefix="/v1/absences", description="Absences and deputies")


@blueprint.route("")
@blueprint.arguments(AbsenceQuery, location="query")
@blueprint.response(200, page_of(AbsenceSchema))
def list_absences(query: dict[str, Any]) -> Any:
    """List the caller's absences and those in which he stands in; somebody else's for who manages users."""
    service, principal, now = current_app.extensions["freehold"], current_principal(), utcnow()
    with service.db.read() as connection:
        return list_page(connection, queries.select_absences(principal, query, now), [
            (absence.c.starts_at, False), (absence.c.id, False)], limit=query["limit"], cursor=query["cursor"],
            render=lambda row: queries.show_absence(service, row._mapping, now))


@blueprint.route("", methods=["POST"])
@writes
@blueprint.arguments(AbsenceBody)
@blueprint.response(201, AbsenceSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Name a deputy for a span of time; new tasks and approvals go to him meanwhile."""
    service = current_app.extensions["freehold"]
    row = usecases.name_deputy(service, uow, current_principal(), body)
    return queries.show_absence(service, row, utcnow()), {"Location": f"/v1/absences/{row['id']}"}


@blueprint.route("/<id>", methods=["DELETE"])
@writes
@blueprint.response(204)
def end(id: str, uow: UnitOfWork) -> None:
    """End an absence now, or call it off."""
    usecases.end_absence(uow, current_principal(), id)

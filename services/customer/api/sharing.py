"""Sharing: `/v1/records/{object}/{id}/shares` for single records, `/v1/sharing/rules` for rules over values."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, g
from sqlalchemy import select

from chassis.auth.guard import current_principal, requires, service_only
from chassis.http.current import current_service, json_answer
from chassis.http.meeting import meets
from chassis.http.openapi import ServiceBlueprint
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from chassis.ids import is_id
from services.customer.api import reading
from services.customer.api import sharing_schemas as schemas
from services.customer.api.documents import RULE_PARAMETERS, TIMELINE_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.model.sharing import SharingRule
from services.customer.queries.explain import explain_own, explain_people
from services.customer.queries.shares import shares_of
from services.customer.store.relations import related_fields
from services.customer.store.sharing.rules import rule_of
from services.customer.store.sharing.shares import page_of_shares
from services.customer.store.sharing.tables import sharing_rule
from services.customer.usecases.refusals import refusal
from services.customer.usecases.sharing.rules import change_rule, find_rule, make_rule, remove_rule
from services.customer.usecases.sharing.shares import revoke_share, share_record
from services.customer.usecases.sharing.telling import grantee_name
from services.customer.usecases.sharing.unmask import unmask_value

log = logging.getLogger(__name__)

sharing = ServiceBlueprint("sharing", __name__, url_prefix="/v1", description="With whom records are shared")


@sharing.route("/records/<object>/<id>/shares")
@sharing.response(200, schemas.SharesSchema)
def shares(object: str, id: str) -> Response:
    """List with whom a record is shared, and its team."""
    return json_answer(shares_of(current_service(), current_principal(), reading.record_type_of(object), id))


@sharing.route("/records/<object>/<id>/shares", methods=["POST"])
@sharing.doc(**described(schemas.ShareGivenSchema))
@reading.body_first
@writes
@sharing.response(201, schemas.ShareMadeSchema)
def share(object: str, id: str, uow: Any) -> Response:
    """Share a record with somebody, take him into its team, or change how."""
    given = reading.only(reading.body(), "grantee", "level", "team", "expires_at")
    principal, record_type = current_principal(), reading.record_type_of(object)
    made = share_record(current_service(), uow, principal, record_type, id, given)
    uow.after_commit(current_service().parts["types"].expire)
    log.info("%s/%s shared by %s", object, id, principal.key, extra={"audit": "records.shared"})
    return json_answer({"id": made}, 201)


@sharing.route("/records/<object>/<id>/shares/<share_id>", methods=["DELETE"])
@writes
@sharing.response(204)
def revoke(object: str, id: str, share_id: str, uow: Any) -> Response:
    """Take a share back, or give up one's own."""
    principal = current_principal()
    revoke_share(current_service(), uow, principal, reading.record_type_of(object), id, share_id)
    log.info("share of %s/%s revoked by %s", object, id, principal.key, extra={"audit": "records.share_revoked"})
    return Response(status=204)


@sharing.route("/records/<object>/<id>/unmask", methods=["POST"])
@requires("values.unmask")
@sharing.doc(**described(schemas.UnmaskSchema))
@reading.body_first
@writes
@sharing.response(200, schemas.UnmaskedSchema)
def unmask(object: str, id: str, uow: Any) -> Response:
    """Have one masked value shown, for a reason that the audit log keeps."""
    given = reading.only(reading.body(), "field", "reason")
    principal, record_type = current_principal(), reading.record_type_of(object)
    value = unmask_value(current_service(), uow, principal, record_type, id, given.get("field"), given.get("reason"))
    g.remember_instead = "{}"
    return json_answer({"value": value})


@sharing.route("/records/<object>/<id>/access")
@sharing.response(200, schemas.RecordAccessSchema)
def why(object: str, id: str) -> Response:
    """Tell why the caller sees a record, and what he may do with it."""
    return json_answer(explain_own(current_service(), current_principal(), reading.record_type_of(object), id))


@sharing.route("/records/<object>/<id>/access/people")
@sharing.doc(parameters=TIMELINE_PARAMETERS)
@sharing.response(200, schemas.PeoplePageSchema)
def who(object: str, id: str) -> Response:
    """List the people who see a record, each with the reasons."""
    limit, cursor = reading.page_of_query()
    if cursor is not None and not is_id(cursor):
        raise refusal([Fault("?cursor", "cursor_invalid")])
    record_type = reading.record_type_of(object)
    return json_answer(explain_people(current_service(), current_principal(), record_type, id, limit, cursor))


@sharing.route("/sharing/rules")
@requires("roles.manage")
@sharing.doc(parameters=RULE_PARAMETERS)
@sharing.response(200, schemas.RulePageSchema)
def list_rules() -> Response:
    """List sharing rules."""
    given = reading.parameters_among("object", "limit", "cursor")
    limit, cursor = reading.page_among(given)
    query = select(sharing_rule)
    if given.get("object"):
        query = query.where(sharing_rule.c.object == given["object"])
    if current_principal().kind != "service":  # those of pools are for who keeps a copy; people see the pools
        query = query.where(sharing_rule.c.pool_id.is_(None))
    with current_service().db.read() as connection:
        page = list_page(connection, query, ((sharing_rule.c.id, False),), limit=limit, cursor=cursor,
                         render=lambda row: _shown(rule_of(row)))
    return json_answer(page)


@sharing.route("/sharing/rules", methods=["POST"])
@requires("roles.manage")
@sharing.doc(**described(schemas.RuleGivenSchema))
@meets
@writes
@sharing.response(201, schemas.RuleSchema)
def make(uow: Any) -> Response:
    """Make a sharing rule."""
    given = reading.only(json_object(), "object", "name", "criteria", "grantees", "level", "active")
    name = given.get("object")
    record_type = current_service().parts["types"].find(name) if isinstance(name, str) else None
    if record_type is None:
        raise refusal([Fault("/object", "unknown_object")])
    return json_answer(_shown(make_rule(current_service(), uow, current_principal(), record_type, given)), 201)


@sharing.route("/sharing/rules/<id>")
@requires("roles.manage")
@sharing.response(200, schemas.RuleSchema)
def rule(id: str) -> Response:
    """Read a sharing rule."""
    with current_service().db.read() as connection:
        return json_answer(_shown(find_rule(connection, id)))


@sharing.route("/sharing/rules/<id>", methods=["PATCH"])
@requires("roles.manage")
@sharing.doc(**described(schemas.RuleChangeSchema))
@meets
@writes
@sharing.response(200, schemas.RuleSchema)
def change(id: str, uow: Any) -> Response:
    """Change a sharing rule."""
    given = reading.only(json_object(), "name", "criteria", "grantees", "level", "active")
    return json_answer(_shown(change_rule(current_service(), uow, current_principal(), id, given)))


@sharing.route("/sharing/rules/<id>", methods=["DELETE"])
@requires("roles.manage")
@writes
@sharing.response(204)
def remove(id: str, uow: Any) -> Response:
    """Remove a sharing rule."""
    remove_rule(current_service(), uow, current_principal(), id)
    return Response(status=204)


@sharing.route("/sharing/shares")
@service_only
@sharing.doc(parameters=TIMELINE_PARAMETERS)
@sharing.response(200, schemas.EventSharePageSchema)
def all_shares() -> Response:
    """Read all shares, for services that keep a copy."""
    given = reading.parameters_among("limit", "cursor")
    limit, cursor = reading.page_among(given)
    if cursor is not None and not is_id(cursor):
        raise refusal([Fault("?cursor", "cursor_invalid")])
    with current_service().db.read() as connection:
        items = page_of_shares(connection, cursor, limit)
    return json_answer({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


def _shown(one: SharingRule) -> dict[str, Any]:
    directory, locale = current_service().directory.snapshot(), current_principal().locale
    record_type = current_service().parts["types"].find(one.object)
    broken = record_type is None or one.criterion(related_fields(record_type)) is None
    return one.to_wire() | {"broken": broken, "grantee_names": {
        grantee: grantee_name(directory, grantee, locale) for grantee in one.grantees}}

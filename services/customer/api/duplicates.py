"""`/v1/duplicates/{object}`: records that look alike, what counts for it, and what people decided."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import duplicate_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import PAIR_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.model.likeness.setup import Setup
from services.customer.queries.duplicate_pairs import pairs_query, show_pairs, show_scan
from services.customer.store.duplicates.pairs import DECISIONS, OPEN
from services.customer.store.duplicates.tables import duplicate_pair
from services.customer.usecases.access import Access
from services.customer.usecases.duplicates.configure import choose_setup, decide_pair, forget_setup
from services.customer.usecases.duplicates.scan import setup_of, start_scan
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_sensitive_list

duplicates = ServiceBlueprint("duplicates", __name__, url_prefix="/v1/duplicates",
                              description="Records that look alike")


@duplicates.route("/<object>")
@duplicates.doc(parameters=PAIR_PARAMETERS)
@duplicates.response(200, page_of(schemas.PairSchema))
def list_pairs(object: str) -> Response:
    """List pairs of records that look alike, the surest first."""
    principal, record_type, service = current_principal(), reading.record_type_of(object), current_service()
    given = reading.parameters_among("state", "limit", "cursor")
    state = given.get("state", OPEN)
    if state not in (OPEN, *DECISIONS):
        raise refusal([Fault("?state", "not_a_choice", {"value": state[:60]})])
    limit, cursor = reading.page_among(given)
    with service.db.read() as connection:
        page = list_page(connection, pairs_query(record_type, principal, state),
                         ((duplicate_pair.c.score, True), (duplicate_pair.c.id, True)), limit=limit, cursor=cursor,
                         render=lambda row: row)
    pairs = show_pairs(service, principal, record_type, page["items"])
    tell_sensitive_list(service, principal, record_type, None, 2 * len(pairs))
    return json_answer(page | {"items": pairs})


@duplicates.route("/<object>/pairs/<id>", methods=["POST"])
@duplicates.doc(**described(schemas.DecisionSchema))
@writes
@duplicates.response(204)
def decide(object: str, id: str, uow: Any) -> Response:
    """Decide about a pair: the same, different, later, or open again."""
    given = reading.only(json_object(), "decision")
    decide_pair(uow, current_principal(), reading.record_type_of(object), id, given.get("decision"))
    return Response(status=204)


@duplicates.route("/<object>/scan")
@duplicates.response(200, schemas.LatestScanSchema)
def scan(object: str) -> Response:
    """Read how the latest scan stands."""
    record_type = _readable(object)
    with current_service().db.read() as connection:
        return json_answer({"scan": show_scan(connection, record_type)})


@duplicates.route("/<object>/scan", methods=["POST"])
@requires("objects.manage")
@writes
@duplicates.response(202, schemas.LatestScanSchema)
def begin_scan(object: str, uow: Any) -> Response:
    """Look through all records of an object for pairs that look alike, in the background."""
    record_type = reading.record_type_of(object)
    start_scan(uow, record_type)
    return json_answer({"scan": show_scan(uow.connection, record_type)}, 202)


@duplicates.route("/<object>/setup")
@duplicates.response(200, schemas.ShownSetupSchema)
def setup(object: str) -> Response:
    """Read which fields say that two records are one."""
    record_type = _readable(object)
    with current_service().db.read() as connection:
        return json_answer(_shown(setup_of(connection, record_type)))


@duplicates.route("/<object>/setup", methods=["PUT"])
@requires("objects.manage")
@duplicates.doc(**described(schemas.SetupSchema))
@writes
@duplicates.response(200, schemas.ShownSetupSchema)
def change_setup(object: str, uow: Any) -> Response:
    """Choose which fields say that two records are one; the next scan goes by it."""
    given = {name: value for name, value in json_object().items() if name != "is_chosen"}  # as it was shown
    return json_answer(_shown(choose_setup(uow, reading.record_type_of(object), given)))


@duplicates.route("/<object>/setup", methods=["DELETE"])
@requires("objects.manage")
@writes
@duplicates.response(204)
def drop_setup(object: str, uow: Any) -> Response:
    """Go back to what the fields suggest."""
    forget_setup(uow, reading.record_type_of(object))
    return Response(status=204)


def _shown(setup: Setup) -> dict[str, Any]:
    return setup.to_wire() | {"is_chosen": setup.is_chosen}


def _readable(object: str) -> Any:
    record_type = reading.record_type_of(object)
    Access(current_principal(), record_type).need("read")
    return record_type

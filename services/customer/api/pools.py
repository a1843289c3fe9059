"""Public pools: `/v1/pools`, and claiming, returning, assigning and moving records below `/v1/records/{object}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from chassis.auth.guard import current_principal, requires
from chassis.context import current_cause
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag
from chassis.http.meeting import meets
from chassis.http.openapi import PageQuery, ServiceBlueprint
from chassis.http.paging import list_page
from chassis.http.parsing import Text, json_object
from chassis.http.problem import caller_locale, not_found
from chassis.http.writes import writes
from services.customer.api import pool_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.model.pools import MEMBERS
from services.customer.queries.pools import (
    latest_run,
    leads,
    own_pools,
    passages_query,
    pool_of_record,
    show_passage,
    show_pool,
)
from services.customer.store.pools.tables import pool_passage
from services.customer.usecases.pools.automatic import preview, start_run
from services.customer.usecases.pools.manage import change_pool, drafted_rule, find_pool, make_pool, remove_pool
from services.customer.usecases.pools.passing import Passing
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result

pools = ServiceBlueprint("pools", __name__, url_prefix="/v1", description="Public pools of records")


class PoolQuery(PageQuery):
    """Whose pools."""

    object = Text(max=63, load_default=None)


@pools.route("/pools")
@pools.arguments(PoolQuery, location="query")
@pools.response(200, schemas.PoolPageSchema)
def list_all(query: dict[str, Any]) -> Response:
    """List the pools that the caller is in, with how he stands; all of them for who manages objects."""
    principal, after = current_principal(), query["cursor"]
    found = own_pools(principal, current_service().parts["types"].all(), query["object"])
    found = [one for one in sorted(found, key=lambda one: one.id) if after is None or one.id > after]
    shown = found[:query["limit"]]
    with current_service().db.read() as connection:
        items = [show_pool(current_service(), connection, principal, one) for one in shown]
    return json_answer({"items": items, "next_cursor": shown[-1].id if len(found) > len(shown) else None})


@pools.route("/pools", methods=["POST"])
@requires("objects.manage")
@pools.doc(**described(schemas.PoolGivenSchema))
@meets
@writes
@pools.response(201, schemas.PoolSchema)
def make(uow: Any) -> Response:
    """Make a pool; the first one of an object gives it the fields that pools need."""
    given = reading.only(json_object(), "object", *MEMBERS)
    name = given.get("object")
    record_type = current_service().parts["types"].find(name) if isinstance(name, str) else None
    if record_type is None:
        raise refusal([Fault("/object", "unknown_object")])
    body = {name: given[name] for name in given if name != "object"}
    made = make_pool(current_service(), uow, current_principal(), record_type, body)
    return json_answer(show_pool(current_service(), uow.connection, current_principal(), made), 201)


@pools.route("/pools/<id>")
@pools.response(200, schemas.PoolSchema)
def get(id: str) -> Response:
    """Read a pool that the caller is in, with how he stands."""
    principal = current_principal()
    with current_service().db.read() as connection:
        found = find_pool(connection, id)
        if found not in own_pools(principal, current_service().parts["types"].all(), found.object):
            raise not_found("pool")
        return json_answer(show_pool(current_service(), connection, principal, found))


@pools.route("/pools/<id>", methods=["PATCH"])
@requires("objects.manage")
@pools.doc(**described(schemas.PoolChangeSchema))
@meets
@writes
@pools.response(200, schemas.PoolSchema)
def change(id: str, uow: Any) -> Response:
    """Change a pool."""
    made = change_pool(current_service(), uow, current_principal(), id, reading.only(json_object(), *MEMBERS))
    return json_answer(show_pool(current_service(), uow.connection, current_principal(), made))


@pools.route("/pools/<id>", methods=["DELETE"])
@requires("objects.manage")
@writes
@pools.response(204)
def remove(id: str, uow: Any) -> Response:
    """Remove a pool that no record belongs to."""
    remove_pool(current_service(), uow, current_principal(), id)
    return Response(status=204)


@pools.route("/pools/<id>/passages")
@pools.arguments(PageQuery, location="query")
@pools.response(200, schemas.PoolPassagePageSchema)
def passages(query: dict[str, Any], id: str) -> Response:
    """List what went through a pool, newest first; for its managers."""
    with current_service().db.read() as connection:
        if not leads(current_principal(), find_pool(connection, id)):
            raise not_found("pool")
        return json_answer(list_page(
            connection, passages_query(id), [(pool_passage.c.at, True), (pool_passage.c.id, True)],
            limit=query["limit"], cursor=query["cursor"], render=lambda row: show_passage(current_service(), row)))


@pools.route("/pools/<id>/returns/preview", methods=["POST"])
@requires("objects.manage")
@pools.doc(**described(schemas.ReturnRuleSchema))
@pools.response(200, schemas.ReturnPreviewSchema)
def preview_returns(id: str) -> Response:
    """Say what a rule would take back now, before it is switched on; nothing changes."""
    with current_service().db.read() as connection:
        pool = find_pool(connection, id)
    principal, record_type = current_principal(), reading.record_type_of(pool.object)
    rule = drafted_rule(principal, record_type, json_object())
    return json_answer(preview(current_service(), principal, record_type, pool, rule))


@pools.route("/pools/<id>/returns/run", methods=["POST"])
@requires("objects.manage")
@writes
@pools.response(202, schemas.ReturnRunSchema)
def run_now(id: str, uow: Any) -> Response:
    """Carry out the rules of a pool now, in the background, unless a run is under way."""
    start_run(uow, find_pool(uow.connection, id))
    return json_answer(latest_run(uow.connection, id), 202)


@pools.route("/pools/<id>/returns/run")
@requires("objects.manage")
@pools.response(200, schemas.ReturnRunSchema)
def show_run(id: str) -> Response:
    """Tell about the latest run of a pool's rules."""
    with current_service().db.read() as connection:
        find_pool(connection, id)
        return json_answer(latest_run(connection, id))


@pools.route("/records/<object>/<id>/pool")
@pools.response(200, schemas.RecordPoolSchema)
def state(object: str, id: str) -> Response:
    """Tell where a record stands between pools and people, and what the caller may do with it."""
    return json_answer(pool_of_record(current_service(), current_principal(), reading.record_type_of(object), id))


@pools.route("/records/<object>/<id>/claim", methods=["POST"])
@writes
@pools.response(200, schemas.PassedRecordSchema)
def claim(object: str, id: str, uow: Any) -> Response:
    """Take a record out of its pool for oneself; 409 says who was quicker, or which limit is reached."""
    return _one(_passing(uow, object), lambda passing: passing.claim([id]))


@pools.route("/records/<object>/claim", methods=["POST"])
@pools.doc(**described(schemas.ClaimManySchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedSchema)
def claim_many(object: str, uow: Any) -> Response:
    """Take several records out of their pools; each has a result of its own."""
    given = reading.only(reading.body(), "ids")
    return _many(_passing(uow, object).claim(given.get("ids")))


@pools.route("/records/<object>/<id>/return", methods=["POST"])
@pools.doc(**described(schemas.ReturnSchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedRecordSchema)
def give_back(object: str, id: str, uow: Any) -> Response:
    """Return a record to its pool, or to another."""
    given = reading.only(reading.body(), "pool_id", "reason", "note")
    return _one(_passing(uow, object), lambda passing: passing.give_back([id], **_wishes(given)))


@pools.route("/records/<object>/return", methods=["POST"])
@pools.doc(**described(schemas.ReturnManySchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedSchema)
def give_many_back(object: str, uow: Any) -> Response:
    """Return several records; each has a result of its own."""
    given = reading.only(reading.body(), "ids", "pool_id", "reason", "note")
    return _many(_passing(uow, object).give_back(given.get("ids"), **_wishes(given)))


@pools.route("/records/<object>/<id>/assign", methods=["POST"])
@pools.doc(**described(schemas.AssignSchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedRecordSchema)
def assign(object: str, id: str, uow: Any) -> Response:
    """Give a record of a pool to somebody, as a manager of the pool."""
    given = reading.only(reading.body(), "user_id")
    return _one(_passing(uow, object), lambda passing: passing.assign([id], given.get("user_id")))


@pools.route("/records/<object>/assign", methods=["POST"])
@pools.doc(**described(schemas.AssignManySchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedSchema)
def assign_many(object: str, uow: Any) -> Response:
    """Give several records of pools to somebody; each has a result of its own."""
    given = reading.only(reading.body(), "ids", "user_id")
    return _many(_passing(uow, object).assign(given.get("ids"), given.get("user_id")))


@pools.route("/records/<object>/<id>/move", methods=["POST"])
@pools.doc(**described(schemas.MoveSchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedRecordSchema)
def move(object: str, id: str, uow: Any) -> Response:
    """Put a record without an owner into a pool, as a manager."""
    given = reading.only(reading.body(), "pool_id")
    return _one(_passing(uow, object), lambda passing: passing.move([id], given.get("pool_id")))


@pools.route("/records/<object>/move", methods=["POST"])
@pools.doc(**described(schemas.MoveManySchema))
@reading.body_first
@writes
@pools.response(200, schemas.PassedSchema)
def move_many(object: str, uow: Any) -> Response:
    """Put several records without an owner into a pool; each has a result of its own."""
    given = reading.only(reading.body(), "ids", "pool_id")
    return _many(_passing(uow, object).move(given.get("ids"), given.get("pool_id")))


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.get(name) for name in ("pool_id", "reason", "note")}


def _passing(uow: Any, object: str) -> Passing:
    return Passing(current_service(), uow, current_principal(), reading.record_type_of(object))


def _one(passing: Passing, do: Any) -> Response:
    """One record as the caller sees it then, or that it is out of his sight."""
    record = do(passing)[0].unwrap()
    seen = passing.access.sees(passing.uow.connection, record)
    response = json_answer({"record": passing.access.show(record) if seen else None, "version": record["version"]})
    response.headers["ETag"] = etag(record["version"])
    return response


def _many(results: list[Result]) -> Response:
    done = sum(one.problem is None for one in results)
    return json_answer({"done": done, "results": [_outcome(one) for one in results]})


def _outcome(result: Result) -> dict[str, Any]:
    if result.problem is None:
        return {"status": 200}
    problem = result.problem.to_wire(caller_locale(), request.path, current_cause().request_id)
    return {"status": result.status, "problem": problem}

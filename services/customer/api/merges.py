"""Merging records: `POST /v1/records/{object}/{id}/merge`, and `/v1/merges` to look back and undo."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.writes import writes
from chassis.ids import is_id
from services.customer.api import duplicate_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import MERGE_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.queries.merges import merges_query, show_merges
from services.customer.store.duplicates.tables import record_merge
from services.customer.usecases.access import Access
from services.customer.usecases.merging.merge import merge_records
from services.customer.usecases.merging.undo import undo_merge
from services.customer.usecases.refusals import refusal

log = logging.getLogger(__name__)

merges = ServiceBlueprint("merges", __name__, url_prefix="/v1", description="Merges of records")


@merges.route("/records/<object>/<id>/merge", methods=["POST"])
@merges.doc(**described(schemas.MergeSchema))
@reading.body_first
@writes
@merges.response(200, schemas.MergedSchema)
def merge(object: str, id: str, uow: Any) -> Response:
    """Let this record take in another one of its object."""
    given = reading.only(reading.body(), "merged", "take", "versions")
    principal, record_type = current_principal(), reading.record_type_of(object)
    merge_id, record = merge_records(current_service(), uow, principal, record_type, id, given.get("merged"),
                                     _take(given.get("take")), _versions(given.get("versions")))
    log.info("merge into %s/%s by %s", object, id, principal.key, extra={"audit": "records.merge"})
    shown = Access(principal, record_type).show(record)
    return json_answer({"merge_id": merge_id, "record": shown}, headers={"ETag": etag(record["version"])})


@merges.route("/merges")
@merges.doc(parameters=MERGE_PARAMETERS)
@merges.response(200, page_of(schemas.MergeLineSchema))
def list_merges() -> Response:
    """List merges, the newest first."""
    given = reading.parameters_among("object", "record_id", "limit", "cursor")
    if not given.get("object"):
        raise refusal([Fault("?object", "unknown_object")])
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(given["object"])
    record_id = given.get("record_id")
    if record_id is not None and not is_id(record_id):
        raise refusal([Fault("?record_id", "unknown_reference")])
    limit, cursor = reading.page_among(given)
    with service.db.read() as connection:
        page = list_page(connection, merges_query(record_type, principal, record_id),
                         ((record_merge.c.at, True), (record_merge.c.id, True)), limit=limit, cursor=cursor,
                         render=lambda row: row)
    return json_answer(page | {"items": show_merges(service, principal, record_type, page["items"])})


@merges.route("/merges/<id>/undo", methods=["POST"])
@writes
@merges.response(200, schemas.UndoneSchema)
def undo(id: str, uow: Any) -> Response:
    """Undo a merge as long as nothing contradicts it."""
    principal = current_principal()
    record_type, record = undo_merge(current_service(), uow, principal, id)
    log.info("merge %s undone by %s", id, principal.key, extra={"audit": "records.merge_undone"})
    shown = Access(principal, record_type).show(record)
    return json_answer({"record": shown}, headers={"ETag": etag(record["version"])})


def _take(given: Any) -> list[str] | None:
    if given is not None and not (isinstance(given, list) and all(isinstance(name, str) for name in given)):
        raise refusal([Fault("/take", "not_list")])
    return None if given is None else list(dict.fromkeys(given))


def _versions(given: Any) -> dict[str, int]:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(type(version) is int for version in given.values()):
        raise refusal([Fault("/versions", "not_an_object")])
    return given

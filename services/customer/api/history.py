"""Going back: a record as of a moment, two moments compared, restoring, and `/v1/bin` for what was deleted."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.clock import to_wire, utcnow
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import writes
from services.customer.api import history_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import AS_OF_PARAMETERS, COMPARE_PARAMETERS, PAGE_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.queries.as_of import as_of, differences
from services.customer.queries.get_record import get_record
from services.customer.queries.labels import add_labels
from services.customer.queries.record_bin import binned_records
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.back_then import Moment
from services.customer.usecases.record_bin import purge_from_bin, restore_from_bin
from services.customer.usecases.refusals import refusal
from services.customer.usecases.restore_record import restore_record
from services.customer.usecases.tell_audit import tell_sensitive_read

log = logging.getLogger(__name__)

history = ServiceBlueprint("history", __name__, url_prefix="/v1", description="Records as they were")


@history.route("/records/<object>/<id>/as-of")
@history.doc(parameters=AS_OF_PARAMETERS)
@history.response(200, schemas.MomentSchema)
def show_as_of(object: str, id: str) -> Response:
    """Read a record as it stood at a moment."""
    at = reading.moment_of(reading.parameters_among("at"), "at")
    record_type = reading.record_type_of(object)
    found = as_of(current_service(), current_principal(), record_type, id, at)
    _tell(record_type, found)
    return json_answer({"at": to_wire(at), "state": found.state, "record": _shown(_seen_as(record_type, id), found)})


@history.route("/records/<object>/<id>/compare")
@history.doc(parameters=COMPARE_PARAMETERS)
@history.response(200, schemas.ComparisonSchema)
def compare(object: str, id: str) -> Response:
    """Read what differs between two moments of a record; without `to` that is now."""
    given = reading.parameters_among("from", "to")
    first = reading.moment_of(given, "from")
    second = reading.moment_of(given, "to") if "to" in given else utcnow()
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    one, other = (as_of(service, principal, record_type, id, at) for at in (first, second))
    _tell(record_type, one, other)
    return json_answer({"from": to_wire(first), "to": to_wire(second), "from_state": one.state, "to_state": other.state,
                  "changes": differences(_seen_as(record_type, id), one, other)})


@history.route("/records/<object>/<id>/restore", methods=["POST"])
@history.doc(**described(schemas.MomentChoiceSchema))
@reading.body_first
@writes
@history.response(200, schemas.RestoredRecordSchema)
def restore(object: str, id: str, uow: Any) -> Response:
    """Give a record, or some of its fields, back what stood there at a moment."""
    given = reading.only(reading.body(), "at", "fields")
    principal, record_type = current_principal(), reading.record_type_of(object)
    Access(principal, record_type).need("update")
    fields = given.get("fields")
    if fields is not None and not isinstance(fields, list):
        raise refusal([Fault("/fields", "not_list")])
    moment = reading.moment_of(given, "at", "/")
    record = restore_record(current_service(), uow, principal, record_type, id, moment, fields, expected_version())
    shown = Access(principal, record_type).show(record)
    return json_answer({"record": shown}, headers={"ETag": etag(record["version"])})


@history.route("/bin/<object>")
@history.doc(parameters=PAGE_PARAMETERS)
@history.response(200, schemas.DeletedRecordPageSchema)
def list_bin(object: str) -> Response:
    """List deleted records that can come back, the latest first."""
    limit, cursor = reading.page_of_query()
    return json_answer(binned_records(current_service(), current_principal(), reading.record_type_of(object),
                                limit=limit, cursor=cursor))


@history.route("/bin/<object>/<id>/restore", methods=["POST"])
@writes
@history.response(200, schemas.BroughtBackSchema)
def restore_deleted(object: str, id: str, uow: Any) -> Response:
    """Bring a deleted record back."""
    principal, record_type = current_principal(), reading.record_type_of(object)
    record, lost = restore_from_bin(current_service(), uow, principal, record_type, id)
    access = Access(principal, record_type)
    lost = [name for name in lost if name in access.shape.readable]
    return json_answer({"record": access.show(record), "lost": lost}, headers={"ETag": etag(record["version"])})


@history.route("/bin/<object>/<id>", methods=["DELETE"])
@requires("objects.manage")
@writes
@history.response(204)
def purge(object: str, id: str, uow: Any) -> Response:
    """Let go of a deleted record for good."""
    principal = current_principal()
    purge_from_bin(uow, principal, reading.record_type_of(object), id)
    log.info("record %s/%s purged by %s", object, id, principal.key, extra={"audit": "records.purge"})
    return Response(status=204)


def _seen_as(record_type: RecordType, id: str) -> Access:
    """The caller's access, with every state of the record masked as it is now."""
    principal = current_principal()
    return Access(principal, record_type).as_seen(get_record(current_service(), principal, record_type, id))


def _shown(access: Access, found: Moment) -> Any:
    if found.record is None:
        return None
    return add_labels(current_service(), access.principal, access.record_type, [access.show(found.record)])[0]


def _tell(record_type: RecordType, *found: Moment) -> None:
    records = [one.record for one in found if one.record is not None]
    tell_sensitive_read(current_service(), current_principal(), record_type, records[:1])

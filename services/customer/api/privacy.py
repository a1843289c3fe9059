"""Personal data of one record: `/v1/privacy/{object}/{id}/report`, `/erasure` and `/erase`, and consents."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from chassis.auth.guard import current_principal, requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api.documents import REPORT_PARAMETERS, described
from services.customer.model.faults import Fault
from services.customer.queries.get_record import get_record
from services.customer.queries.privacy.page import report_page
from services.customer.queries.privacy.preview import erasure_preview
from services.customer.queries.privacy.report import person_report, shown_consents
from services.customer.usecases.access import Access
from services.customer.usecases.privacy.consents import add_consent
from services.customer.usecases.privacy.erase import erase_person
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_report

privacy = ServiceBlueprint("privacy", __name__, url_prefix="/v1", description="Personal data")


class ConsentSchema(Schema):
    """One line: agreed to a purpose, or not."""

    purpose = fields.String(required=True)
    granted = fields.Boolean(required=True)
    source = fields.String(required=True)
    at = fields.String()


class ConsentsSchema(Schema):
    """All lines of a record, the latest first, on one page."""

    items = fields.List(fields.Dict(), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PersonReportSchema(Schema):
    """Everything that is kept about a person."""

    object = fields.String(required=True)
    id = fields.String(required=True)
    made_at = fields.String(required=True)
    complete = fields.Boolean(required=True)
    record = fields.Dict(required=True)
    personal_fields = fields.List(fields.String(), required=True)
    consents = fields.List(fields.Dict(), required=True)
    history = fields.List(fields.Dict(), required=True)
    told = fields.List(fields.Dict(), required=True)
    files = fields.List(fields.Dict(), required=True)
    merged = fields.List(fields.String(), required=True)
    related = fields.List(fields.Dict(), required=True)
    segments = fields.List(fields.Dict(), required=True)
    tasks = fields.List(fields.Dict(), required=True)
    mails = fields.List(fields.Dict(), required=True)
    unreachable = fields.List(fields.String(), required=True)


class ErasurePreviewSchema(Schema):
    """What an erasure would reach: fields, merged records, lines of history, files, and records that stay."""

    object = fields.String(required=True)
    id = fields.String(required=True)
    version = fields.Integer(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", required=True)
    merged = fields.Integer(required=True)
    history = fields.Integer(required=True)
    told = fields.Integer(required=True)
    files = fields.Integer(required=True)
    related = fields.List(fields.Dict(), required=True)


class ErasureSchema(Schema):
    """The fields to empty; without them those that say who somebody is."""

    fields_ = fields.List(fields.String(), data_key="fields", allow_none=True)


class ErasedSchema(Schema):
    """The record afterwards, and the fields that were emptied."""

    record = fields.Dict(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", required=True)


@privacy.route("/privacy/<object>/<id>/report")
@requires("objects.manage")
@privacy.doc(parameters=REPORT_PARAMETERS)
@privacy.response(200, PersonReportSchema)
def report(object: str, id: str) -> Response:
    """Read everything that is kept about a person, over all services, as JSON or as a page."""
    given = reading.parameters_among("format")
    kind = given.get("format", "json")
    if kind not in ("json", "html"):
        raise refusal([Fault("?format", "not_one_of", {"words": "json, html"})])
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    found = person_report(service, principal, record_type, id)
    with service.db.unit_of_work() as uow:
        tell_report(uow, principal, record_type, id)
    if kind == "json":
        return json_answer(found)
    response = Response(report_page(record_type, found, principal.locale), content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{object}-{id}.html"'
    return response


@privacy.route("/privacy/<object>/<id>/erasure")
@requires("objects.manage")
@privacy.response(200, ErasurePreviewSchema)
def preview(object: str, id: str) -> Response:
    """Say what an erasure of this record would take; nothing changes."""
    return json_answer(erasure_preview(current_service(), current_principal(), reading.record_type_of(object), id))


@privacy.route("/privacy/<object>/<id>/erase", methods=["POST"])
@requires("objects.manage")
@privacy.doc(**described(ErasureSchema))
@reading.body_first
@writes
@privacy.response(200, ErasedSchema)
def erase(object: str, id: str, uow: Any) -> Response:
    """Erase the personal data of a record everywhere; amounts and counts stay. It cannot be taken back."""
    given = reading.only(reading.body(), "fields")
    names = given.get("fields")
    if names is not None and not isinstance(names, list):
        raise refusal([Fault("/fields", "not_list")])
    service, principal, record_type = current_service(), current_principal(), reading.record_type_of(object)
    get_record(service, principal, record_type, id)
    record, names = erase_person(service, uow, principal, record_type, id, names)
    shown = Access(principal, record_type).show(record)
    return json_answer({"record": shown, "fields": names}, headers={"ETag": etag(record["version"])})


@privacy.route("/records/<object>/<id>/consents")
@privacy.response(200, ConsentsSchema)
def list_consents(object: str, id: str) -> Response:
    """List what somebody agreed to and took back."""
    service, record_type = current_service(), reading.record_type_of(object)
    get_record(service, current_principal(), record_type, id)
    return _consents(id)


@privacy.route("/records/<object>/<id>/consents", methods=["POST"])
@privacy.doc(**described(ConsentSchema))
@reading.body_first
@writes
@privacy.response(201, ConsentsSchema)
def add(object: str, id: str, uow: Any) -> Response:
    """Write down that somebody agreed to a purpose, refused it or took it back."""
    given = reading.only(reading.body(), "purpose", "granted", "source", "at")
    record_type = reading.record_type_of(object)
    Access(current_principal(), record_type).need("update")
    at = reading.moment_of(given, "at", "/") if "at" in given else None
    add_consent(current_service(), uow, current_principal(), record_type, id, given, at)
    return json_answer({"items": shown_consents(uow.connection, id), "next_cursor": None}, status=201)


def _consents(id: str) -> Response:
    with current_service().db.read() as connection:
        return json_answer({"items": shown_consents(connection, id), "next_cursor": None})

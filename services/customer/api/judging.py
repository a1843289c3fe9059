"""`POST /v1/records/{object}/judge`: whether conditions hold for records that are not stored, or not as they stand."""

from __future__ import annotations

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.queries.judge_records import MAX_CONDITIONS, MAX_RECORDS, judge_records

judging = ServiceBlueprint("judging", __name__, url_prefix="/v1/records", description="Conditions over records in hand")


class JudgedSchema(Schema):
    """Conditions, and the values of records: at least those members that the conditions speak of."""

    conditions = fields.List(fields.Dict(), required=True, validate=Length(max=MAX_CONDITIONS))
    records = fields.List(fields.Dict(), required=True, validate=Length(max=MAX_RECORDS))
    person = fields.UUID(metadata={"description": "who `$me` is; only for services"})


class AnswersSchema(Schema):
    """For each record the answer to each condition."""

    holds = fields.List(fields.List(fields.Boolean()), required=True)


@judging.route("/<object>/judge", methods=["POST"])
@judging.doc(**described(JudgedSchema))
@judging.response(200, AnswersSchema)
def judge(object: str) -> Response:
    """Tell whether conditions hold for records with these values; related records count as they are stored."""
    given = reading.only(json_object(), "conditions", "records", "person")
    record_type = reading.record_type_of(object)
    holds = judge_records(current_service(), current_principal(), record_type, given)
    return json_answer({"holds": holds})

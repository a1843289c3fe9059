"""Shapes of pools in the document; requests are judged by the model and the use cases."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from chassis.http.openapi import page_of
from services.customer.usecases.pools.passages import ACTIONS
from services.customer.usecases.pools.passing import MOST_AT_ONCE

_LABEL = {"additionalProperties": {"type": "string"}, "example": {"en": "Leads of the east", "zh-CN": "华东线索公海"}}


class ReturnReasonSchema(Schema):
    """A reason that may be given when a record is returned."""

    value = fields.String(required=True)
    label = fields.Dict(metadata=_LABEL)


class ReturnRuleSchema(Schema):
    """After how many days records go back: counted from when the owner got them, or from a later `field`."""

    id = fields.UUID()
    field = fields.String(allow_none=True)
    days = fields.Integer(required=True)
    unless = fields.Dict(allow_none=True)
    warn_days = fields.Integer()
    all_owned = fields.Boolean()
    active = fields.Boolean()
    since = fields.DateTime(allow_none=True)


class ReturnPreviewSchema(Schema):
    """What a rule would take back now."""

    count = fields.Integer(required=True)
    count_is = fields.String(required=True, validate=OneOf(["exact", "at_least"]))
    warned = fields.Integer(required=True)
    examples = fields.List(fields.Dict(), required=True)
    owners = fields.List(fields.Dict(), required=True)


class ReturnRunSchema(Schema):
    """The latest run of a pool's rules."""

    started_at = fields.DateTime(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    returned = fields.Integer(required=True)
    warned = fields.Integer(required=True)


class PoolGivenSchema(Schema):
    """What a pool is; `members` and `managers` are `user:<id>`, `role:<id>`, `department:<id>` and so on."""

    object = fields.String(required=True)
    name = fields.Dict(required=True, metadata=_LABEL)
    active = fields.Boolean()
    members = fields.List(fields.String(), required=True)
    managers = fields.List(fields.String())
    criteria = fields.Dict(allow_none=True)
    takes_new = fields.Boolean()
    max_held = fields.Integer(allow_none=True)
    max_claims_per_day = fields.Integer(allow_none=True)
    former_owner_days = fields.Integer()
    owners_return = fields.Boolean()
    reasons = fields.List(fields.Nested(ReturnReasonSchema))
    reason_required = fields.Boolean()
    masked = fields.List(fields.String())
    returns = fields.List(fields.Nested(ReturnRuleSchema))


class PoolChangeSchema(PoolGivenSchema):
    """What shall be different."""

    class Meta:
        exclude = ("object",)


class MineSchema(Schema):
    """How the caller stands in a pool."""

    member = fields.Boolean(required=True)
    manager = fields.Boolean(required=True)
    held = fields.Integer()
    max_held = fields.Integer(allow_none=True)
    claimed_today = fields.Integer()
    max_claims_per_day = fields.Integer(allow_none=True)


class PoolSchema(PoolGivenSchema):
    """A pool; members, managers and criteria only for who manages objects."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    members = fields.List(fields.String())
    mine = fields.Nested(MineSchema, required=True)
    grantee_names = fields.Dict(metadata={"additionalProperties": {"type": "string"}})
    broken = fields.Boolean()


PoolPageSchema = page_of(PoolSchema)


class PoolPassageSchema(Schema):
    """A record that came into a pool or went out of it."""

    id = fields.UUID(required=True)
    record_id = fields.UUID(required=True)
    action = fields.String(required=True, validate=OneOf(ACTIONS))
    automatic = fields.Boolean(required=True)
    person_id = fields.UUID(required=True, allow_none=True)
    person_name = fields.String(required=True, allow_none=True)
    by_id = fields.UUID(required=True, allow_none=True)
    by_name = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)


PoolPassagePageSchema = page_of(PoolPassageSchema)


class ReturnSchema(Schema):
    """Where a record goes back to, and why; without a pool it goes back to its own."""

    pool_id = fields.UUID(allow_none=True)
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class AssignSchema(Schema):
    """Who gets a record."""

    user_id = fields.UUID(required=True)


class MoveSchema(Schema):
    """The pool that a record goes into."""

    pool_id = fields.UUID(required=True)


_IDS = {"minItems": 1, "maxItems": MOST_AT_ONCE}


class ClaimManySchema(Schema):
    """Several records."""

    ids = fields.List(fields.UUID(), required=True, metadata=_IDS)


class ReturnManySchema(ReturnSchema):
    """Several records."""

    ids = fields.List(fields.UUID(), required=True, metadata=_IDS)


class AssignManySchema(AssignSchema):
    """Several records."""

    ids = fields.List(fields.UUID(), required=True, metadata=_IDS)


class MoveManySchema(MoveSchema):
    """Several records."""

    ids = fields.List(fields.UUID(), required=True, metadata=_IDS)


class PassedSchema(Schema):
    """What became of each record, in the order of the ids: a status, and the problem of one that was refused."""

    done = fields.Integer(required=True)
    results = fields.List(fields.Dict(), required=True)


class PassedRecordSchema(Schema):
    """The record as the caller sees it afterwards; null when it is out of his sight."""

    record = fields.Dict(required=True, allow_none=True)
    version = fields.Integer(required=True)


class NamedPoolSchema(Schema):
    """A pool by name."""

    id = fields.UUID(required=True)
    name = fields.Dict(required=True, metadata=_LABEL)
    reasons = fields.List(fields.Nested(ReturnReasonSchema))
    reason_required = fields.Boolean()


class RecordPoolSchema(Schema):
    """Where a record stands between pools and people, and what the caller may do with it."""

    pool = fields.Nested(NamedPoolSchema, required=True, allow_none=True)
    in_pool = fields.Boolean(required=True)
    can_claim = fields.Boolean(required=True)
    why_not = fields.Dict(required=True, allow_none=True)
    can_assign = fields.Boolean(required=True)
    can_move = fields.Boolean(required=True)
    return_to = fields.List(fields.Nested(NamedPoolSchema), required=True)

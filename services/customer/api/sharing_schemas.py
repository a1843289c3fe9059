"""Shapes of sharing."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from services.customer.model.sharing import LEVELS, MAX_GRANTEES, REASONS

_GRANTEE = "user:<id>, role:<id>, department:<id> or department_and_below:<id>"


class ShareGivenSchema(Schema):
    """With whom a record is shared, how, until when, and what he does in its team."""

    grantee = fields.String(required=True, metadata={"description": _GRANTEE})
    level = fields.String(validate=OneOf(LEVELS))
    team = fields.String(allow_none=True, validate=Length(max=60))
    expires_at = fields.String(allow_none=True)


class ShareSchema(Schema):
    """One share of a record; `team` says what a member of its team does, null is a share."""

    id = fields.UUID(required=True)
    grantee = fields.String(required=True, metadata={"description": _GRANTEE})
    grantee_name = fields.String(required=True)
    level = fields.String(required=True, validate=OneOf(LEVELS))
    team = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True, allow_none=True)
    by = fields.Dict(required=True, allow_none=True)
    at = fields.String(required=True)


class SharesSchema(Schema):
    """All shares of a record, and whether the caller may share it."""

    items = fields.List(fields.Nested(ShareSchema), required=True)
    may_share = fields.Boolean(required=True)


class ShareMadeSchema(Schema):
    """The share that was made or changed."""

    id = fields.UUID(required=True)


class RuleGivenSchema(Schema):
    """Records that meet the criteria are shared with the grantees."""

    object = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    criteria = fields.Dict(required=True)
    grantees = fields.List(fields.String(metadata={"description": _GRANTEE}), required=True,
                           validate=Length(min=1, max=MAX_GRANTEES))
    level = fields.String(validate=OneOf(LEVELS))
    active = fields.Boolean()


class RuleChangeSchema(Schema):
    """What shall change of a rule."""

    name = fields.Dict(keys=fields.String(), values=fields.String())
    criteria = fields.Dict()
    grantees = fields.List(fields.String(), validate=Length(min=1, max=MAX_GRANTEES))
    level = fields.String(validate=OneOf(LEVELS))
    active = fields.Boolean()


class RuleSchema(RuleGivenSchema):
    """A sharing rule; `broken` when its object no longer has what the criteria speak of, so that it shares nothing."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    level = fields.String(required=True, validate=OneOf(LEVELS))
    active = fields.Boolean(required=True)
    grantee_names = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    broken = fields.Boolean(required=True)


class RulePageSchema(Schema):
    """A page of sharing rules."""

    items = fields.List(fields.Nested(RuleSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class EventShareSchema(Schema):
    """A share as events carry it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    object = fields.String(required=True)
    record_id = fields.UUID(required=True)
    grantee = fields.String(required=True)
    level = fields.String(required=True)
    expires_at = fields.String(required=True, allow_none=True)
    deleted = fields.Boolean(required=True)


class EventSharePageSchema(Schema):
    """Shares in the order of their ids, for the read models of other services."""

    items = fields.List(fields.Nested(EventShareSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class UnmaskSchema(Schema):
    """Which value shall be shown, and why."""

    field = fields.String(required=True)
    reason = fields.String(required=True, validate=Length(min=4, max=200))


class UnmaskedSchema(Schema):
    """The value behind the mask, in wire form."""

    value = fields.Raw(required=True, allow_none=True)


class AccessReasonSchema(Schema):
    """One reason why somebody sees a record; `level` says whether it lets him change it."""

    kind = fields.String(required=True, validate=OneOf(REASONS))
    level = fields.String(required=True, validate=OneOf(["read", "write", "full"]))
    text = fields.String(required=True)


class RecordAccessSchema(Schema):
    """Why the caller sees a record, and which actions are open to him on it."""

    reasons = fields.List(fields.Nested(AccessReasonSchema), required=True)
    actions = fields.List(fields.String(), required=True)
    may_ask_who = fields.Boolean(required=True)


class PersonAccessSchema(Schema):
    """Somebody who sees the record."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(AccessReasonSchema), required=True)


class PeoplePageSchema(Schema):
    """People who see the record; a page looks at a number of people, so it may hold fewer than that, or none."""

    items = fields.List(fields.Nested(PersonAccessSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)

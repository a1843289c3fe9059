"""Fields and members that several blueprints share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Range, Regexp

from chassis.clock import from_wire
from chassis.http.parsing import IdField, StrictSchema, Text

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
MAX_POSITION = 1_000_000
_FLAG = {"true": True, "false": False}


class Moment(fields.Field):
    """A moment with its offset from UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = from_wire(value)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError("not_a_moment") from None
        if not FIRST <= moment < LAST:
            raise ValidationError("not_a_moment")
        return moment


class Flag(fields.Boolean):
    """JSON's own true and false; in a query the words."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, str) and value in _FLAG:
            return _FLAG[value]
        if not isinstance(value, bool):
            raise ValidationError("wrong_type")
        return value


def title_field(**kwargs: Any) -> Text:
    """A line that says something."""
    return Text(max=300, validate=_not_blank, **kwargs)


def _not_blank(text: str) -> None:
    if not text.strip():
        raise ValidationError("required")


def key_field(**kwargs: Any) -> Text:
    """A key by which packs know a thing."""
    form = Regexp(re.compile(r"[a-z0-9][a-z0-9_.-]*\Z", re.ASCII), error="not_a_key")
    return Text(max=100, min=1, validate=form, **kwargs)


def position_field(**kwargs: Any) -> fields.Integer:
    """Where a thing stands among its like."""
    return fields.Integer(strict=True, validate=Range(0, MAX_POSITION), **kwargs)


class LinkBody(StrictSchema):
    """The record that a task is about."""

    object = Text(max=63, required=True,
                  validate=Regexp(re.compile(r"[a-z][a-z0-9_]*\Z", re.ASCII), error="not_a_name"))
    id = IdField(required=True)


class LinkSchema(Schema):
    """The record that a task is about, with its title."""

    object = fields.String(required=True)
    id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)


class ActorSchema(Schema):
    """Who did something."""

    kind = fields.String()
    id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


def moment_text(**kwargs: Any) -> fields.String:
    """A moment in an answer."""
    return fields.String(metadata={"format": "date-time"}, **kwargs)

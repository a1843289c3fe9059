"""What the views of the gateway share: the live service, and patches that must say something."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.validate import Range

from chassis.auth.guard import current_principal
from chassis.http.current import current_service
from chassis.http.openapi import PageQuery
from chassis.http.parsing import StrictSchema, Text
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from chassis.service import Service


def service() -> Service:
    """Return the gateway of this process."""
    return current_service()


def known_id(id: str, noun: str) -> str:
    """Return an id out of a path; raises 404 when it is none."""
    if not is_id(id):
        raise not_found(noun)
    return id


def require_any(*permissions: str) -> None:
    """Raise 403 when the caller has none of these permissions."""
    principal = current_principal()
    if not any(principal.can(permission) for permission in permissions):
        raise Problem(403, "permission_missing", params={"permission": permissions[0]})


def require_person() -> None:
    """Raise 403 when the caller is a service: this is about the caller himself."""
    if current_principal().user_id is None:
        raise Problem(403, "people_only")


class PatchSchema(StrictSchema):
    """A change of some members; an empty one is refused."""

    @validates_schema
    def _says_something(self, data: Any, **_: Any) -> None:
        if not data:
            raise ValidationError("nothing_to_change")


class SearchQuery(PageQuery):
    """Query parameters of a list that can be searched."""

    q = Text(max=100, load_default=None)


class Position(fields.Integer):
    """A place in an order that people chose."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=Range(0, 1_000_000), **kwargs)

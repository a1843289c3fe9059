"""Absences, as the API shows them: one's own, and those in which one stands in; all for who manages users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from chassis.auth import Principal
from chassis.clock import to_wire
from services.workflow.store.tables import absence

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
_ABSENCE = absence.c


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the condition for absences that the caller sees."""
    if principal.can("users.manage"):
        return true()
    return or_(_ABSENCE.person_id == principal.user_id, _ABSENCE.deputy_id == principal.user_id)


def select_absences(principal: Principal, filters: Row, now: datetime) -> Select[Any]:
    """Return the statement of the absences that are not over, or of all; without a person the caller's own affairs."""
    me = principal.user_id
    person = filters.get("person_id")
    whose = _ABSENCE.person_id == person if person else or_(_ABSENCE.person_id == me, _ABSENCE.deputy_id == me)
    statement = select(absence).where(visible_to(principal), whose)
    return statement if filters["over"] else statement.where(_ABSENCE.ends_at > now)


def show_absence(service: Service, row: Row, now: datetime) -> dict[str, Any]:
    """Return one on the wire."""
    name = service.directory.name_of
    return {"id": row["id"], "person": {"id": row["person_id"], "name": name(row["person_id"])},
            "deputy": {"id": row["deputy_id"], "name": name(row["deputy_id"])},
            "starts_at": to_wire(row["starts_at"]), "ends_at": to_wire(row["ends_at"]),
            "now": row["starts_at"] <= now < row["ends_at"]}

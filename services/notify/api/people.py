"""What every view of this service needs to know of its caller."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import Principal, current_principal
from chassis.http.problem import Problem
from services.notify.model.templates import Reader


def person() -> Principal:
    """Return the calling person; services have no inbox."""
    principal = current_principal()
    if principal.user_id is None:
        raise Problem(403, "people_only")
    return principal


def reader_of(principal: Principal) -> Reader:
    """Return in which language and zone the caller reads."""
    return Reader(principal.locale, principal.timezone)


def live_service() -> Any:
    """Return the service of this app."""
    return current_app.extensions["freehold"]

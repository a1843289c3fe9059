"""Health and keys of a service: public, cheap, without any secret.

Ready means that the database answers and is not behind this code. A database that is ahead is welcome: while a new
version is rolled out, and after it was rolled back, the old one works with tables that know more than it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis.auth.guard import public
from chassis.db.migrate import is_behind

if TYPE_CHECKING:
    from chassis.service import Service


def blueprint(service: Service) -> Blueprint:
    """Return the blueprint with `/healthz/live`, `/healthz/ready` and `/.well-known/jwks.json`."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz/live")
    @public
    def live() -> Any:
        return jsonify(status="live", service=service.name)

    @pages.get("/healthz/ready")
    @public
    def ready() -> Any:
        answers = database_answers(service)
        checks = {"database": answers, "schema": answers and schema_suffices(service)}
        well = all(checks.values())
        status = "ready" if well else "not ready"
        return jsonify(status=status, service=service.name, checks=checks), 200 if well else 503

    @pages.get("/.well-known/jwks.json")
    @public
    def jwks() -> Any:
        return jsonify(service.signer.jwks())

    return pages


def database_ready(service: Service) -> bool:
    """Tell whether the database answers and has what this code needs."""
    return database_answers(service) and schema_suffices(service)


def database_answers(service: Service) -> bool:
    """Tell whether the database answers."""
    try:
        with service.db.read() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False


def schema_suffices(service: Service) -> bool:
    """Tell whether the database has every migration of this code; it may have more."""
    try:
        return not is_behind(service.db, service.spec.migrations)
    except SQLAlchemyError:
        return False

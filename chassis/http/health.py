"""Health and keys of a service: public, cheap, without any secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis.auth.guard import public

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
        checks = {"database": database_ready(service)}
        well = all(checks.values())
        status = "ready" if well else "not ready"
        return jsonify(status=status, service=service.name, checks=checks), 200 if well else 503

    @pages.get("/.well-known/jwks.json")
    @public
    def jwks() -> Any:
        return jsonify(service.signer.jwks())

    return pages


def database_ready(service: Service) -> bool:
    """Tell whether the database answers."""
    try:
        with service.db.read() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False

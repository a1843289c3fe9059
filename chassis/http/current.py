"""What the present request stands in, and the plain way to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, current_app

from chassis.jsonio import dump_bytes

if TYPE_CHECKING:
    from chassis.service import Service


def current_service() -> Service:
    """The service that answers the present request."""
    return current_app.extensions["freehold"]


def json_answer(value: Any, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON that no schema has to serialise: its shape is decided where it was made."""
    return Response(dump_bytes(value), status, headers, content_type="application/json")

"""`/v1/search`: one box for everything."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from chassis.auth.guard import current_principal
from chassis.http.openapi import ServiceBlueprint
from chassis.jsonio import dump_bytes
from services.customer.api import reading, search_schemas
from services.customer.api.documents import SEARCH_PARAMETERS
from services.customer.model.faults import Fault
from services.customer.queries.global_search import MAX_EACH, search_all
from services.customer.usecases.refusals import refusal

search = ServiceBlueprint("search", __name__, url_prefix="/v1/search", description="Search over all objects")

_EACH = 5


@search.route("")
@search.doc(parameters=SEARCH_PARAMETERS)
@search.response(200, search_schemas.FoundSchema)
def find() -> Response:
    """Find records of all objects by a piece of a name, pinyin, number, telephone or e-mail."""
    given = reading.parameters_among("q", "objects", "limit")
    objects = given.get("objects")
    names = None if objects is None else [name.strip() for name in objects.split(",") if name.strip()]
    groups = search_all(_service(), current_principal(), given.get("q", "").strip(), names, _limit(given.get("limit")))
    return Response(dump_bytes({"items": groups, "next_cursor": None}), content_type="application/json")


def _limit(text: str | None) -> int:
    if text is None:
        return _EACH
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_EACH):
        raise refusal([Fault("?limit", "bad_limit", {"max": MAX_EACH})])
    return int(text)


def _service() -> Any:
    return current_app.extensions["freehold"]

"""`/v1/search`: one box for everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from services.customer.api import reading, search_schemas
from services.customer.api.documents import SEARCH_PARAMETERS
from services.customer.model.faults import Fault
from services.customer.queries.global_search import MAX_EACH, search_all
from services.customer.usecases.refusals import refusal
from services.customer.usecases.tell_audit import tell_sensitive_list

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
    words, limit = given.get("q", "").strip(), _limit(given.get("limit"))
    groups = search_all(current_service(), current_principal(), words, names, limit)
    _tell(groups)
    return json_answer({"items": groups, "next_cursor": None})


def _tell(groups: Sequence[Mapping[str, Any]]) -> None:
    """A line of results shows some members of a record: what is sensitive among them was read."""
    service, principal = current_service(), current_principal()
    for group in groups:
        shown = {name for one in group["items"] for name, value in one["record"].items() if value is not None}
        tell_sensitive_list(service, principal, service.parts["types"].get(group["object"]), shown, len(group["items"]))


def _limit(text: str | None) -> int:
    if text is None:
        return _EACH
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_EACH):
        raise refusal([Fault("?limit", "bad_limit", {"max": MAX_EACH})])
    return int(text)

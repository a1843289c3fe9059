"""What linked records are called, asked of the customer service many at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from services.workflow.store.rulebook import Book

if TYPE_CHECKING:
    from chassis.service import Service

Links = dict[tuple[str, str], tuple[str, int]]  # (object, id) → (title, version)
_AT_ONCE = 200


class CustomerSilent(Exception):
    """The customer service did not answer as it should; the message that needs it is tried again later."""


def find_links(service: Service, book: Book, wanted: Collection[tuple[str, str]]) -> Links:
    """Return titles and versions of those records that are there."""
    found: Links = {}
    for name in sorted({name for name, _ in wanted}):
        ids = sorted(id for of, id in wanted if of == name)
        for start in range(0, len(ids), _AT_ONCE):
            found |= _some(service, book, name, ids[start:start + _AT_ONCE])
    return found


def _some(service: Service, book: Book, name: str, ids: list[str]) -> Links:
    model = book.objects.get(name)
    if model is None:
        return {}
    answer = service.calls.request("customer", "POST", f"/v1/records/{name}/query", json={
        "criteria": {"field": "id", "op": "in", "value": ids}, "fields": [model.title_field], "limit": _AT_ONCE})
    if answer.status == 404:
        return {}
    if answer.status != 200:
        raise CustomerSilent(f"{name}: {answer.status}")
    return {(name, item["id"]): (model.title_of(item), item["version"]) for item in answer.json["items"]}

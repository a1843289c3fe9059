"""Attached files: a list of what was uploaded before, each with its name, size and type.

People give ids; what is known of each file is filled in by `usecases.files.attach`, which also judges whether the file
may be put there. The column holds the whole list as JSON, so a list or an event asks no second table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.values.links import identifier

MAX_FILES = 50
MEMBERS = ("id", "name", "size", "type")


def several(most: int) -> Callable[[Any], Any]:
    """Several files, each once, by id or as records show them; none means no value."""

    def coerce(value: Any) -> list[dict[str, str]] | None:
        if type(value) is not list:
            raise BadValueError("not_list")
        if len(value) > most:
            raise BadValueError("too_many_values", max=most)
        return [{"id": one} for one in dict.fromkeys(_id(one) for one in value)] or None

    return coerce


def _id(value: Any) -> str:
    if type(value) is dict:
        if not value.keys() <= set(MEMBERS):
            raise BadValueError("not_file")
        value = value.get("id")
    return identifier(value)

"""Which fields of an object say who somebody is, and what stands in their place once that is erased.

A field that is marked says so itself (`personal`). Of the others, ways to reach somebody, addresses, files, free words
and what is sensitive are personal; so is the title, which then says that it was erased, because a record needs one.
Lines of text, amounts, dates, choices and links stay unless they are marked: sums and counts hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.customer.model.erased import ERASED
from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef

PERSONAL_TYPES = frozenset({"phone", "email", "address", "url", "file", "image", "long_text"})
_WORDS = frozenset({"text", "long_text"})


def personal_fields(definition: ObjectDef) -> list[str]:
    """The fields that an erasure empties when nobody names others."""
    return [name for name, field in definition.ready.items() if field.row.given and _is_personal(definition, field)]


def _is_personal(definition: ObjectDef, field: FieldDef) -> bool:
    if field.personal is not None:
        return field.personal
    is_title = field.name == definition.title_field and field.type == "text"
    return field.type in PERSONAL_TYPES or field.sensitive or is_title


def erased_values(definition: ObjectDef, names: Iterable[str], record_id: str) -> dict[str, Any]:
    """What the fields hold afterwards."""
    return {name: _instead(definition.ready[name], name == definition.title_field, record_id) for name in names}


def scrubbed(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A kept copy of a record without what is erased."""
    return {**record, **{name: None for name in names if name in record}}


def _instead(field: FieldDef, is_title: bool, record_id: str) -> str | None:
    if field.type not in _WORDS or not (field.required or is_title):
        return None
    return f"{ERASED} {record_id[-12:]}"[:field.options["max_length"]] if field.unique else ERASED

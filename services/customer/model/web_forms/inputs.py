"""Which fields a stranger may fill in, and the values of what his browser sends.

Values come as texts and are read like the cells of a sheet. What points into the company (people, departments,
records, files) and what nobody gives cannot stand on a public form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef

PUBLIC_TYPES = frozenset({"text", "long_text", "phone", "email", "url", "region", "integer", "decimal", "percent",
                          "money", "date", "boolean", "choice", "multi_choice"})
MAX_TEXT = 10_000
Texts = Callable[[str], Sequence[str]]


@dataclass
class Submitted:
    """What was sent: the values that can be kept, the texts to show again, what is wrong by field."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Sequence[str]] = field(default_factory=dict)
    wrong: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


def is_public_type(one: FieldDef) -> bool:
    """Whether the field can stand on a public form."""
    return one.type in PUBLIC_TYPES and one.row.given


def read_submitted(placed: Sequence[Mapping[str, Any]], fields: Mapping[str, FieldDef], texts: Texts) -> Submitted:
    """The values of a form's fields; `texts` gives what the browser sent under a name."""
    found = Submitted()
    for place in placed:
        one = fields.get(place["field"])
        if one is not None and is_public_type(one):
            _read(one, bool(place["required"] or one.required), texts(one.name), found)
    return found


def _read(one: FieldDef, required: bool, texts: Sequence[str], found: Submitted) -> None:
    found.texts[one.name] = [text[:MAX_TEXT] for text in texts]
    try:
        value = _value(one, [text for text in texts if text.strip()])
    except BadValueError as problem:
        found.wrong[one.name] = (problem.code, problem.params)
        return
    if value in (None, "", []) or (required and value is False):
        if required:
            found.wrong[one.name] = ("required", {})
    else:
        found.values[one.name] = value


def _value(one: FieldDef, texts: Sequence[str]) -> Any:
    if one.type == "boolean":
        return bool(texts)
    if not texts:
        return None
    if one.type == "multi_choice":
        return one.coerce(list(texts))
    if one.type in ("choice", "date"):
        return one.coerce(texts[0])
    return one.coerce(one.row.cell(one.options)(texts[0]))

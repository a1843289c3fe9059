"""Which fields a stranger may fill in, and the values of what his browser sends.

Values come as texts and are read like the cells of a sheet, from top to bottom: the conditions of what follows are
judged on the values so far. What they hide has no value, whatever was sent, and is not demanded. What points into the
company (people, departments, records, files) and what nobody gives cannot stand on a public form.
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
    """What was sent: the values that can be kept, the texts to show again, what is wrong by field; and what of the
    form is hidden (fields by name, sections by number) and demanded, as its conditions say."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Sequence[str]] = field(default_factory=dict)
    wrong: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)


def is_public_type(one: FieldDef) -> bool:
    """Whether the field can stand on a public form."""
    return one.type in PUBLIC_TYPES and one.row.given


def read_submitted(sections: Sequence[Mapping[str, Any]], fields: Mapping[str, FieldDef],
                   judge: Callable[[Any, Mapping[str, Any]], bool | None], texts: Texts) -> Submitted:
    """The values of a form's fields; `texts` gives what the browser sent under a name.

    `judge(condition, values)` says whether a condition holds; None for none, or none that makes sense any more.
    """
    found = Submitted()
    for number, section in enumerate(sections):
        shown = judge(section["visible_when"], found.values) is not False
        demanded = judge(section["required_when"], found.values) is True
        if not shown:
            found.hidden.add(str(number))
        for place in section["fields"]:
            one = fields.get(place["field"])
            if one is None or not is_public_type(one):
                continue
            if not shown or judge(place["visible_when"], found.values) is False:
                found.hidden.add(one.name)
                continue
            if place["required"] or one.required or demanded or judge(place["required_when"], found.values):
                found.required.add(one.name)
            _read(one, one.name in found.required, texts(one.name), found)
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

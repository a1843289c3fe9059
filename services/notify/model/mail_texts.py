"""Mail to customers: texts with `{{ expression }}` places, in the expression language of formulas.

A place reaches the record that the message is about, the records that its references lead to, `owner_name`, and links
to surveys. A place that is just a choice is filled with its label; one that cannot be worked out stays empty. Nothing
else is ever evaluated, and what a text may cost is bounded by the language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Scope
from chassis.formulas import Formula, FormulaError, Schema, Type, compile_formula, field_type
from chassis.formulas.values import Frame, text_of
from chassis.http.formulas import formula_problem
from chassis.http.problem import FieldProblem
from chassis.i18n import localised
from chassis.working_time import Calendar
from services.notify.model.templates import Reader, Rendered

PARTS = ("subject", "body")
MOST_PLACES = 40
LONGEST_SUBJECT, LONGEST_BODY = 200, 20_000
SURVEYS = {"survey_csat": "csat", "survey_nps": "nps"}  # links, each good for one answer
EXTRAS = ("owner_name", *SURVEYS)  # texts that are worked out beside the fields of the record
_SYSTEM = {"id": "id", "created_at": "datetime", "updated_at": "datetime", "owner_id": "user",
           "department_id": "department"}
_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PATH = re.compile(r"\s*[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*\s*\Z")

Definition = Mapping[str, Any]
Definitions = Callable[[str], Definition | None]


@dataclass(frozen=True)
class Facts:
    """What a message is filled with: the record, those it leads to by their path, and what is worked out."""

    record: Mapping[str, Any]
    related: Mapping[str, Mapping[str, Any]]
    timezone: str
    now: Any
    calendars: Callable[[str | None], Calendar] | None = None


def schema_for(name: str, definitions: Definitions) -> Schema:
    """What the places of a text over an object may speak of."""
    def fields_of(name: str) -> Mapping[str, Type] | None:
        definition = definitions(name)
        return None if definition is None else _types(definition)

    own = dict.fromkeys(EXTRAS, Type("text"))
    return Schema({**own, **(fields_of(name) or {})}, follow=fields_of)


def faults_in(texts: Mapping[str, Mapping[str, str]], schema: Schema) -> list[FieldProblem]:
    """All that is wrong with the places of a template's texts."""
    found: list[FieldProblem] = []
    for part in PARTS:
        for locale, text in texts[part].items():
            places = _PLACE.findall(text)
            if len(places) > MOST_PLACES:
                found.append(FieldProblem(f"/{part}/{locale}", "too_many_places", {"limit": MOST_PLACES}))
            elif "{{" in _PLACE.sub("", text):
                found.append(FieldProblem(f"/{part}/{locale}", "place_open"))
            else:
                found += _formula_faults(places, schema, f"/{part}/{locale}")
    return found


def paths_in(texts: Mapping[str, Mapping[str, str]], schema: Schema) -> set[tuple[str, ...]]:
    """The references that the texts follow, each as the steps to it."""
    return {path[:end] for text in _all_texts(texts) for place in _PLACE.findall(text)
            for path in _reads(place, schema) for end in range(1, len(path))}


def uses(texts: Mapping[str, Mapping[str, str]], name: str) -> bool:
    """Whether a text speaks of something by this name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(place) for text in _all_texts(texts) for place in _PLACE.findall(text))


def fill(texts: Mapping[str, Mapping[str, str]], facts: Facts, reader: Reader, name: str,
         definitions: Definitions) -> Rendered:
    """The message in the reader's language."""
    schema = schema_for(name, definitions)
    scope = Scope(now=facts.now, timezone=facts.timezone, calendars=facts.calendars)

    def put(found: re.Match[str]) -> str:
        label = _label(found[1], facts, reader, name, definitions)
        return label if label is not None else _worked_out(found[1], schema, facts, scope)

    subject, body = (_PLACE.sub(put, localised(texts[part], reader.locale)) for part in PARTS)
    return Rendered(" ".join(subject.split())[:LONGEST_SUBJECT], body.strip()[:LONGEST_BODY])


def _types(definition: Definition) -> dict[str, Type]:
    found = {name: field_type(kind, {}) for name, kind in _SYSTEM.items()}
    for row in definition["fields"]:
        options = row.get("options") or {}
        calculated = row["type"] in ("formula", "rollup")
        found[row["name"]] = field_type(options.get("result", "") if calculated else row["type"], options)
    return {name: type for name, type in found.items() if type is not None}


def _formula_faults(places: list[str], schema: Schema, pointer: str) -> Iterator[FieldProblem]:
    for place in places:
        try:
            compile_formula(place, schema)
        except FormulaError as error:
            yield formula_problem(pointer, error, place)


def _reads(place: str, schema: Schema) -> frozenset[tuple[str, ...]]:
    formula = _compiled(place, schema)
    return formula.reads if formula is not None else frozenset()


def _compiled(place: str, schema: Schema) -> Formula | None:
    """A formula, or None where a field that it speaks of has gone since."""
    try:
        return compile_formula(place, schema)
    except FormulaError:
        return None


def _worked_out(place: str, schema: Schema, facts: Facts, scope: Scope) -> str:
    formula = _compiled(place, schema)
    if formula is None:
        return ""
    try:
        value = formula.value(facts.record, scope, facts.related)
        return text_of(value, Frame(facts.record, facts.related, scope))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # a masked value has another form
        return ""


def _label(place: str, facts: Facts, reader: Reader, name: str, definitions: Definitions) -> str | None:
    """The label of a choice, for a place that is nothing but its field."""
    if not _PATH.match(place):
        return None
    *steps, last = place.strip().split(".")
    record: Mapping[str, Any] = facts.record if not steps else facts.related.get(".".join(steps), {})
    definition = definitions(name)
    for step in steps:
        definition = definitions(_option(definition, step, "object") or "") if definition else None
    for choice in _option(definition, last, "choices") or ():
        if choice["value"] == record.get(last):
            return localised(choice.get("label"), reader.locale) or str(choice["value"])
    return None


def _option(definition: Definition | None, name: str, option: str) -> Any:
    fields = definition["fields"] if definition else ()
    return next(((row.get("options") or {}).get(option) for row in fields if row["name"] == name), None)


def _all_texts(texts: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [text for part in PARTS for text in texts[part].values()]

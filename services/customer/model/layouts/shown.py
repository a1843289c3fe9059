"""Layouts as one caller gets them: without fields that do not exist for him.

A condition over such a field, or over related records that he may not ask for, is judged, here and on the server's side
of a write, as if there were no value and no record; so what the form shows and what the server demands never differ,
and nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import CriteriaError, Criterion, Field, parse
from chassis.criteria.fields import COMPLEMENTS
from services.customer.model.layouts.document import CONDITIONS, STANDARD, Layout
from services.customer.model.objects import ObjectDef

ALWAYS: Mapping[str, Any] = {"all": []}
NEVER: Mapping[str, Any] = {"any": []}
_WIDE = frozenset({"long_text", "address", "reference_list", "file", "image"})
_TRUE_WITHOUT = frozenset({*COMPLEMENTS, "none"})  # operators that hold for what is not there


def standard_layout(definition: ObjectDef) -> Layout:
    """The layout that an object has by itself: the sections of its definition, then every other field."""
    return Layout(definition.name, STANDARD, {"en": "Standard", "zh-CN": "标准布局"}, default=True,
                  sections=tuple(_standard_section(definition, one) for one in definition.form_sections),
                  version=definition.version)


def _standard_section(definition: ObjectDef, section: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": section["label"], "help": {}, "columns": min(section.get("columns", 2), 2),
            **dict.fromkeys(CONDITIONS),
            "fields": [_standard_field(definition, name) for name in section["fields"]]}


def _standard_field(definition: ObjectDef, name: str) -> dict[str, Any]:
    field = definition.ready.get(name)
    return {"field": name, "width": "full" if field is not None and field.type in _WIDE else "half", "help": {},
            "read_only": False, "required": False, **dict.fromkeys(CONDITIONS)}


def shown_layout(layout: Layout, eyes: Eyes) -> dict[str, Any]:
    """The layout for one caller."""
    return {
        "key": layout.key, "version": layout.version, "label": layout.label, "rest": layout.rest,
        "criteria": None if layout.default else eyes.condition(layout.criteria),
        "sections": [_shown_section(section, eyes) for section in layout.sections]}


def _shown_section(section: Mapping[str, Any], eyes: Eyes) -> dict[str, Any]:
    return {**section, **{name: eyes.condition(section[name]) for name in CONDITIONS},
            "fields": [{**placed, **{name: eyes.condition(placed[name]) for name in CONDITIONS}}
                       for placed in section["fields"] if eyes.shows(placed["field"])]}


@dataclass(frozen=True)
class Eyes:
    """What one caller sees of an object: the fields on its forms, and the conditions whose answers he may know."""

    shows: Callable[[str], bool]
    fields: Mapping[str, Field]  # of the object, for everybody
    may_ask: Callable[[Criterion], bool]

    def condition(self, given: Any) -> Any:
        """The condition as he may know it; None when there is none, or none that makes sense any more."""
        if given is None:
            return None
        try:
            parse(given, self.fields)
        except CriteriaError:
            return None
        return self._reduced(given)

    def _reduced(self, given: Mapping[str, Any]) -> Any:
        if "not" in given:
            return {"not": self._reduced(given["not"])}
        for name in ("all", "any"):
            if name in given:
                return {name: [self._reduced(part) for part in given[name]]}
        if self.may_ask(parse(given, self.fields)):
            return given
        return ALWAYS if given["op"] in _TRUE_WITHOUT else NEVER

"""Layouts as one caller gets them: without fields that do not exist for him.

A condition over such a field is judged, here and on the server's side of a write, as if the field had no value; so
what the form shows and what the server demands never differ, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.criteria.fields import COMPLEMENTS
from chassis.criteria.nodes import OWNER_DEPARTMENT
from services.customer.model.layouts.document import CONDITIONS, STANDARD, Layout
from services.customer.model.objects import ObjectDef

ALWAYS: Mapping[str, Any] = {"all": []}
NEVER: Mapping[str, Any] = {"any": []}
_WIDE = frozenset({"long_text", "address", "reference_list", "file", "image"})
Reads = Callable[[str], bool]


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


def shown_layout(layout: Layout, reads: Reads, known: Reads) -> dict[str, Any]:
    """The layout for a caller who `reads` some of the fields that are `known`."""
    seen = lambda condition: _seen(condition, reads, known)  # noqa: E731
    return {
        "key": layout.key, "version": layout.version, "label": layout.label, "rest": layout.rest,
        "criteria": None if layout.default else seen(layout.criteria),
        "sections": [_shown_section(section, reads, seen) for section in layout.sections]}


def _shown_section(section: Mapping[str, Any], reads: Reads, seen: Callable[[Any], Any]) -> dict[str, Any]:
    return {**section, **{name: seen(section[name]) for name in CONDITIONS},
            "fields": [{**placed, **{name: seen(placed[name]) for name in CONDITIONS}}
                       for placed in section["fields"] if reads(placed["field"])]}


def _seen(condition: Any, reads: Reads, known: Reads) -> Any:
    """The condition as a caller may know it; None when there is none, or none that makes sense any more."""
    if condition is None or not all(known(name) for name in _roots(condition)):
        return None
    return _reduced(condition, reads)


def _roots(condition: Mapping[str, Any]) -> list[str]:
    if "field" in condition:
        return [_root(condition["field"])]
    parts = [condition["not"]] if "not" in condition else condition.get("all") or condition.get("any") or []
    return [name for part in parts for name in _roots(part)]


def _reduced(condition: Mapping[str, Any], reads: Reads) -> Any:
    if "not" in condition:
        return {"not": _reduced(condition["not"], reads)}
    for name in ("all", "any"):
        if name in condition:
            return {name: [_reduced(part, reads) for part in condition[name]]}
    if reads(_root(condition["field"])):
        return condition
    return ALWAYS if condition["op"] in COMPLEMENTS else NEVER


def _root(field: str) -> str:
    return "department_id" if field == OWNER_DEPARTMENT else field.partition(".")[0]

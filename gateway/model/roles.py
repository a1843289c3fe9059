"""What a role may say: permissions, and for each object actions, a data scope and field rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.auth.principal import ACCESS, ACTIONS, PERMISSIONS, SCOPES
from chassis.http.problem import FieldProblem

ADMINISTRATOR = "administrator"
MAX_OBJECTS, MAX_FIELDS = 300, 500

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_MEMBERS = {"actions", "scope", "fields"}


def administrator_role() -> dict[str, Any]:
    """Return the shipped role that may do everything."""
    return {"key": ADMINISTRATOR, "name": {"en": "Administrator", "zh-CN": "管理员"},
            "permissions": sorted(PERMISSIONS),
            "objects": {"*": {"actions": list(ACTIONS), "scope": "all", "fields": {}}}}


def is_key(text: str) -> bool:
    """Tell whether text can be the key of a role or the name of an object or field."""
    return _KEY.match(text) is not None


def permission_problems(permissions: list[str]) -> Iterator[FieldProblem]:
    """Yield what is wrong with a list of permissions."""
    for position, name in enumerate(permissions):
        if name not in PERMISSIONS:
            yield FieldProblem(f"/permissions/{position}", "not_a_choice")


def object_problems(objects: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Yield what is wrong with the object rules of a role."""
    if len(objects) > MAX_OBJECTS:
        yield FieldProblem("/objects", "too_many", {"limit": MAX_OBJECTS})
        return
    for name, entry in objects.items():
        place = f"/objects/{_escaped(name)}"
        if name != "*" and not is_key(name):
            yield FieldProblem(place, "invalid")
        elif not isinstance(entry, dict):
            yield FieldProblem(place, "not_an_object")
        else:
            yield from _entry_problems(place, entry)


def rule_problems(rules: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Yield what is wrong with the field rules for one person: object → field → access."""
    if len(rules) > MAX_OBJECTS:
        yield FieldProblem("/field_rules", "too_many", {"limit": MAX_OBJECTS})
        return
    for name, fields in rules.items():
        place = f"/field_rules/{_escaped(name)}"
        if is_key(name):
            yield from _field_problems(place, fields)
        else:
            yield FieldProblem(place, "invalid")


def canonical_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field rules for one person without objects of which they say nothing."""
    return {name: dict(fields) for name, fields in rules.items() if fields}


def _entry_problems(place: str, entry: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for unknown in entry.keys() - _MEMBERS:
        yield FieldProblem(f"{place}/{_escaped(unknown)}", "unknown_field")
    actions = entry.get("actions")
    if not isinstance(actions, list):
        yield FieldProblem(f"{place}/actions", "required" if actions is None else "wrong_type")
    else:
        yield from (FieldProblem(f"{place}/actions/{position}", "not_a_choice")
                    for position, action in enumerate(actions) if action not in ACTIONS)
    if entry.get("scope", "own") not in SCOPES:
        yield FieldProblem(f"{place}/scope", "not_a_choice")
    yield from _field_problems(f"{place}/fields", entry.get("fields", {}))


def _field_problems(place: str, fields: Any) -> Iterator[FieldProblem]:
    if not isinstance(fields, dict):
        yield FieldProblem(place, "not_an_object")
        return
    if len(fields) > MAX_FIELDS:
        yield FieldProblem(place, "too_many", {"limit": MAX_FIELDS})
        return
    for name, access in fields.items():
        if not is_key(name):
            yield FieldProblem(f"{place}/{_escaped(name)}", "invalid")
        elif access not in ACCESS:
            yield FieldProblem(f"{place}/{name}", "not_a_choice")


def canonical_objects(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return object rules in their full form: each action once and in order, scope and fields always there."""
    return {name: {"actions": [action for action in ACTIONS if action in entry["actions"]],
                   "scope": entry.get("scope", "own"), "fields": dict(entry.get("fields", {}))}
            for name, entry in objects.items()}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:80]

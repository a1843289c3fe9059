"""A rule, and what must be true of one before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import CriteriaError, Criterion, fields_used, parse
from chassis.http.problem import FieldProblem
from chassis.ids import is_id
from services.workflow.model.actions import Checker, check_actions
from services.workflow.model.around import Objects, rule_fields
from services.workflow.model.objects import ObjectModel
from services.workflow.model.texts import Texts

CREATED, CHANGED, BECOMES = "created", "changed", "becomes"
ENTERED, LEFT = "entered", "left"  # a segment of the customer service
TRIGGERS = (CREATED, CHANGED, BECOMES, ENTERED, LEFT)
PASSAGES = (ENTERED, LEFT)
MAX_TRIGGER_FIELDS = 50
EDITABLE = ("key", "name", "object", "trigger", "criteria", "actions", "active", "position")


@dataclass(frozen=True)
class Rule:
    """One rule at one version."""

    id: str
    version: int
    key: str | None
    name: Texts
    object: str
    trigger: Mapping[str, Any]
    criteria: Mapping[str, Any]
    actions: list[dict[str, Any]]
    active: bool
    position: int


def checked_body(body: Mapping[str, Any], checker: Checker) -> dict[str, Any]:
    """Return trigger, criteria and actions as they are kept; what is wrong goes to `checker.faults`."""
    trigger, criteria = _trigger(body["trigger"], checker), body.get("criteria") or {"all": []}
    criterion = _criteria(criteria, checker)
    if trigger.get("on") == BECOMES and criterion is not None and not fields_used(criterion):
        checker.wrong("/criteria", "becomes_needs_condition")
    return {"trigger": trigger, "criteria": criteria,
            "actions": check_actions(body["actions"], checker)}


def _trigger(trigger: Any, checker: Checker) -> dict[str, Any]:
    if not isinstance(trigger, dict):
        checker.wrong("/trigger", "not_an_object")
        return {}
    checker.members(trigger, ("on", "fields", "segment"), "/trigger")
    on = checker.one_of(trigger.get("on"), TRIGGERS, "/trigger/on", "not_a_choice")
    fields, segment = trigger.get("fields"), trigger.get("segment")
    if on in PASSAGES:
        if not isinstance(segment, str) or not is_id(segment):
            checker.wrong("/trigger/segment", "required")
        return {"on": on, "segment": segment}
    if segment is not None:
        checker.wrong("/trigger/segment", "only_for_segments")
    if fields is None:
        return {"on": on}
    if on != CHANGED:
        checker.wrong("/trigger/fields", "only_for_changed")
    return {"on": on, "fields": _trigger_fields(fields, checker)}


def _trigger_fields(fields: Any, checker: Checker) -> list[str]:
    if not isinstance(fields, list) or not 0 < len(fields) <= MAX_TRIGGER_FIELDS:
        checker.wrong("/trigger/fields", "wrong_length")
        return []
    for index, name in enumerate(fields):
        if not isinstance(name, str) or not checker.object.has(name):
            checker.wrong(f"/trigger/fields/{index}", "field_unknown")
    return list(dict.fromkeys(name for name in fields if isinstance(name, str)))


def _criteria(criteria: Any, checker: Checker) -> Criterion | None:
    try:
        return read_criteria(criteria, checker.object, checker.objects)
    except CriteriaError as error:
        checker.faults.append(FieldProblem("/criteria" + error.pointer, f"criteria.{error.code}", error.params))
        return None


def read_criteria(criteria: Any, model: ObjectModel, objects: Objects) -> Criterion:
    """Return the condition of a rule; raises CriteriaError."""
    return parse(criteria, rule_fields(model, objects), rules=True)

"""Conditions in the criteria language: to the engine they look like formulas that give yes or no.

They speak of the record alone, as the condition of a rule does; `$me` is the applicant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.criteria import CriteriaError, Criterion, Scope, parse, to_predicate
from chassis.http.problem import FieldProblem
from chassis.jsonio import loads
from services.workflow.model.processes.reader import Fault, Reader
from services.workflow.model.processes.xml import Element

CRITERIA_LANGUAGE = "urn:freehold:criteria"
_NOTHING: Mapping[str, Any] = {}


class Condition:
    """A criterion, worked out for a record."""

    reads: frozenset[tuple[str, ...]] = frozenset()  # nothing of the process

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        self._holds = to_predicate(criterion)

    def evaluate(self, record: Mapping[str, Any], scope: Scope, _: Mapping[str, Any] = _NOTHING) -> bool:
        """Whether the record meets it."""
        return bool(self._holds(record, scope))


def read_condition(owner: Element, text: str, reader: Reader) -> Condition | None:
    """Compile the criteria that stand in an element as JSON; None for what is none."""
    if not text:
        reader.wrong(owner, "criteria_empty")
        return None
    try:
        criteria = loads(text)
        return Condition(parse(criteria, reader.model.criteria_fields))
    except CriteriaError as error:
        problem = FieldProblem(error.pointer, f"criteria.{error.code}", error.params)
        reader.note(Fault(owner.id, owner.name, owner.line, "criteria", {"pointer": error.pointer, "problem": problem}))
    except ValueError:
        reader.wrong(owner, "criteria_not_json")
    return None

"""What a process asks of its record: the conditions in it, and the fields that its formulas and people depend on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from chassis.criteria import Criterion
from chassis.formulas import Formula
from services.workflow.model.processes.condition import Condition
from services.workflow.model.processes.definition import Definition, Flow, Who
from services.workflow.model.processes.reader import PROCESS


def criteria_of(definition: Definition) -> list[Criterion]:
    """Every condition of a process in the criteria language."""
    return [one.criterion for one in _leaves(definition) if isinstance(one, Condition)]


def fields_of(definition: Definition) -> set[str]:
    """The fields of the record that formulas read, that name people, or that lead to another record."""
    found = {node.about_field for node in definition.nodes.values() if node.about_field}
    for one in _leaves(definition):
        if isinstance(one, Formula):
            found |= {path[0] for path in one.reads if path[0] != PROCESS}
        elif isinstance(one, Who) and one.way == "field":
            found.add(one.value)
    return found


def is_choice(definition: Definition, flow: Flow) -> bool:
    """Whether a flow is one of several that the values of the record decide between."""
    return any(isinstance(one.condition, Condition) or (
        isinstance(one.condition, Formula) and any(path[0] != PROCESS for path in one.condition.reads))
        for one in definition.outgoing[flow.source])


def _leaves(definition: Definition) -> Iterator[Any]:
    for part in (*definition.nodes.values(), *definition.flows.values()):
        yield from _inside(part)


def _inside(thing: Any) -> Iterator[Any]:
    if isinstance(thing, Formula | Condition | Who):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _inside(one)
    elif is_dataclass(thing):
        for member in fields(thing):
            yield from _inside(getattr(thing, member.name))

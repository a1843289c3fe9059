"""What is known, and what was found wrong, while a file is read; formulas are compiled on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.formulas import FormulaError, Schema, Type, compile_formula, field_type
from chassis.formulas.formula import Formula
from chassis.formulas.results import Result
from services.workflow.model.actions import Checker
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.definition import ERROR, ESCALATION, Flow, Node
from services.workflow.model.processes.vocabulary import BPMN, OURS
from services.workflow.model.processes.xml import Element

MAX_NAME = 200
MAX_NODES = 500
MAX_FLOWS = 1_000
MAX_FAULTS = 50
PROCESS = "process"  # how formulas name what belongs to the instance
VARIABLES: Mapping[str, str] = {"outcome": "text", "applicant": "user", "started_at": "datetime"}
COUNTS: Mapping[str, str] = dict.fromkeys(("instances", "completed", "approved", "rejected"), "integer")


@dataclass(frozen=True)
class Fault:
    """One thing that keeps a file from being published: where, and `code` of the sentence that says what."""

    element: str
    name: str
    line: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    error: FormulaError | None = None  # of a formula at this element
    source: str = ""


class Faults(Exception):
    """What is wrong with a file."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.element}: {fault.code}" for fault in faults))
        self.faults = faults


@dataclass
class Reader:
    """What is known while a file is read."""

    model: ObjectModel
    checker: Checker | None  # of actions; None for a file that was checked when it was published
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    raised: dict[str, dict[str, str]] = field(default_factory=lambda: {ESCALATION: {}, ERROR: {}})  # what → id → code
    variables: dict[str, str] = field(default_factory=dict)

    def wrong(self, element: Element, code: str, /, **params: Any) -> None:
        """Note a fault."""
        self.note(Fault(element.id, element.name, element.line, code, params))

    def note(self, fault: Fault) -> None:
        """Note a fault, as long as a person would read on."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)

    def formula(self, element: Element, source: str, result: str, counts: bool = False) -> Formula | None:
        """Compile a formula that stands in an element; None for one that is wrong."""
        options = {"scale": 4} if result == "decimal" else {"max_length": 1_000} if result == "text" else {}
        try:
            return compile_formula(source, self._schema(counts), Result(result, options))
        except FormulaError as error:
            self.note(Fault(element.id, element.name, element.line, "formula", error=error, source=source))
            return None

    def _schema(self, counts: bool) -> Schema:
        known = {**VARIABLES, **self.variables, **(COUNTS if counts else {})}
        return Schema(self.model.formula_fields | {PROCESS: Type("link", target=PROCESS)},
                      follow=lambda name: _types(known) if name == PROCESS else None)


def _types(variables: Mapping[str, str]) -> dict[str, Type]:
    return {name: type for name, kind in variables.items() if (type := field_type(kind, {})) is not None}


def extensions(element: Element, name: str) -> Iterator[Element]:
    """Those of our own elements of a name in an element's extensions."""
    holder = element.first(BPMN, "extensionElements")
    return holder.of(OURS, name) if holder is not None else iter(())


def extension(element: Element, name: str) -> Element | None:
    """One of our own elements in an element's extensions."""
    return next(extensions(element, name), None)

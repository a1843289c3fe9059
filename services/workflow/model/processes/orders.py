"""Actions and formulas of tasks: what the system does there, in the form that rules know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chassis.jsonio import loads
from services.workflow.model.actions import check_actions
from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.condition import read_condition
from services.workflow.model.processes.reader import COUNTS, VARIABLES, Fault, Reader, extension
from services.workflow.model.processes.vocabulary import OURS
from services.workflow.model.processes.xml import Element

RESULTS = ("text", "integer", "decimal", "boolean", "date", "datetime")
SENDING = frozenset({"notify", "send_email"})  # what a send task does
MAX_ROWS = 100
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,62}\Z", re.ASCII)


def declare(task: Element, given: Element, reader: Reader) -> None:
    """Take in the variable that an extension gives a value to."""
    name, result = given.attributes.get("variable", ""), given.attributes.get("result", "")
    if not _VARIABLE.match(name) or name in VARIABLES or name in COUNTS:
        reader.wrong(task, "bad_variable")
    elif result not in RESULTS:
        reader.wrong(task, "bad_result", known=", ".join(RESULTS))
    elif reader.variables.get(name, result) != result:
        reader.wrong(task, "variable_twice", variable=name)
    else:
        reader.variables[name] = result


def read_actions(task: Element, given: Element, reader: Reader) -> tuple[Mapping[str, Any], ...]:
    """The actions that stand in an element as JSON; those of a file that was checked are taken as they are."""
    try:
        actions = loads(given.text)
    except ValueError:
        reader.wrong(task, "actions_not_json")
        return ()
    if reader.checker is None:
        return tuple(actions)
    before = len(reader.checker.faults)
    checked = check_actions(actions, reader.checker, "")
    for fault in reader.checker.faults[before:]:
        reader.note(Fault(task.id, task.name, task.line, "action", {"pointer": fault.pointer, "problem": fault}))
    return tuple(checked)


def read_formula(task: Element, formula: Element, reader: Reader) -> dict[str, Any]:
    """A formula whose value becomes a variable."""
    result = formula.attributes.get("result", "")
    compiled = reader.formula(task, formula.text, result) if result in RESULTS else None
    return {"kind": bpmn.FORMULA, "formula": compiled, "variable": formula.attributes.get("variable", "")}


def read_table(task: Element, reader: Reader) -> dict[str, Any]:
    """A decision table: the value of the first row whose condition holds becomes a variable."""
    table = extension(task, "table")
    rows = list(table.of(OURS, "row")) if table is not None else []
    if table is None or not 0 < len(rows) <= MAX_ROWS:
        reader.wrong(task, "table_missing", limit=MAX_ROWS)
        return {"kind": bpmn.TABLE}
    result = table.attributes.get("result", "")
    if any("when" not in row.attributes and "if" not in row.attributes for row in rows[:-1]):
        reader.wrong(task, "table_row_open")
    return {"kind": bpmn.TABLE, "variable": table.attributes.get("variable", ""),
            "rows": tuple(_row(task, row, result, reader) for row in rows) if result in RESULTS else ()}


def _row(task: Element, row: Element, result: str, reader: Reader) -> Any:
    when, formula = row.attributes.get("when"), row.attributes.get("if")
    if when is not None and formula is not None:
        reader.wrong(task, "table_row_twice")
    condition = read_condition(task, when, reader) if when is not None else (
        reader.formula(task, formula, "boolean") if formula is not None else None)
    return condition, reader.formula(task, row.text, result)

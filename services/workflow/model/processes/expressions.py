"""Expressions in elements of the standard: formulas, and criteria where a flow asks for a condition."""

from __future__ import annotations

from typing import Any

from services.workflow.model.processes.condition import CRITERIA_LANGUAGE, read_condition
from services.workflow.model.processes.reader import Reader
from services.workflow.model.processes.xml import Element

FORMULA_LANGUAGE = "urn:freehold:formula"


def flow_condition(flow: Element, given: Element, reader: Reader) -> Any:
    """The condition of a flow: criteria over the record, or a formula."""
    if given.attributes.get("language") == CRITERIA_LANGUAGE:
        return read_condition(flow, given.text, reader)
    return expression(flow, given, "boolean", reader)


def expression(owner: Element, expression: Element, result: str, reader: Reader, counts: bool = False) -> Any:
    """A formula in an element of the standard."""
    if expression.attributes.get("language", FORMULA_LANGUAGE) != FORMULA_LANGUAGE:
        reader.wrong(owner, "foreign_language", language=expression.attributes["language"][:100])
        return None
    return reader.formula(owner, expression.text, result, counts)

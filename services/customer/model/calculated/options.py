"""Options of formulas and roll-ups, as far as they can be read without knowing other fields."""

from __future__ import annotations

from typing import Any

from chassis.formulas import RESULTS, FormulaError
from chassis.formulas.grammar import parse
from services.customer.model.faults import BadValueError
from services.customer.model.names import check_name

FUNCTIONS = ("count", "sum", "average", "min", "max")
ROLLUP_RESULTS = ("integer", "decimal", "percent", "money", "date", "datetime")
MAX_CRITERIA_TEXT = 10_000


def expression(value: Any) -> str:
    """A formula that can be read; whether its names mean something is asked when it is added."""
    try:
        parse(value)
    except FormulaError as error:
        raise BadFormulaError(error, value) from None
    return value.strip()


def result(value: Any) -> str:
    """The type of a formula's values."""
    return _word(value, RESULTS)


def rollup_result(value: Any) -> str:
    """The type of a roll-up's values."""
    return _word(value, ROLLUP_RESULTS)


def function(value: Any) -> str:
    """What a roll-up does with the related records."""
    return _word(value, FUNCTIONS)


def name(value: Any) -> str:
    """The name of an object or a field."""
    return check_name(value, frozenset())


def criteria(value: Any) -> dict[str, Any]:
    """Which related records count; the condition is checked against their fields when the roll-up is added."""
    if not isinstance(value, dict):
        raise BadValueError("not_an_object")
    return value


def _word(value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise BadValueError("not_one_of", words=", ".join(words))
    return value


class BadFormulaError(BadValueError):
    """A formula that is wrong at a place of its text."""

    def __init__(self, error: FormulaError, source: Any) -> None:
        super().__init__(f"formula_{error.code}", formula=error, source=source if isinstance(source, str) else "")

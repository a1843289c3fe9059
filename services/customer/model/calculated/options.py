"""Options of formulas and roll-ups, as far as they can be read without knowing other fields."""

from __future__ import annotations

from typing import Any, NoReturn

from chassis.formulas import RESULTS, FormulaError
from chassis.formulas.grammar import parse
from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to, unknown_members
from services.customer.model.names import check_name

FUNCTIONS = ("count", "sum", "average", "min", "max")
ROLLUP_RESULTS = ("integer", "decimal", "percent", "money", "date", "datetime")
MAX_CRITERIA_TEXT = 10_000
MAX_PAIRS = 5


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


def match(value: Any) -> list[dict[str, Any]] | None:
    """Pairs of fields that must be equal; what they are is asked when the roll-up is added."""
    if not isinstance(value, list) or len(value) > MAX_PAIRS:
        raise BadValueError("bad_list", max=MAX_PAIRS)
    faults: list[Fault] = []
    pairs = [_pair(one, pointer_to(place), faults) for place, one in enumerate(value)]
    if faults:
        raise InvalidError(faults)
    return pairs or None


def period(value: Any) -> dict[str, Any]:
    """A date of the other records and the two of this one between which it lies."""
    faults: list[Fault] = []
    read = _named(value, ("field", "from", "to"), (), "", faults)
    if faults:
        raise InvalidError(faults)
    return read


def _pair(given: Any, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    return _named(given, ("field", "own"), ("below", "optional"), pointer, faults)


def _named(given: Any, names: tuple[str, ...], flags: tuple[str, ...], pointer: str,
           faults: list[Fault]) -> dict[str, Any]:
    """Members that are names of fields, and such that say yes; who says no says nothing."""
    if not isinstance(given, dict):
        faults.append(Fault(pointer, "not_an_object"))
        return {}
    faults.extend(fault.below(pointer) for fault in unknown_members(given, (*names, *flags)))
    for member in names:
        try:
            name(given.get(member) or _missing())
        except BadValueError as problem:
            faults.append(Fault(f"{pointer}/{member}", problem.code, problem.params))
    faults.extend(Fault(f"{pointer}/{flag}", "not_boolean") for flag in flags
                  if not isinstance(given.get(flag) or False, bool))
    return {member: given.get(member) for member in names} | {flag: True for flag in flags if given.get(flag)}


def _missing() -> NoReturn:
    raise BadValueError("required")


def _word(value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise BadValueError("not_one_of", words=", ".join(words))
    return value


class BadFormulaError(BadValueError):
    """A formula that is wrong at a place of its text."""

    def __init__(self, error: FormulaError, source: Any) -> None:
        super().__init__(f"formula_{error.code}", formula=error, source=source if isinstance(source, str) else "")

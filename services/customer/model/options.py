"""Options of field types: which a type takes, what they may hold, what they are when nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to
from services.customer.model.labels import check_label
from services.customer.model.names import check_name
from services.customer.model.stages import check_stage
from services.customer.model.values import choices, numbers

MAX_CHOICES = 500
REQUIRED = object()
Check = Callable[[Any], Any]


@dataclass(frozen=True)
class Option:
    """One option: its name, the check that makes its canonical value, its default (or REQUIRED)."""

    name: str
    check: Check
    default: Any = None


def read_options(given: Mapping[str, Any], table: tuple[Option, ...]) -> dict[str, Any]:
    """The canonical options, or InvalidError with a fault for each wrong one."""
    known = {option.name: option for option in table}
    faults = [Fault(pointer_to(name), "unknown_option") for name in given if name not in known]
    options: dict[str, Any] = {}
    for name, option in known.items():
        try:
            options[name] = _option_value(given.get(name), option)
        except BadValueError as problem:
            faults.append(Fault(pointer_to(name), problem.code, problem.params))
        except InvalidError as invalid:
            faults.extend(fault.below(pointer_to(name)) for fault in invalid.faults)
    if faults:
        raise InvalidError(faults)
    _check_order(options)
    return {name: value for name, value in options.items() if value is not None}


def whole(low: int, high: int) -> Check:
    """An option that is a whole number."""
    return numbers.integer(low, high)


def exact(value: Any) -> str:
    """An option that is a decimal number."""
    return numbers.decimal(28, 10, None, None)(value).rstrip("0").rstrip(".") or "0"


def currency(value: Any) -> str:
    """An ISO 4217 code."""
    if not isinstance(value, str) or value not in numbers.CURRENCIES:
        raise BadValueError("unknown_currency")
    return value


def country(value: Any) -> str:
    """An ISO 3166 code, for telephone numbers without a country."""
    if not isinstance(value, str) or len(value) != 2 or not (value.isascii() and value.isupper()):
        raise BadValueError("unknown_country")
    return value


def prefix(value: Any) -> str:
    """What stands in front of an automatic number."""
    if not isinstance(value, str) or len(value) > 20 or not value.isprintable():
        raise BadValueError("bad_prefix")
    return value


def object_name(value: Any) -> str:
    """The name of an object that a reference points at."""
    return check_name(value, frozenset())


def follow(value: Any) -> str:
    """What who sees the record that a reference points at may do with the record that points: read or write."""
    if value not in ("read", "write"):
        raise BadValueError("bad_level")
    return value


def yes_or_no(value: Any) -> bool:
    """An option that is true or false."""
    return choices.boolean(value)


def choice_list(value: Any) -> list[dict[str, Any]]:
    """The choices: a value, a label and perhaps a colour each."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_CHOICES:
        raise BadValueError("bad_choices", max=MAX_CHOICES)
    faults: list[Fault] = []
    read = [_choice(item, position, faults) for position, item in enumerate(value)]
    seen: set[str] = set()
    for position, choice in enumerate(read):
        if choice["value"] in seen:
            faults.append(Fault(pointer_to(position, "value"), "repeated_choice"))
        seen.add(choice["value"])
    if faults:
        raise InvalidError(faults)
    return read


def _choice(item: Any, position: int, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(item, dict) or not item.keys() <= {"value", "label", "color", "stage"}:
        faults.append(Fault(pointer_to(position), "bad_choice"))
        return {"value": ""}
    value, color = item.get("value"), item.get("color")
    if not isinstance(value, str) or not choices.VALUE.match(value):
        faults.append(Fault(pointer_to(position, "value"), "bad_choice_value"))
    if color is not None and not (isinstance(color, str) and len(color) <= 20 and color.isprintable()):
        faults.append(Fault(pointer_to(position, "color"), "bad_color"))
    label = _tried(lambda: check_label(item.get("label") or {"en": value}), pointer_to(position, "label"), faults)
    stage = _tried(lambda: check_stage(item["stage"]), pointer_to(position, "stage"), faults) if "stage" in item else {}
    return ({"value": str(value), "label": label} | ({"color": color} if color else {})
            | ({"stage": stage} if stage else {}))


def _tried(read: Callable[[], dict[str, Any]], pointer: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        return read()
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
    except InvalidError as invalid:
        faults.extend(fault.below(pointer) for fault in invalid.faults)
    return {}


def _option_value(value: Any, option: Option) -> Any:
    if value is not None:
        return option.check(value)
    if option.default is REQUIRED:
        raise BadValueError("required")
    return option.default


def _is_below(one: Any, other: Any) -> bool:
    """Whether a limit lies below another: numbers by value, days and moments in their wire form."""
    try:
        return Decimal(one) < Decimal(other)
    except InvalidOperation:
        return one < other


def _check_order(options: Mapping[str, Any]) -> None:
    low, high = options.get("min"), options.get("max")
    if low is not None and high is not None and _is_below(high, low):
        raise InvalidError.at("/max", "max_below_min")
    if options.get("scale", 0) > options.get("precision", 99):
        raise InvalidError.at("/scale", "scale_above_precision")

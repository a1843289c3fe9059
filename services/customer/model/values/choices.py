"""Yes or no, one of a list, several of a list; several are kept as `|a|b|`, so one `LIKE` finds each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.values.text import folded

Coerce = Callable[[Any], Any]

VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}\Z")
_YES = frozenset({"true", "yes", "y", "1", "是", "对", "有", "√", "✓"})
_NO = frozenset({"false", "no", "n", "0", "否", "不", "无", "×", "✗"})
_BETWEEN = re.compile(r"[,，;；、|\n]")


def boolean(value: Any) -> bool:
    """JSON's own true and false."""
    if type(value) is not bool:
        raise BadValueError("not_boolean")
    return value


def one_of(values: Iterable[str]) -> Coerce:
    """A value of the list."""
    known = frozenset(values)

    def coerce(value: Any) -> str:
        if type(value) is not str:
            raise BadValueError("not_text")
        if value not in known:
            raise BadValueError("not_a_choice", value=value[:60])
        return value

    return coerce


def several_of(values: Iterable[str]) -> Coerce:
    """Values of the list, each once, in the list's order; none means no value."""
    order = {value: position for position, value in enumerate(values)}
    one = one_of(order)

    def coerce(value: Any) -> list[str] | None:
        if type(value) is not list:
            raise BadValueError("not_list")
        if len(value) > len(order) * 2:
            raise BadValueError("too_many_values", max=len(order))
        return sorted({one(item) for item in value}, key=order.__getitem__) or None

    return coerce


def pack(values: list[str]) -> str:
    """The column form of several values."""
    return "|" + "|".join(values) + "|"


def unpack(text: str) -> list[str]:
    """The wire form of several values."""
    return text[1:-1].split("|")


def boolean_cell(value: Any) -> Any:
    """Yes and no as people write them in either language."""
    if isinstance(value, bool):
        return value
    word = folded(str(int(value) if isinstance(value, float) and value.is_integer() else value))
    return True if word in _YES else False if word in _NO else value


def choice_cell(labels: Mapping[str, str]) -> Callable[[Any], Any]:
    """A value or a label in any language; `labels` maps folded words to values."""

    def read(value: Any) -> Any:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        return labels.get(folded(text), text.strip())

    return read


def several_cell(labels: Mapping[str, str]) -> Callable[[Any], Any]:
    """Several values or labels with commas, semicolons or `、` between them."""
    one = choice_cell(labels)

    def read(value: Any) -> Any:
        return [one(part) for part in _BETWEEN.split(str(value)) if part.strip()]

    return read

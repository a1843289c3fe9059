"""JSON in and out, through orjson: strict UTF-8, no NaN, decimals as strings, moments in UTC."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from chassis.clock import to_wire

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return to_wire(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(value: Any) -> str:
    """Render `value` as compact JSON text."""
    return orjson.dumps(value, default=_default, option=_OPTIONS).decode()


def dump_bytes(value: Any) -> bytes:
    """Render `value` as compact JSON in UTF-8."""
    return orjson.dumps(value, default=_default, option=_OPTIONS)


def loads(text: str | bytes) -> Any:
    """Read JSON; raises ValueError for broken UTF-8, lone surrogates, NaN or more than 1,024 levels."""
    return orjson.loads(text)


def depth_exceeds(value: Any, limit: int) -> bool:
    """Tell whether lists and objects nest deeper than `limit`, without recursion."""
    level = [value]
    for _ in range(limit + 1):
        nested: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                nested.extend(item.values())
            elif isinstance(item, list):
                nested.extend(item)
        if not nested:
            return False
        level = [item for item in nested if isinstance(item, dict | list)]
    return bool(level)

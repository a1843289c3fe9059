"""How much of a dead letter somebody is shown: all of it, or its shape without the values.

A message tells of records, people and messages, whoever looks after operations. So its values are shown only to who
may read all records of every object that it names, each field in full (of every object at all when it names none).
Everybody else sees which members there are, the ids, and what happened to them: enough to find the cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.auth.principal import ObjectPolicy, Principal
from chassis.ids import is_id

MASK = "•••"
_EVERY_OBJECT = "*"
_TECHNICAL = frozenset(
    {"object", "action", "version", "kind", "state", "outcome", "template", "rules", "bulk", "undone"})


def may_read_whole(principal: Principal, message: Any) -> bool:
    """Whether nothing in a message is hidden from the caller."""
    names = set(_objects_in(message)) or {_EVERY_OBJECT}
    return all(_is_full(principal.objects(name)) for name in names)


def without_values(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose data keep their shape and their ids, but none of their values."""
    return message | {"data": _masked(message.get("data"))}


def _is_full(policy: ObjectPolicy) -> bool:
    hides = any(access in ("none", "masked") for access in policy.fields.values())
    return policy.allows("read") and "all" in policy.scopes and not hides


def _objects_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        named = value.get("object")
        if isinstance(named, str):
            yield named
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects_in(one)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, name) for one in value]
    return value if value is None or name in _TECHNICAL or is_id(value) else MASK

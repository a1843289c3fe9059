"""What people changed of an item since its pack was installed: the item as it is, beside the item as the pack had it.

Only members that the pack speaks of count, and what people added to a list of named things: a field, a choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.packs.merge import identity_of


@dataclass(frozen=True)
class Changed:
    """One place: as the pack had it, and as it is now."""

    pointer: str
    before: Any
    after: Any


def changes_of(kind: str, base: Mapping[str, Any], installed: Mapping[str, Any]) -> Iterator[Changed]:
    """Every place of an item that is not as the pack made it; a role also where people let it reach further."""
    yield from changed_here(base, installed)
    if kind == "role":
        yield from (Changed(f"/objects/{name}", None, rights) for name, rights in installed["objects"].items()
                    if name not in base["objects"])


def changed_here(base: Any, installed: Any, pointer: str = "") -> Iterator[Changed]:
    """Every place that is not as the pack made it."""
    if isinstance(base, Mapping) and isinstance(installed, Mapping):
        for name, value in base.items():
            yield from changed_here(value, installed.get(name), f"{pointer}/{name}")
    elif isinstance(base, list) and isinstance(installed, list) and (named := identity_of(base, installed)):
        yield from _in_list(named, base, installed, pointer)
    elif base != installed and not (_is_nothing(base) and _is_nothing(installed)):
        yield Changed(pointer, base, installed)


def _in_list(named: str, base: list[Any], installed: list[Any], pointer: str) -> Iterator[Changed]:
    before, now = ({one[named]: one for one in rows} for rows in (base, installed))
    for name in dict.fromkeys([*before, *now]):
        place = f"{pointer}/{name}"
        if name in before and name in now:
            yield from changed_here(before[name], now[name], place)
        else:
            yield Changed(place, before.get(name), now.get(name))


def _is_nothing(value: Any) -> bool:
    return value is None or value in ({}, [])

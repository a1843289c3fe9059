"""Places where people have something else than the pack wants, and their choice to keep it.

A place is `<kind>/<key>#<pointer>`, as the plan shows it: `object/lead#/fields/region/label`. Keeping is done before
anything is planned: the pack's item gets the present value there, so that nothing is left to change.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from gateway.packs.merge import MISSING
from gateway.packs.model import Item, Pack
from gateway.packs.plan import UPDATE, Change


def with_choices(pack: Pack, installed: Mapping[tuple[str, str], dict[str, Any]], keep: Collection[str]) -> Pack:
    """The pack as it shall be installed when people keep what they have at these places."""
    if not keep:
        return pack
    wanted: dict[str, list[str]] = {}
    for place in keep:
        name, _, pointer = place.partition("#")
        wanted.setdefault(name, []).append(pointer)
    return replace(pack, items=tuple(
        _kept(item, installed[item.kind, item.key], wanted[item.name])
        if item.name in wanted and (item.kind, item.key) in installed else item for item in pack.items))


def is_conflict(change: Change, pointer: str, base: Any) -> bool:
    """Whether people changed the place themselves: it is neither as the pack had it, nor as the pack wants it."""
    if change.action != UPDATE:
        return False
    before = at(base, pointer)
    return before is not MISSING and at(change.installed, pointer) not in (before, MISSING)


def at(body: Any, pointer: str) -> Any:
    """The value at a place of an item, or MISSING; fields are found by their name."""
    for step in pointer.split("/")[1:]:
        body = _step(body, step)
    return body


def _step(body: Any, step: str) -> Any:
    if isinstance(body, Mapping):
        return body.get(step, MISSING)
    if isinstance(body, list):
        return next((one for one in body if isinstance(one, Mapping) and one.get("name") == step), MISSING)
    return MISSING


def _kept(item: Item, installed: dict[str, Any], pointers: list[str]) -> Item:
    body = copy.deepcopy(item.body)
    for pointer in pointers:
        outer, _, last = pointer.rpartition("/")
        holder, present = at(body, outer), at(installed, pointer)
        if isinstance(holder, dict):
            holder.pop(last, None)
            if present is not MISSING:
                holder[last] = present
    return replace(item, body=body)

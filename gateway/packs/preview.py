"""A pack's changes in words, for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.packs.plan import CREATE, UNCHANGED, Change

MARKS = {"create": "+", "update": "~", "unchanged": "=", "kept": "-"}
STAYS = {"remove": "-", "keep": "="}
REASONS = {"changed": "changed since it was installed", "records": "has {records} records",
           "needed": "needed by {names}", "other_pack": "another pack has it",
           "history": "what was written with it speaks of it"}
WIDTH = 60


def preview_lines(changes: Iterable[Change], *, everything: bool = False) -> Iterator[str]:
    """A line per item and per difference, then the sums; unchanged items are left out unless asked for."""
    counted: Counter[str] = Counter()
    for change in changes:
        counted[change.action] += 1
        if everything or change.action != UNCHANGED:
            yield change_line(change)
            yield from (f"      {at.pointer}: {_short(at.before)} → {_short(at.after)}" for at in change.differences)
    yield ", ".join(f"{counted[action]} {action}" for action in MARKS if counted[action]) or "nothing in the pack"


def change_line(change: Change) -> str:
    """One change in one line: `+ object lead (23 fields)`."""
    item = change.item
    extent = f" ({len(item.body['fields'])} fields)" if item.kind == "object" and change.action == CREATE else ""
    return f"  {MARKS[change.action]} {item.kind.replace('_', ' ')} {item.key}{extent}"


def removal_lines(plan: Mapping[str, Any]) -> Iterator[str]:
    """A removal as the API plans it: what goes, what stays and why, and what was changed since it was installed."""
    for one in plan["items"]:
        if one["action"] == "gone":
            continue
        reason = REASONS.get(one["reason"], "").format(records=one["records"], names=", ".join(one["needed_by"]))
        line = f"  {STAYS[one['action']]} {one['kind'].replace('_', ' ')} {one['key']}"
        yield f"{line}: {reason}" if reason else line
        yield from (f"      {at['pointer']}: {_short(at['before'])} → {_short(at['after'])}" for at in one["changes"])
    if plan["needed_by"]:
        yield f"other packs need it: {', '.join(plan['needed_by'])}"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"

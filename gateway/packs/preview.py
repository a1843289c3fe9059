"""A pack's changes in words, for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.packs.plan import CREATE, UNCHANGED, Change

MARKS = {"create": "+", "update": "~", "unchanged": "=", "kept": "-"}
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


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"

"""Log lines as far as they may leave the house.

A line's message may quote anything that a person wrote, so it stays. What goes along says when, where, how bad, in
which request, and for an error its class and the places in the program that it came through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from chassis.jsonio import dumps, loads

KEPT = ("at", "level", "logger", "service", "request_id", "route")
NUMBERS = ("status", "ms")
_FRAME = re.compile(r'File "(?:[^"]*/site-packages/|[^"]*/lib/python3[^/"]*/|<)([^">]+)>?", line (\d+), in (\w+)')
_ERROR = re.compile(r"^((?:\w+\.)*[A-Z]\w*)(?::|$)", re.MULTILINE)


def kept_lines(lines: Iterable[str]) -> Iterator[str]:
    """Each line of the program's JSON log with what is kept of it; at the end how many lines were none."""
    others = 0
    for line in lines:
        try:
            entry = loads(line)
        except ValueError:
            entry = None
        if isinstance(entry, dict):
            yield dumps(_kept(entry))
        elif line.strip():
            others += 1
    if others:
        yield dumps({"lines_left_out": others})


def _kept(entry: dict[str, Any]) -> dict[str, Any]:
    found = {name: entry[name] for name in KEPT if isinstance(entry.get(name), str)}
    found |= {name: entry[name] for name in NUMBERS if isinstance(entry.get(name), int | float)}
    trace = entry.get("exc_info")
    if isinstance(trace, str):
        found["error"] = _ERROR.findall(trace)[-3:]
        found["came_through"] = [f"{path}:{line} {function}" for path, line, function in _FRAME.findall(trace)][-12:]
    return found

"""What a check finds: an outcome, the figures behind it, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

PASS, WARN, FAIL, SKIP = "pass", "warn", "fail", "skip"
SIGNS = {PASS: "ok  ", WARN: "warn", FAIL: "FAIL", SKIP: "-   "}
ENDING = "Nothing has been changed on this machine."


@dataclass(frozen=True)
class Result:
    """One answer. `advice` is empty when there is nothing to do."""

    name: str
    outcome: str
    found: str
    needed: str
    advice: str = ""


def judged(name: str, good: bool, found: str, needed: str, advice: str, otherwise: str = FAIL) -> Result:
    """A result that passes or is `otherwise`."""
    return Result(name, PASS if good else otherwise, found, needed, "" if good else advice)


def accepted(results: Iterable[Result], names: Iterable[str]) -> list[Result]:
    """Results with the failures that the operator takes upon himself turned into warnings."""
    taken = set(names)
    return [
        Result(one.name, WARN, one.found, one.needed, f"accepted by the operator; {one.advice}")
        if one.outcome == FAIL and one.name in taken
        else one
        for one in results
    ]


def as_text(results: list[Result]) -> str:
    """The results for people."""
    width = max(len(one.name) for one in results)
    lines = []
    for one in results:
        lines.append(f"{SIGNS[one.outcome]}  {one.name:{width}}  {one.found} (needed: {one.needed})")
        if one.advice:
            lines.append(f"{'':{width + 8}}{one.advice}")
    return "\n".join([*lines, "", summary(results), ENDING])


def as_json(results: list[Result]) -> dict[str, Any]:
    """The results for programs."""
    return {"ok": not failed(results), "changed": False, "results": [asdict(one) for one in results]}


def summary(results: list[Result]) -> str:
    """How many of each outcome."""
    counts = {outcome: sum(one.outcome == outcome for one in results) for outcome in (PASS, WARN, FAIL, SKIP)}
    return f"{counts[PASS]} passed, {counts[WARN]} warnings, {counts[FAIL]} failures, {counts[SKIP]} not asked."


def failed(results: Iterable[Result]) -> bool:
    """Whether an installation must not begin."""
    return any(one.outcome == FAIL for one in results)

"""What a choice says when it is a stage of a pipeline: data for whoever leads records from stage to stage.

`probability` is the usual chance of winning in percent; `tasks` are the key tasks on entry, each with its days until it
is due; `checks` is the list that people tick off; `exit` is the condition that must hold before a record moves on;
`closed` marks the two ends of the pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.labels import check_label
from services.customer.model.names import check_name

MAX_TASKS, MAX_CHECKS, MAX_DAYS = 20, 30, 3650
MAX_EXIT_CLAUSES, MAX_EXIT_DEPTH = 50, 8
ENDS = ("won", "lost")
_MEMBERS = frozenset({"probability", "tasks", "checks", "exit", "closed"})


def check_stage(given: Any) -> dict[str, Any]:
    """The canonical stage; raises BadValueError."""
    if not isinstance(given, Mapping) or not given.keys() <= _MEMBERS:
        raise BadValueError("bad_stage")
    stage = {"probability": _whole(given.get("probability", 0), 100),
             "tasks": [_task(one) for one in _list(given.get("tasks"), MAX_TASKS)],
             "checks": [_check(one) for one in _list(given.get("checks"), MAX_CHECKS)]}
    if len({check["key"] for check in stage["checks"]}) < len(stage["checks"]):
        raise BadValueError("bad_stage")
    return stage | _exit(given.get("exit")) | _end(given.get("closed"))


def _task(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.keys() - {"title", "days"}:
        raise BadValueError("bad_stage")
    return {"title": check_label(given.get("title") or {}), "days": _whole(given.get("days", 0), MAX_DAYS)}


def _check(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.keys() - {"key", "label"}:
        raise BadValueError("bad_stage")
    return {"key": check_name(given.get("key"), frozenset()), "label": check_label(given.get("label") or {})}


def _exit(given: Any) -> dict[str, Any]:
    """The condition; its fields are the business of whoever asks it."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or _clauses(given, MAX_EXIT_DEPTH) > MAX_EXIT_CLAUSES:
        raise BadValueError("bad_stage")
    return {"exit": dict(given)}


def _clauses(node: Any, depth: int) -> int:
    """How many clauses a condition has; raises when it is nested too deeply or no condition at all."""
    if not isinstance(node, Mapping) or depth == 0:
        raise BadValueError("bad_stage")
    if "field" in node:
        return 1
    if "related" in node:
        return 1 + (_clauses(node["where"], depth - 1) if "where" in node else 0)
    inner = [one for name in ("all", "any") for one in _list(node.get(name), MAX_EXIT_CLAUSES)]
    inner += [node["not"]] if "not" in node else []
    return sum(_clauses(one, depth - 1) for one in inner)


def _end(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if given not in ENDS:
        raise BadValueError("bad_stage")
    return {"closed": given}


def _list(given: Any, most: int) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > most:
        raise BadValueError("bad_stage")
    return given


def _whole(given: Any, most: int) -> int:
    if type(given) is not int or not 0 <= given <= most:
        raise BadValueError("bad_stage")
    return given

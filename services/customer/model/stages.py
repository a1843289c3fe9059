"""What a choice says when it is a stage of a pipeline: data for whoever leads records from stage to stage.

`probability` is the usual chance of winning in percent; `tasks` are the key tasks on entry, each with its days until it
is due; `checks` is the list that people tick off; `closed` marks the two ends of the pipeline.

`complete` says what of these must be done before a record moves on: its key `tasks`, its `checks`, or both.

`required` are fields that must have a value before a record comes into the stage, `enter` is a condition that must hold
then, `exit` one that must hold before it moves on; `message` is what whoever is refused reads in place of our sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.customer.model.faults import BadValueError, Fault, InvalidError, pointer_to
from services.customer.model.labels import MAX_HELP, check_label, check_optional_label
from services.customer.model.names import check_name

MAX_TASKS, MAX_CHECKS, MAX_DAYS, MAX_REQUIRED = 20, 30, 3650, 30
MAX_CLAUSES, MAX_DEPTH = 50, 8
ENDS = ("won", "lost")
TASKS, CHECKS = "tasks", "checks"
Read = Callable[[Any], Any]


def check_stage(given: Any) -> dict[str, Any]:
    """The canonical stage; raises InvalidError with a fault for everything that is wrong."""
    if not isinstance(given, Mapping):
        raise InvalidError.at("", "bad_stage")
    faults = [Fault(pointer_to(name), "bad_stage") for name in given if name not in _PARTS]
    stage = {name: _tried(read, given.get(name), pointer_to(name), faults) for name, read in _PARTS.items()}
    if faults:
        raise InvalidError(faults)
    return {name: value for name, value in stage.items() if name in _ALWAYS or value}


def _tried(read: Read, given: Any, pointer: str, faults: list[Fault]) -> Any:
    try:
        return read(given)
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
    except InvalidError as invalid:
        faults.extend(fault.below(pointer) for fault in invalid.faults)
    return None


def _each(read: Read, most: int) -> Read:
    """A list of such things; nothing is none."""
    def several(given: Any) -> list[Any]:
        if given is not None and (not isinstance(given, list) or len(given) > most):
            raise BadValueError("bad_list", max=most)
        faults: list[Fault] = []
        found = [_tried(read, one, pointer_to(place), faults) for place, one in enumerate(given or ())]
        if faults:
            raise InvalidError(faults)
        return found

    return several


def _task(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.keys() - {"title", "days"}:
        raise BadValueError("bad_stage")
    return _members(given, {"title": lambda title: check_label(title or {}), "days": _whole(MAX_DAYS)})


def _check(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.keys() - {"key", "label"}:
        raise BadValueError("bad_stage")
    return _members(given, {"key": _name, "label": lambda label: check_label(label or {})})


def _members(given: Mapping[str, Any], reads: Mapping[str, Read]) -> dict[str, Any]:
    faults: list[Fault] = []
    found = {name: _tried(read, given.get(name), pointer_to(name), faults) for name, read in reads.items()}
    if faults:
        raise InvalidError(faults)
    return found


def _checks(given: Any) -> list[dict[str, Any]]:
    checks = _each(_check, MAX_CHECKS)(given)
    if len({check["key"] for check in checks}) < len(checks):
        raise BadValueError("bad_stage")
    return checks


def _name(given: Any) -> str:
    return check_name(given, frozenset())


def _required(given: Any) -> list[str]:
    return list(dict.fromkeys(_each(_name, MAX_REQUIRED)(given)))


def _complete(given: Any) -> list[str]:
    if given is not None and (not isinstance(given, list) or any(one not in (TASKS, CHECKS) for one in given)):
        raise BadValueError("bad_stage")
    return [one for one in (TASKS, CHECKS) if one in (given or ())]


def _condition(given: Any) -> dict[str, Any] | None:
    """The condition; its fields are the business of whoever asks it."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or _clauses(given, MAX_DEPTH) > MAX_CLAUSES:
        raise BadValueError("bad_stage")
    return dict(given)


def _clauses(node: Any, depth: int) -> int:
    """How many clauses a condition has; raises when it is nested too deeply or no condition at all."""
    if not isinstance(node, Mapping) or depth == 0:
        raise BadValueError("bad_stage")
    if "field" in node:
        return 1
    if "related" in node:
        return 1 + (_clauses(node["where"], depth - 1) if "where" in node else 0)
    inner = [one for name in ("all", "any") for one in _listed(node.get(name))]
    inner += [node["not"]] if "not" in node else []
    return sum(_clauses(one, depth - 1) for one in inner)


def _listed(given: Any) -> list[Any]:
    if given is not None and (not isinstance(given, list) or len(given) > MAX_CLAUSES):
        raise BadValueError("bad_stage")
    return given or []


def _end(given: Any) -> str | None:
    if given is not None and given not in ENDS:
        raise BadValueError("bad_stage")
    return given


def _whole(most: int) -> Read:
    def whole(given: Any) -> int:
        number = 0 if given is None else given
        if type(number) is not int or not 0 <= number <= most:
            raise BadValueError("bad_stage")
        return number

    return whole


_ALWAYS = ("probability", "tasks", "checks")
_PARTS: Mapping[str, Read] = {
    "probability": _whole(100), "tasks": _each(_task, MAX_TASKS), "checks": _checks, "required": _required,
    "enter": _condition, "exit": _condition, "complete": _complete, "closed": _end,
    "message": lambda given: check_optional_label(given or {}, MAX_HELP),
}

"""What writing a record brings about elsewhere, told by the metadata of its object.

`touches`: writing a follow-up brings "last followed up" of the record that it points at forward. `reference` is the
own field that points there, `sets` the moment over there, `from` the own moment that it takes (without it: the moment
of writing).

`planned_task`: a record with a date in `due` is a task of its owner. `title` is the own text that names it, `about`
the own references of which the first that is set is what the task is about; the workflow service keeps the task.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.names import check_name

MAX_TOUCHES = 20
MAX_ABOUT = 10
_MAX_KIND = 60
_TOUCH = ("reference", "sets", "from")
_PLANNED = ("due", "title", "kind", "about")

Fields = Mapping[str, FieldDef]


def check_touches(given: Any, known: Fields, faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    """The canonical touches; whether the target has the moment is looked up where targets are known."""
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or len(given) > MAX_TOUCHES:
        faults.append(Fault("/touches", "bad_list", {"max": MAX_TOUCHES}))
        return ()
    return tuple(_touch(item, known, pointer_to("touches", place), faults) for place, item in enumerate(given))


def _touch(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or not given.keys() <= set(_TOUCH):
        faults.append(Fault(pointer, "bad_touch"))
        return {}
    _own_field(given.get("reference"), ("reference",), known, f"{pointer}/reference", faults)
    if given.get("from") is not None:
        _own_field(given["from"], ("datetime",), known, f"{pointer}/from", faults)
    try:
        check_name(given.get("sets"), frozenset())
    except BadValueError as problem:
        faults.append(Fault(f"{pointer}/sets", problem.code, problem.params))
    return {name: given.get(name) for name in _TOUCH}


def check_planned_task(given: Any, known: Fields, faults: list[Fault]) -> dict[str, Any] | None:
    """The canonical planned task."""
    if given is None:
        return None
    if not isinstance(given, dict) or not given.keys() <= set(_PLANNED):
        faults.append(Fault("/planned_task", "bad_planned_task"))
        return None
    _own_field(given.get("due"), ("datetime",), known, "/planned_task/due", faults)
    if given.get("title") is not None:
        _own_field(given["title"], ("text", "long_text"), known, "/planned_task/title", faults)
    kind, about = given.get("kind"), given.get("about") or []
    if kind is not None and (not isinstance(kind, str) or not 1 <= len(kind) <= _MAX_KIND or not kind.isprintable()):
        faults.append(Fault("/planned_task/kind", "bad_planned_task"))
    if not isinstance(about, (list, tuple)) or len(about) > MAX_ABOUT:
        faults.append(Fault("/planned_task/about", "bad_list", {"max": MAX_ABOUT}))
        about = []
    for place, name in enumerate(about):
        _own_field(name, ("reference",), known, pointer_to("planned_task", "about", place), faults)
    return {"due": given.get("due"), "title": given.get("title"), "kind": kind, "about": list(about)}


def _own_field(name: Any, types: tuple[str, ...], known: Fields, pointer: str, faults: list[Fault]) -> None:
    if not isinstance(name, str) or name not in known:
        faults.append(Fault(pointer, "unknown_field", {"field": str(name)[:100]}))
    elif known[name].type not in types:
        faults.append(Fault(pointer, "wrong_kind_of_field", {"types": ", ".join(types)}))

"""Conversion: what a record turns into (a lead into customer, contact and opportunity), told by metadata.

`creates` names the records to make, in order: which of their fields are copied from the source, and which
of their references point at records made before. `references` are the source's own links to what was
made, and they are the proof that it has been converted; `set` are values the source gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.names import check_name
from services.customer.model.types import FILE_TYPES

MAX_CREATES = 10


def check_conversion(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> dict[str, Any] | None:
    """The canonical conversion; faults of the source's side are added, targets are looked up when it runs."""
    if given is None:
        return None
    known_members = isinstance(given, dict) and given.keys() <= {"creates", "set", "references"}
    if not known_members or not isinstance(given.get("creates"), list):
        faults.append(Fault("/conversion", "bad_conversion"))
        return None
    if not 1 <= len(given["creates"]) <= MAX_CREATES:
        faults.append(Fault("/conversion/creates", "bad_list", {"max": MAX_CREATES}))
    made: set[str] = set()
    creates = [_create(item, place, known, made, faults) for place, item in enumerate(given["creates"])]
    return {"creates": creates, "set": _set(given.get("set"), known, faults),
            "references": _links(given.get("references"), known, made, faults)}


def _create(given: Any, place: int, known: Mapping[str, FieldDef], made: set[str],
            faults: list[Fault]) -> dict[str, Any]:
    pointer = pointer_to("conversion", "creates", place)
    if not isinstance(given, dict) or not given.keys() <= {"object", "fields", "references"}:
        faults.append(Fault(pointer, "bad_conversion"))
        return {}
    copied, linked = given.get("fields") or {}, given.get("references") or {}
    if not _is_text_map(copied) or not _is_text_map(linked):
        faults.append(Fault(pointer, "bad_conversion"))
        return {}
    name = _object_name(given.get("object"), f"{pointer}/object", made, faults)
    faults.extend(Fault(pointer + pointer_to("fields", target), "unknown_field", {"field": source[:100]})
                  for target, source in copied.items() if source not in known)
    faults.extend(Fault(pointer + pointer_to("fields", target), "files_stay")
                  for target, source in copied.items() if source in known and known[source].type in FILE_TYPES)
    faults.extend(Fault(pointer + pointer_to("references", target), "not_made_before")
                  for target, source in linked.items() if source not in made)
    made.add(name)
    return {"object": name, "fields": copied, "references": linked}


def _object_name(value: Any, pointer: str, made: set[str], faults: list[Fault]) -> str:
    try:
        name = check_name(value, frozenset())
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
        return ""
    if name in made:
        faults.append(Fault(pointer, "name_taken"))
    return name


def _set(given: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        faults.append(Fault("/conversion/set", "not_an_object"))
        return {}
    return {name: _set_value(name, value, known, faults) for name, value in given.items()}


def _set_value(name: str, value: Any, known: Mapping[str, FieldDef], faults: list[Fault]) -> Any:
    try:
        if name not in known:
            raise BadValueError("unknown_field", field=name[:100])
        return None if value is None else known[name].coerce(value)
    except BadValueError as problem:
        faults.append(Fault(pointer_to("conversion", "set", name), problem.code, problem.params))
        return None


def _links(given: Any, known: Mapping[str, FieldDef], made: set[str], faults: list[Fault]) -> dict[str, str]:
    if given is None:
        return {}
    if not _is_text_map(given):
        faults.append(Fault("/conversion/references", "not_an_object"))
        return {}
    for name, target in given.items():
        if name not in known or known[name].type != "reference" or known[name].target != target or target not in made:
            faults.append(Fault(pointer_to("conversion", "references", name), "bad_link"))
    return dict(given)


def _is_text_map(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())

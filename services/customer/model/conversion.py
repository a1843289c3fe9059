"""Conversion: what a record turns into (a lead into customer, contact and opportunity), told by metadata.

`creates` names the records to make, in order. Of each: `fields` copies from the source, `values` are the same for all
(`$today` and `$me` are understood), `references` point at records made before, `source` is the link that leads back.
`lines` are made with it: one per line of the source (`from`), or of a record that the source leads to (`through`);
`split` shares an amount of the source out by their percentages, to the cent, and `days` reckons a date.

`references` are the source's own links to what was made, and they are the proof that it has been converted; `set` are
values the source gets.

An object has one `conversion` of this kind, and any number of `conversions` with a `key` and a `label` beside it; these
may be done again, as long as the source fits their `criteria`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.labels import check_label
from services.customer.model.names import check_name
from services.customer.model.types import FILE_TYPES

MAX_CREATES, MAX_CONVERSIONS, MAX_LINES = 10, 10, 5
_PLAN = frozenset({"creates", "set", "references"})
_CREATE = frozenset({"object", "fields", "values", "references", "source", "lines"})
_LINE = frozenset({"object", "from", "through", "fields", "split", "days"})
_PARTS: Mapping[str, frozenset[str]] = {"split": frozenset({"amount", "share", "into"}),
                                        "days": frozenset({"from", "add", "into"})}
Fields = Mapping[str, FieldDef]


def check_conversion(given: Any, known: Fields, faults: list[Fault]) -> dict[str, Any] | None:
    """The canonical conversion; faults of the source's side are added, targets are looked up when it runs."""
    if given is None:
        return None
    if not isinstance(given, dict) or given.keys() - _PLAN:
        faults.append(Fault("/conversion", "bad_conversion"))
        return None
    return _plan(given, known, "/conversion", faults)


def check_conversions(given: Any, known: Fields, faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    """The canonical conversions that have keys; their criteria are read where criteria are known."""
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or len(given) > MAX_CONVERSIONS:
        faults.append(Fault("/conversions", "bad_list", {"max": MAX_CONVERSIONS}))
        return ()
    keys: set[str] = set()
    return tuple(_keyed(one, known, pointer_to("conversions", place), keys, faults) for place, one in enumerate(given))


def _keyed(given: Any, known: Fields, pointer: str, keys: set[str], faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys() - _PLAN - {"key", "label", "criteria"}:
        faults.append(Fault(pointer, "bad_conversion"))
        return {}
    key = _tried(lambda: check_name(given.get("key"), frozenset()), f"{pointer}/key", faults)
    label = _tried(lambda: check_label(given.get("label") or {}), f"{pointer}/label", faults)
    if key in keys:
        faults.append(Fault(f"{pointer}/key", "name_taken"))
    keys.add(key)
    criteria = given.get("criteria")
    if criteria is not None and not isinstance(criteria, dict):
        faults.append(Fault(f"{pointer}/criteria", "not_an_object"))
    plan = _plan(given, known, pointer, faults) or {}
    return {"key": key, "label": label, **({"criteria": criteria} if criteria else {}), **plan}


def _plan(given: dict[str, Any], known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any] | None:
    rows = given.get("creates")
    if not isinstance(rows, list):
        faults.append(Fault(pointer, "bad_conversion"))
        return None
    if not 1 <= len(rows) <= MAX_CREATES:
        faults.append(Fault(f"{pointer}/creates", "bad_list", {"max": MAX_CREATES}))
    made: set[str] = set()
    creates = [_create(item, pointer + pointer_to("creates", place), known, made, faults)
               for place, item in enumerate(rows)]
    return {"creates": creates, "set": _set(given.get("set"), known, f"{pointer}/set", faults),
            "references": _links(given.get("references"), known, made, f"{pointer}/references", faults)}


def _create(given: Any, pointer: str, known: Fields, made: set[str], faults: list[Fault]) -> dict[str, Any]:
    linked = (given.get("references") or {}) if isinstance(given, dict) else {}
    values = (given.get("values") or {}) if isinstance(given, dict) else {}
    shaped = isinstance(given, dict) and not given.keys() - _CREATE and _is_text_map(given.get("fields") or {})
    if not shaped or not _is_text_map(linked) or not isinstance(values, dict):
        faults.append(Fault(pointer, "bad_conversion"))
        return {"object": "", "fields": {}, "references": {}}
    name = _object_name(given.get("object"), f"{pointer}/object", made, faults)
    copied = given.get("fields") or {}
    _check_copied(copied, known, f"{pointer}/fields", faults)
    faults.extend(Fault(f"{pointer}/references{pointer_to(target)}", "not_made_before")
                  for target, source in linked.items() if source not in made)
    made.add(name)
    found = {"object": name, "fields": copied, "references": linked}
    source = given.get("source")
    if source is not None:
        found["source"] = _tried(lambda: check_name(source, frozenset()), f"{pointer}/source", faults)
    lines = _lines(given.get("lines"), known, f"{pointer}/lines", faults)
    return found | ({"values": values} if values else {}) | ({"lines": lines} if lines else {})


def _check_copied(copied: Mapping[str, str], known: Fields, pointer: str, faults: list[Fault]) -> None:
    faults.extend(Fault(pointer + pointer_to(target), "unknown_field", {"field": source[:100]})
                  for target, source in copied.items() if source not in known)
    faults.extend(Fault(pointer + pointer_to(target), "files_stay")
                  for target, source in copied.items() if source in known and known[source].type in FILE_TYPES)


def _lines(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MAX_LINES:
        faults.append(Fault(pointer, "bad_list", {"max": MAX_LINES}))
        return []
    return [_line(one, known, f"{pointer}/{place}", faults) for place, one in enumerate(given)]


def _line(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys() - _LINE or not _is_text_map(given.get("fields") or {}):
        faults.append(Fault(pointer, "bad_conversion"))
        return {}
    found: dict[str, Any] = {"fields": given.get("fields") or {}}
    for name in ("object", "from"):
        found[name] = _tried(lambda name=name: check_name(given.get(name), frozenset()), f"{pointer}/{name}", faults)
    for part, members in _PARTS.items():
        told = given.get(part)
        if told is not None and (not _is_text_map(told) or told.keys() != members):
            faults.append(Fault(f"{pointer}/{part}", "bad_conversion"))
        elif told is not None:
            found[part] = told
    own = {"through": given.get("through"), "split/amount": found.get("split", {}).get("amount"),
           "days/from": found.get("days", {}).get("from")}
    faults.extend(Fault(f"{pointer}/{place}", "unknown_field", {"field": str(name)[:100]})
                  for place, name in own.items() if name is not None and name not in known)
    return found | ({"through": given["through"]} if given.get("through") else {})


def _object_name(value: Any, pointer: str, made: set[str], faults: list[Fault]) -> str:
    name = _tried(lambda: check_name(value, frozenset()), pointer, faults)
    if name and name in made:
        faults.append(Fault(pointer, "name_taken"))
    return name


def _set(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        faults.append(Fault(pointer, "not_an_object"))
        return {}
    return {name: _set_value(name, value, known, pointer, faults) for name, value in given.items()}


def _set_value(name: str, value: Any, known: Fields, pointer: str, faults: list[Fault]) -> Any:
    try:
        if name not in known:
            raise BadValueError("unknown_field", field=name[:100])
        return None if value is None else known[name].coerce(value)
    except BadValueError as problem:
        faults.append(Fault(pointer + pointer_to(name), problem.code, problem.params))
        return None


def _links(given: Any, known: Fields, made: set[str], pointer: str, faults: list[Fault]) -> dict[str, str]:
    if given is None:
        return {}
    if not _is_text_map(given):
        faults.append(Fault(pointer, "not_an_object"))
        return {}
    for name, target in given.items():
        if name not in known or known[name].type != "reference" or known[name].target != target or target not in made:
            faults.append(Fault(pointer + pointer_to(name), "bad_link"))
    return dict(given)


def _tried(read: Callable[[], Any], pointer: str, faults: list[Fault]) -> Any:
    try:
        return read()
    except BadValueError as problem:
        faults.append(Fault(pointer, problem.code, problem.params))
        return ""


def _is_text_map(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())

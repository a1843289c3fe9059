"""Records that are lines of another record, what fills in their values, and what may never be exceeded.

`line_of`: every record of this object is a line of the record that its own `reference` points at. Lines are written
together with it, follow its owner and go when it goes; `order` is the own number that keeps them in their order.

`fills`: where values of a record come from while somebody writes it. Each fill reads one other record: the one that
`reference` leads to, or the one of `object` whose fields equal what `match` says, that is `valid` on a day and whose
`tier` is reached; then `set` says which own field takes which field of it. What is on the right of `match`, `valid` and
`tier` is an own field or, on a line, one of its parent: `quote_id.price_list_id`.

`limits`: a number or an amount (`field`) that may not be more than another one (`at_most`), whoever writes what it is
counted from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.labels import MAX_HELP, check_optional_label
from services.customer.model.names import check_name

MAX_FILLS, MAX_MATCHES, MAX_LIMITS = 10, 5, 10
AMOUNTS = ("integer", "decimal", "percent", "money")
Fields = Mapping[str, FieldDef]


def check_line_of(given: Any, known: Fields, faults: list[Fault]) -> dict[str, Any] | None:
    """The canonical composition."""
    if given is None:
        return None
    if not isinstance(given, dict) or given.keys() - {"reference", "order"}:
        faults.append(Fault("/line_of", "bad_line_of"))
        return None
    _own(given.get("reference"), ("reference",), known, "/line_of/reference", faults)
    if given.get("order") is not None:
        _own(given["order"], ("integer",), known, "/line_of/order", faults)
    return {"reference": given.get("reference"), "order": given.get("order")}


def check_fills(given: Any, known: Fields, faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    """The canonical fills; what stands in the other object is looked up where objects are known."""
    rows = _listed(given, MAX_FILLS, "/fills", faults)
    return tuple(_fill(row, known, pointer_to("fills", place), faults) for place, row in enumerate(rows))


def check_limits(given: Any, known: Fields, faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    """The canonical limits."""
    rows = _listed(given, MAX_LIMITS, "/limits", faults)
    return tuple(_limit(row, known, pointer_to("limits", place), faults) for place, row in enumerate(rows))


def problems_of_composition(definition: Any, own: Fields, known: Mapping[str, Fields]) -> Iterator[Fault]:
    """What is wrong with an object's composition and fills in view of the other objects."""
    told = definition.line_of
    parent = own[told["reference"]].target if told else None
    if parent == definition.name:
        yield Fault("/line_of/reference", "line_of_itself")
    for place, fill in enumerate(definition.fills):
        pointer = pointer_to("fills", place)
        target = own[fill["reference"]].target if "reference" in fill else fill["object"]
        there = known.get(target or "")
        if there is None:
            yield Fault(f"{pointer}/object", "unknown_object")
            continue
        yield from (Fault(pointer + pointer_to(*steps), "unknown_field", {"field": name})
                    for steps, name in _asked_there(fill) if name not in there)
        if "object" in fill:
            yield from (Fault(f"{pointer}/{member}", "unknown_field", {"field": path})
                        for member, path in questions(fill) if not _stands(path, own, told, known.get(parent or "")))


def _asked_there(fill: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from ((("set", name), source) for name, source in fill["set"].items())
    yield from ((("match", name), name) for name in fill.get("match", ()))
    yield from ((("valid", part), fill["valid"][part]) for part in ("from", "to") if fill.get("valid"))
    if fill.get("tier"):
        yield ("tier", "field"), fill["tier"]["field"]


def _stands(path: str, own: Fields, told: Mapping[str, Any] | None, parent: Fields | None) -> bool:
    """Whether a path names an own field, or one of the record that this one is a line of."""
    first, _, rest = path.partition(".")
    if not rest:
        return first in own
    return told is not None and first == told["reference"] and parent is not None and rest in parent


def inputs_of(fill: Mapping[str, Any]) -> set[str]:
    """The own fields, and the parent's by their path, that a fill depends on."""
    return {fill["reference"]} if "reference" in fill else {path for _, path in questions(fill)}


def questions(fill: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(member, path) of everything that a look-up asks of the record."""
    yield from (("match", path) for path in fill["match"].values())
    if fill.get("valid"):
        yield "valid", fill["valid"]["at"]
    if fill.get("tier"):
        yield "tier", fill["tier"]["by"]


def _fill(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    kinds = ({"reference", "set"}, {"object", "match", "valid", "tier", "set"})
    if not isinstance(given, dict) or not any(given.keys() <= kind for kind in kinds) or not _is_map(given.get("set")):
        faults.append(Fault(pointer, "bad_fill"))
        return {"reference": "", "set": {}}
    for name in given["set"]:
        _own(name, (), known, f"{pointer}/set{pointer_to(name)}", faults)
    if "reference" in given:
        _own(given["reference"], ("reference",), known, f"{pointer}/reference", faults)
        return {"reference": given["reference"], "set": dict(given["set"])}
    return _lookup(given, pointer, faults)


def _lookup(given: dict[str, Any], pointer: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        name = check_name(given.get("object"), frozenset())
    except BadValueError as problem:
        faults.append(Fault(f"{pointer}/object", problem.code, problem.params))
        name = ""
    match, valid, tier = given.get("match"), given.get("valid"), given.get("tier")
    if not _is_map(match) or not 1 <= len(match) <= MAX_MATCHES:
        faults.append(Fault(f"{pointer}/match", "bad_fill"))
        match = {}
    for member, part, names in (("valid", valid, {"from", "to", "at"}), ("tier", tier, {"field", "by"})):
        if part is not None and (not _is_map(part) or part.keys() != names):
            faults.append(Fault(f"{pointer}/{member}", "bad_fill"))
            return {"object": name, "match": {}, "set": {}}
    found = {"object": name, "match": dict(match), "set": dict(given["set"])}
    return found | ({"valid": dict(valid)} if valid else {}) | ({"tier": dict(tier)} if tier else {})


def _limit(given: Any, known: Fields, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys() - {"field", "at_most", "message"}:
        faults.append(Fault(pointer, "bad_limit_of_fields"))
        return {}
    for name in ("field", "at_most"):
        _own(given.get(name), AMOUNTS, known, f"{pointer}/{name}", faults)
    try:
        message = check_optional_label(given.get("message") or {}, MAX_HELP)
    except BadValueError as problem:
        faults.append(Fault(f"{pointer}/message", problem.code, problem.params))
        message = {}
    return {"field": given.get("field"), "at_most": given.get("at_most"), "message": message}


def _listed(given: Any, most: int, pointer: str, faults: list[Fault]) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, (list, tuple)) or len(given) > most:
        faults.append(Fault(pointer, "bad_list", {"max": most}))
        return []
    return list(given)


def _own(name: Any, types: tuple[str, ...], known: Fields, pointer: str, faults: list[Fault]) -> None:
    """The name of an own field, of one of these types of values if any are said."""
    if not isinstance(name, str) or name not in known:
        faults.append(Fault(pointer, "unknown_field", {"field": str(name)[:100]}))
    elif types and known[name].value_type not in types:
        faults.append(Fault(pointer, "wrong_kind_of_field", {"types": ", ".join(types)}))


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) and len(one) <= 100 for one in value.values())

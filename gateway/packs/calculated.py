"""In which order calculated fields are installed: each behind those that it reads, across objects.

A formula names fields of its own record (`quantity`) and of records that references lead to (`plan_id.customer_id`);
a roll-up reads the related object's reference or the fields of both objects that match, the field that it sums up, and
the fields of its condition. What a pack does not define itself is there already, or the server says that it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.formulas import FormulaError
from chassis.formulas.grammar import parse, parts
from chassis.formulas.nodes import Call, Member, Name
from gateway.packs.model import Item

Key = tuple[str, str]  # object, field
Fields = Mapping[str, Mapping[str, Mapping[str, Any]]]  # object → field → definition
CALCULATED = ("formula", "rollup")
REFERENCES = ("reference", "reference_list")
_OF_LISTS = ("FILTER", "ANY", "EVERY")  # their conditions name fields of the list's records


def fields_of(items: Iterable[Item]) -> Fields:
    """The fields of the objects among the items."""
    return {item.key: {field["name"]: field for field in item.body["fields"]} for item in items}


def in_order(known: Fields) -> Iterator[Key]:
    """Every calculated field behind those that it needs; what goes in a circle comes last, for the server to refuse."""
    waiting = {(name, one["name"]) for name, fields in known.items() for one in fields.values()
               if one["type"] in CALCULATED}
    needs = {key: set(_needs(key, known)) & waiting - {key} for key in waiting}
    while waiting:
        free = sorted(key for key in waiting if not needs[key] & waiting)
        yield from free or sorted(waiting)
        waiting -= set(free or waiting)


def paths(expression: str) -> Iterator[tuple[str, ...]]:
    """The paths that a formula names; nothing for one that cannot be read, which the server refuses with its reason."""
    try:
        yield from _paths(parse(expression))
    except FormulaError:
        return


def mentioned(field: Mapping[str, Any], own: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(member of the options, object, path of field names) of everything that a calculated field speaks of."""
    options = field.get("options", {})
    if field["type"] == "formula":
        yield from (("expression", own, path) for path in paths(options["expression"]))
    elif field["type"] == "rollup":
        related = options["object"]
        yield from ((member, related, (options[member],)) for member in ("reference", "field") if options.get(member))
        yield from _matched(options, related, own)
        yield from (("criteria", related, (name,)) for name in _asked(options.get("criteria")))


def _matched(options: Mapping[str, Any], related: str, own: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The fields of both objects by which a roll-up finds its records."""
    for place, pair in enumerate(options.get("match") or ()):
        yield f"match/{place}/field", related, (pair["field"],)
        yield f"match/{place}/own", own, (pair["own"],)
    period = options.get("period") or {}
    for member, name in period.items():
        yield f"period/{member}", related if member == "field" else own, (name,)


def _needs(key: Key, known: Fields) -> Iterator[Key]:
    for _, name, path in mentioned(known[key[0]][key[1]], key[0]):
        yield from steps(name, path, known)


def steps(name: str, path: tuple[str, ...], known: Fields) -> Iterator[Key]:
    """The object and field of each step of a path, as far as the pack knows them."""
    for step in path:
        field = known.get(name, {}).get(step)
        yield name, step
        if field is None or field["type"] not in REFERENCES:
            return
        name = field["options"]["object"]


def _paths(node: Any) -> Iterator[tuple[str, ...]]:
    path = _path(node)
    if path is not None:
        yield path
        return
    for child in _children(node):
        yield from _paths(child)


def _children(node: Any) -> Iterable[Any]:
    return node.args[:1] if isinstance(node, Call) and node.name in _OF_LISTS else parts(node)


def _path(node: Any) -> tuple[str, ...] | None:
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Member):
        before = _path(node.base)
        return None if before is None else (*before, node.name)
    return None


def _asked(criteria: Any) -> Iterator[str]:
    if isinstance(criteria, dict):
        if isinstance(criteria.get("field"), str):
            yield criteria["field"].partition(".")[0]
        for inner in (*criteria.get("all", ()), *criteria.get("any", ()), criteria.get("not")):
            yield from _asked(inner)

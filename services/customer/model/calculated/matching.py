"""Reading how a roll-up's records match: the pairs and the period, checked against both objects.

At least one of them must always restrict, and be indexed on both sides: a change then finds the few records that it
counts for, and a record the few that count for it, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.customer.model.calculated.matches import Match, Pair, Period
from services.customer.model.calculated.problems import BadRollup
from services.customer.model.objects import ObjectDef

_LINKS = ("user", "department", "reference", "id")
_COMPARED = frozenset({"text", "phone", "email", "choice", "integer", "boolean", "date", "user", "department",
                       "reference", "id"})
_SYSTEM: Mapping[str, str] = {"id": "id", "created_at": "datetime", "created_by": "user", "owner_id": "user",
                              "department_id": "department"}
_INDEXED = ("id", "created_at", "owner_id", "department_id")


def read_match(definition: ObjectDef, other: ObjectDef, options: Mapping[str, Any]) -> Match | None:
    """How the records of another object match those of this one; None for those that refer to them and no more."""
    if not options.get("match") and not options.get("period"):
        return None
    pairs = [_pair(definition, other, given, f"/options/match/{place}")
             for place, given in enumerate(options.get("match") or ())]
    if options.get("reference"):
        pairs.insert(0, Pair(options["reference"], "id", "reference", "id"))
    match = Match(tuple(pairs), _period(definition, other, options.get("period")))
    _check_reach(definition, other, match)
    return match


def _pair(definition: ObjectDef, other: ObjectDef, given: Mapping[str, Any], at: str) -> Pair:
    kind = _kind(other, given["field"], f"{at}/field")
    own_kind = _kind(definition, given["own"], f"{at}/own")
    fits = _target(other, given["field"]) == _target(definition, given["own"]) and kind in _COMPARED
    if not fits or (kind != own_kind and not (kind in _LINKS and own_kind in _LINKS)):
        raise BadRollup(f"{at}/own", "rollup_pair", field=given["field"], own=given["own"])
    below, optional = given.get("below", False), given.get("optional", False)
    if below and kind != "department":
        raise BadRollup(f"{at}/below", "rollup_below")
    return Pair(given["field"], given["own"], kind, own_kind, below, optional)


def _period(definition: ObjectDef, other: ObjectDef, given: Mapping[str, Any] | None) -> Period | None:
    if given is None:
        return None
    kind = _kind(other, given["field"], "/options/period/field")
    if kind not in ("date", "datetime"):
        raise BadRollup("/options/period/field", "rollup_period")
    for member in ("from", "to"):
        if _kind(definition, given[member], f"/options/period/{member}") != "date":
            raise BadRollup(f"/options/period/{member}", "rollup_period")
    return Period(given["field"], kind, given["from"], given["to"])


def _kind(definition: ObjectDef, name: str, at: str) -> str:
    field = definition.ready.get(name)
    if field is None and name not in _SYSTEM:
        raise BadRollup(at, "unknown_field", field=name)
    return field.row.kind if field is not None else _SYSTEM[name]


def _target(definition: ObjectDef, name: str) -> str | None:
    """What ids of a link are those of; None for plain values."""
    field = definition.ready.get(name)
    if field is not None:
        return field.target or (field.type if field.type in _LINKS else None)
    return definition.name if name == "id" else _SYSTEM[name] if _SYSTEM[name] in _LINKS else None


def _check_reach(definition: ObjectDef, other: ObjectDef, match: Match) -> None:
    strict = [pair for pair in match.pairs if not pair.optional]
    if not strict and match.period is None:
        raise BadRollup("/options/match", "rollup_needs_pair")
    ends = (match.period.start, match.period.end) if match.period else ()
    sides = ((other, {*(pair.field for pair in strict), *([match.period.field] if match.period else ())}),
             (definition, {*(pair.own for pair in strict), *ends}))
    for side, names in sides:
        if not any(_is_indexed(side, name) for name in names):
            raise BadRollup("/options/match", "rollup_unindexed", object=side.name, fields=_named(names))


def _is_indexed(definition: ObjectDef, name: str) -> bool:
    field = definition.ready.get(name)
    return name in _INDEXED if field is None else field.has_index or field.unique


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))

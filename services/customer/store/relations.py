"""What records of one object are related to: along its references, and back from the objects that refer to it.

Criteria reach related records with the eyes of a caller (usecases.access) or, in segments, sharing rules and layouts,
with those of the system, which are here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.criteria import ObjectFields, RelatedTable, Relation

if TYPE_CHECKING:
    from services.customer.model.objects import ObjectDef
    from services.customer.store.record_type import RecordType

FieldsOf = Callable[["RecordType"], ObjectFields]


@dataclass(frozen=True)
class Neighbours:
    """The references that lead to an object; `key` tells when something about the objects around has changed."""

    referring: frozenset[tuple[str, str]] = frozenset()
    around: tuple[str, ...] = ()  # the objects up to two steps away, this one among them
    key: Any = ()
    find: Callable[[str], Any] = field(default=lambda _: None, compare=False, repr=False)


ALONE = Neighbours()


def neighbours_of(definitions: Mapping[str, ObjectDef], segments: Mapping[str, Iterable[Any]],
                  find: Callable[[str], Any]) -> dict[str, Neighbours]:
    """Object → what is around it, two steps far."""
    versions = {name: (name, one.version, tuple((row.id, row.version) for row in segments.get(name, ())))
                for name, one in definitions.items()}
    referring: dict[str, set[tuple[str, str]]] = {name: set() for name in definitions}
    near: dict[str, set[str]] = {name: {name} for name in definitions}
    for name, one in definitions.items():
        for target, reference in _references(one):
            if target in definitions:
                referring[target].add((name, reference))
                near[name].add(target)
                near[target].add(name)
    around = {name: tuple(sorted(set().union(*(near[one] for one in near[name])))) for name in definitions}
    return {name: Neighbours(frozenset(referring[name]), around[name],
                             tuple(versions[one] for one in around[name]), find) for name in definitions}


def related_fields(record_type: RecordType) -> ObjectFields:
    """Every field of an object, and every relation of its records."""
    return ObjectFields(record_type.criteria_fields(lambda _: True),
                        lambda name: relation(record_type, name, related_fields))


def related_table(find: Callable[[str], RecordType | None]) -> Callable[[str], RelatedTable]:
    """What gives the tables of objects with all their rows."""
    def table(name: str) -> RelatedTable:
        beyond = known_type(find, name)
        alias = beyond.table.alias()
        return RelatedTable(alias, beyond.criteria_columns_of(alias))

    return table


def relation(record_type: RecordType, name: str, fields_of: FieldsOf) -> Relation | None:
    """The relation of a name, `<reference>` or `<object>.<reference>`; None when there is none."""
    first, _, reference = name.partition(".")
    if reference:
        known = (first, reference) in record_type.neighbours.referring
        beyond = record_type.neighbours.find(first) if known else None
    else:
        own = record_type.fields.get(name)
        beyond = record_type.neighbours.find(own.target) if own is not None and own.type == "reference" else None
    return None if beyond is None else Relation(beyond.name, lambda: fields_of(beyond))


def known_type(find: Callable[[str], RecordType | None], name: str) -> RecordType:
    """The record type of an object that was there when the criterion was read."""
    record_type = find(name)
    if record_type is None:
        raise LookupError(f"the object {name} went while it was asked")
    return record_type


def _references(one: ObjectDef) -> Iterable[tuple[str, str]]:
    return ((str(own.target), own.name) for own in one.ready.values() if own.type == "reference")


"""What the conditions of rules may reach beyond the record: the objects that the service knows.

Rules look with the eyes of the system, like segments: they do the same whoever made the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from chassis.criteria import Clause, Criterion, Has, ObjectFields, Relation, asked, to_json
from chassis.criteria.nodes import value_to_json
from services.workflow.model.objects import ObjectModel


class Objects(Protocol):
    """The objects by name; None for one that nobody knows."""

    def get(self, name: str, /) -> ObjectModel | None: ...


def rule_fields(model: ObjectModel, objects: Objects) -> ObjectFields:
    """What a condition may speak of: the fields of the object, and those of what its records are related to."""
    return ObjectFields(model.criteria_fields, lambda name: _relation(model, name, objects))


def _relation(model: ObjectModel, name: str, objects: Objects) -> Relation | None:
    first, _, reference = name.partition(".")
    beyond = _referring(model, first, reference, objects) if reference else _target(model, name, objects)
    return None if beyond is None else Relation(beyond.name, lambda: rule_fields(beyond, objects))


def _target(model: ObjectModel, name: str, objects: Objects) -> ObjectModel | None:
    """The object that a reference leads to."""
    own = model.fields.get(name)
    return objects.get(own.target) if own is not None and own.type == "reference" else None


def _referring(model: ObjectModel, name: str, reference: str, objects: Objects) -> ObjectModel | None:
    """The object of that name, when its reference leads here."""
    beyond = objects.get(name)
    field = beyond.fields.get(reference) if beyond is not None else None
    leads_here = field is not None and field.type == "reference" and field.target == model.name
    return beyond if leads_here else None


def told(atom: Clause | Has, held: bool) -> dict[str, Any]:
    """A condition and whether it held, as a run keeps it; `asks` are the related objects and their fields."""
    written = to_json(atom) if isinstance(atom, Has) else {
        "field": atom.field, "op": atom.op, "value": value_to_json(atom.value)}
    asks = [[route[-1].object, sorted(members)] for route, members in asked(atom) if route]
    return {**written, "held": held, **({"asks": asks} if asks else {})}


def leans_on(criterion: Criterion) -> Sequence[str]:
    """The related objects whose definitions a condition depends on."""
    return sorted({step.object for route, _ in asked(criterion) for step in route})

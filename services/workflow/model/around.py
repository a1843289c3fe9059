"""What the conditions of rules may reach beyond the record: the objects that the service knows, and their names.

Rules look with the eyes of the system, like segments: they do the same whoever made the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chassis.criteria import Clause, Criterion, Has, ObjectFields, Relation, asked, related_atoms, to_json
from chassis.criteria.nodes import value_to_json
from services.workflow.model.objects import FieldModel, ObjectModel
from services.workflow.model.texts import pick


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


def field_at(model: ObjectModel, objects: Objects, path: str) -> FieldModel | None:
    """The field that a condition names: `customer_id.level`, or `contact.customer_id.title` within a group."""
    first, _, rest = path.partition(".")
    reference, _, inner = rest.partition(".")
    if inner and (beyond := _referring(model, first, reference, objects)) is not None:
        return field_at(beyond, objects, inner)
    if rest and (target := _target(model, first, objects)) is not None:
        return field_at(target, objects, rest)
    return model.fields.get(first)


def labels_of(criterion: Criterion, model: ObjectModel, objects: Objects, locale: str,
              system: Mapping[str, str]) -> dict[str, str]:
    """The names of all that a condition speaks of: `customer_id.level` is "Customer › Level"."""
    labels = model.labels(locale, system)
    for atom in related_atoms(criterion):
        if isinstance(atom, Clause):
            labels[atom.field] = _path_label(atom, model, objects, locale, system)
        elif (beyond := objects.get(atom.step.object)) is not None:
            name = f"{atom.step.object}.{atom.step.reference}"
            inner = labels_of(atom.part, beyond, objects, locale, system)
            labels[name] = pick(beyond.label, locale) or beyond.name
            labels |= {f"{name}.{field}": label for field, label in inner.items()}
    return labels


def _path_label(clause: Clause, model: ObjectModel, objects: Objects, locale: str, system: Mapping[str, str]) -> str:
    words, here, inner = [], model, clause.inner
    for step in clause.path:
        words.append(here.labels(locale, system).get(step.reference, step.reference))
        here = objects.get(step.object) or here
    labels = here.labels(locale, system)
    return " › ".join([*words, labels.get(inner.field) or labels.get(inner.root, inner.field)])


def told(atom: Clause | Has, held: bool) -> dict[str, Any]:
    """A condition and whether it held, as a run keeps it; `asks` are the related objects and their fields."""
    written = to_json(atom) if isinstance(atom, Has) else {
        "field": atom.field, "op": atom.op, "value": value_to_json(atom.value)}
    asks = [[route[-1].object, sorted(members)] for route, members in asked(atom) if route]
    return {**written, "held": held, **({"asks": asks} if asks else {})}


def leans_on(criterion: Criterion) -> Sequence[str]:
    """The related objects whose definitions a condition depends on."""
    return sorted({step.object for route, _ in asked(criterion) for step in route})

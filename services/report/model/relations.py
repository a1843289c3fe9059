"""What records are related to in the read model, as far as it keeps the other objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chassis.auth.principal import EVERYTHING
from chassis.criteria import Field, ObjectFields, RelatedTable, Relation
from services.report.model.objects import ObjectModel

FieldsOf = Callable[[ObjectModel], Mapping[str, Field]]


def relation(model: ObjectModel, name: str, fields_of: FieldsOf) -> Relation | None:
    """The relation of a name, `<reference>` or `<object>.<reference>`; None when there is none."""
    first, _, reference = name.partition(".")
    objects = {} if model.sharing is None else model.sharing.objects
    holder = objects.get(first) if reference else model
    field = None if holder is None else holder.fields.get(reference or name)
    if field is None or field.kind != "reference" or (reference and field.target != model.name):
        return None
    beyond = holder if reference else objects.get(field.target or "")
    return None if beyond is None else Relation(beyond.name, lambda: fields_of(beyond))


def related_fields(model: ObjectModel) -> ObjectFields:
    """Every field of an object, and every relation of its records: what sharing rules may speak of."""
    return ObjectFields(model.criteria_fields(EVERYTHING), lambda name: relation(model, name, related_fields))


def standing_table(model: ObjectModel) -> RelatedTable:
    """Every record of an object that stands."""
    alias = model.table.alias()
    return RelatedTable(alias, model.columns_beyond(alias), alias.c.deleted.is_(False))

"""An object of the customer service as rules see it: its fields, what they are called, what they may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chassis.criteria import KINDS, Field
from chassis.formulas import Type, field_type
from services.workflow.model.texts import Texts, pick

SYSTEM_KINDS: Mapping[str, str] = {
    "id": "id", "version": "integer", "created_at": "datetime", "created_by": "user", "updated_at": "datetime",
    "updated_by": "user", "owner_id": "user", "department_id": "department",
}
_PERCENT_SCALE = 4
_CALCULATED = frozenset({"formula", "rollup"})


@dataclass(frozen=True)
class FieldModel:
    """One field of an object; a calculated one has the type of its result, and nobody sets it."""

    name: str
    type: str
    label: Texts
    required: bool
    options: Mapping[str, Any]
    calculated: bool = False
    filled: bool = False  # has a value in a new record by itself

    @cached_property
    def choices(self) -> dict[str, Texts]:
        """Value → label of a choice field."""
        return {choice["value"]: choice.get("label") or {} for choice in self.options.get("choices") or ()}

    @property
    def target(self) -> str:
        """The object that a reference leads to."""
        return str(self.options.get("object") or "")

    @property
    def scale(self) -> int | None:
        """Decimals of a decimal field."""
        return _PERCENT_SCALE if self.type == "percent" else self.options.get("scale")

    def for_criteria(self) -> Field:
        """Return the field as the criteria language knows it."""
        return Field(self.name, self.type, scale=self.scale, currency=self.options.get("currency"),
                     choices=list(self.choices) or None, target=self.options.get("object"))


class ObjectModel:
    """One object at one version; immutable."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.name: str = definition["name"]
        self.version: int = definition["version"]
        self.label: Texts = definition.get("label") or {"en": self.name}
        self.plural: Texts = definition.get("plural") or self.label
        fields = (_field(row) for row in definition["fields"])
        self.fields = {field.name: field for field in fields if field.type in KINDS}
        self.planned = _planned(definition.get("planned_task"), self.fields)
        self.title_field: str = definition.get("title_field") or next(iter(self.fields), "id")

    @cached_property
    def criteria_fields(self) -> dict[str, Field]:
        """What the conditions of a rule may speak of."""
        system = {name: Field(name, kind) for name, kind in SYSTEM_KINDS.items()}
        return system | {name: field.for_criteria() for name, field in self.fields.items()}

    @cached_property
    def formula_fields(self) -> dict[str, Type]:
        """What formulas may speak of in a record."""
        found = {name: field_type(kind, {}) for name, kind in SYSTEM_KINDS.items()}
        found |= {name: field_type(one.type, one.options) for name, one in self.fields.items()}
        return {name: type for name, type in found.items() if type is not None}

    @cached_property
    def tag_field(self) -> FieldModel | None:
        """The field that holds tags of the company, if the object has one."""
        return next((field for field in self.fields.values() if field.options.get("tags")), None)

    def has(self, name: str) -> bool:
        """Tell whether the object has a field of that name, its own or the system's."""
        return name in self.fields or name in SYSTEM_KINDS

    def title_of(self, record: Mapping[str, Any]) -> str:
        """Return what people call a record."""
        title = record.get(self.title_field)
        return str(title)[:300] if title not in (None, "") else ""

    def labels(self, locale: str, system_label: Mapping[str, str]) -> dict[str, str]:
        """Return the names of all fields in a language; `system_label` names those of the system."""
        return dict(system_label) | {name: pick(field.label, locale) or name for name, field in self.fields.items()}


def _planned(given: Mapping[str, Any] | None, fields: Mapping[str, FieldModel]) -> Mapping[str, Any]:
    """What the records of the object plan; nothing as long as the date is no field of it."""
    return given if given is not None and given["due"] in fields else {}


def _field(row: Mapping[str, Any]) -> FieldModel:
    options = row.get("options") or {}
    calculated = row["type"] in _CALCULATED
    return FieldModel(row["name"], options.get("result", "") if calculated else row["type"], row.get("label") or {},
                      bool(row.get("required")), options, calculated,
                      calculated or row.get("default") is not None or row["type"] == "auto_number")

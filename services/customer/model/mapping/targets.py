"""What columns may be mapped to: the fields that the importing person may write, and the owner."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.customer.model.objects import ObjectDef

OWNER = "owner_id"
_OWNER_LABEL = {"en": "Owner", "zh-CN": "负责人"}


@dataclass(frozen=True)
class Target:
    """One field as a sheet sees it; `needed` when a new record must get a value from the sheet."""

    name: str
    type: str
    label: Mapping[str, str]
    needed: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False

    def title(self, locale: str) -> str:
        """The label in the language, else in another one."""
        return self.label.get(locale) or next(iter(self.label.values()), self.name)


def targets_of(definition: ObjectDef, writable: Container[str]) -> dict[str, Target]:
    """The targets by name, in the order of the object's fields, the owner last."""
    fields = sorted(definition.ready.values(), key=lambda one: (one.position, one.name))
    targets = {one.name: Target(one.name, one.type, one.label, one.required and one.default is None, one.options,
                                one.help, one.unique)
               for one in fields if one.name in writable and one.row.in_sheets}
    if OWNER in writable:
        targets[OWNER] = Target(OWNER, "user", _OWNER_LABEL)
    return targets

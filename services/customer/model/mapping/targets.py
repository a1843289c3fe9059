"""What columns may be mapped to: the fields that the importing person may write, and the owner.

A sheet may bring more than the imported object: the records of other objects that point at it. Their fields are targets
named `contact.name`. Two more kinds of targets are never written: the id of a record and numbers that the system gives
only say which record a row means.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.customer.model.fields import FieldDef
from services.customer.model.objects import ObjectDef

OWNER, ID = "owner_id", "id"
_OWNER_LABEL = {"en": "Owner", "zh-CN": "负责人"}
_ID_LABEL = {"en": "Record id", "zh-CN": "记录编号"}
KEY_TYPES = ("text", "phone", "email", "url", "integer", "auto_number")


@dataclass(frozen=True)
class Target:
    """One field as a sheet sees it; `needed` when a new record must get a value from the sheet.

    `part` is the object that it belongs to when that is not the imported one; `key_only` targets are never written.
    """

    name: str
    type: str
    label: Mapping[str, str]
    needed: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    part: str = ""
    key_only: bool = False

    def title(self, locale: str) -> str:
        """The label in the language, else in another one."""
        return self.label.get(locale) or next(iter(self.label.values()), self.name)


def targets_of(definition: ObjectDef, writable: Container[str]) -> dict[str, Target]:
    """The targets by name, in the order of the object's fields, the owner last."""
    targets = {one.name: Target(one.name, one.type, one.label, one.required and one.default is None, one.options,
                                one.help, one.unique)
               for one in _in_order(definition) if one.name in writable and one.row.in_sheets}
    if OWNER in writable:
        targets[OWNER] = Target(OWNER, "user", _OWNER_LABEL)
    return targets


def keys_of_object(definition: ObjectDef, readable: Container[str]) -> list[str]:
    """What may say which record a row means: the id, numbers, and fields that are unique or indexed."""
    return [ID, *(one.name for one in _in_order(definition)
                  if one.name in readable and one.type in KEY_TYPES
                  and (one.unique or one.indexed or one.type == "auto_number"))]


def key_targets(definition: ObjectDef, readable: Container[str]) -> dict[str, Target]:
    """The targets that only say which record a row means."""
    numbers = (one for one in _in_order(definition) if one.type == "auto_number" and one.name in readable)
    return {ID: Target(ID, "text", _ID_LABEL, key_only=True),
            **{one.name: Target(one.name, "text", one.label, key_only=True) for one in numbers}}


def part_targets(definition: ObjectDef, targets: Mapping[str, Target], link: str) -> dict[str, Target]:
    """The targets of another object's record in the same row; its link to the imported one follows by itself."""
    return {f"{definition.name}.{name}": replace(
        target, name=f"{definition.name}.{name}", part=definition.name, label=_joined(definition, target))
        for name, target in targets.items() if name != link}


def _joined(definition: ObjectDef, target: Target) -> dict[str, str]:
    return {locale: f"{definition.label.get(locale, definition.name)} {text}" for locale, text in target.label.items()}


def _in_order(definition: ObjectDef) -> list[FieldDef]:
    return sorted(definition.ready.values(), key=lambda one: (one.position, one.name))

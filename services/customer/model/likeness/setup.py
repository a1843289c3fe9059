"""Which fields of an object say that two records are one: what an administrator chose, or what the fields suggest."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from services.customer.model.faults import Fault, InvalidError, pointer_to, unknown_members
from services.customer.model.fields import FieldDef
from services.customer.model.likeness.kinds import KINDS, NAME_PART, Likeness
from services.customer.model.objects import ObjectDef

THRESHOLD = 0.65
NOTHING, EXISTS, OWNER = "nothing", "exists", "owner"
OTHERS = (NOTHING, EXISTS, OWNER)
MOST_FIELDS = 15
_BY_TYPE = {"phone": "phone", "email": "email", "url": "website", "address": "place"}
_BY_NAME = tuple((re.compile(pattern), kind) for pattern, kind in (
    (r"given_name|first_name|surname|last_name|family_name", "name_part"),
    (r"birth", "birthday"),
    (r"tax|licen[cs]e|passport|social|soc_sec|id_card|id_number|credit_code", "number"),
    (r"company|employer|organi[sz]ation", "company"),
    (r"address|street|suburb|city|postcode|postal|zip|state|province|region", "place"),
))
_COMPANIES = re.compile(r"customer|company|account|supplier|partner|vendor|organi[sz]ation|client")
_COMPARABLE = frozenset((
    "text", "phone", "email", "url", "auto_number", "integer", "date", "region", "reference", "choice",
    "address"))


@dataclass(frozen=True)
class Setup:
    """Field → kind of likeness, and the score from which a pair is shown.

    `others`: what somebody who enters a record is told of one like it that he may not see.
    """

    fields: Mapping[str, str]
    threshold: float = THRESHOLD
    others: str = OWNER
    is_chosen: bool = False

    @cached_property
    def steps(self) -> tuple[tuple[str, Likeness], ...]:
        """The fields in the order in which they are compared: what tells most comes first, parts of a name last."""
        kinds = {name: KINDS[kind] for name, kind in self.fields.items()}
        return tuple(sorted(kinds.items(), key=lambda step: (step[1] is NAME_PART, -step[1].weight - step[1].against)))

    def only(self, names: Container[str]) -> Setup:
        """The setup as far as it speaks of these fields."""
        return replace(self, fields={name: kind for name, kind in self.fields.items() if name in names})

    def to_wire(self) -> dict[str, Any]:
        """The setup as the API shows it."""
        return {"fields": [{"field": name, "as": kind} for name, kind in self.fields.items()],
                "threshold": f"{self.threshold:.2f}", "others": self.others}


def suggested(definition: ObjectDef) -> Setup:
    """What names and types of fields suggest."""
    found: dict[str, str] = {}
    for field in definition.ready.values():
        kind = _kind_of(definition, field)
        if kind and len(found) < MOST_FIELDS:
            found[field.name] = kind
    return Setup(found)


def _kind_of(definition: ObjectDef, field: FieldDef) -> str | None:
    if field.type in _BY_TYPE:
        return _BY_TYPE[field.type]
    if field.name == definition.title_field and field.type == "text":
        by_name = next((kind for pattern, kind in _BY_NAME[:1] if pattern.search(field.name)), None)
        return by_name or ("company" if _COMPANIES.search(definition.name) else "person")
    if field.type not in ("text", "date", "region"):
        return None
    return next((kind for pattern, kind in _BY_NAME if pattern.search(field.name)), None)


def read_setup(definition: ObjectDef, given: Mapping[str, Any]) -> Setup:
    """The setup of a request, or InvalidError with every fault."""
    faults = unknown_members(given, ("fields", "threshold", "others"))
    others = given.get("others", OWNER)
    if others not in OTHERS:
        faults.append(Fault("/others", "not_a_choice", {"value": str(others)[:60]}))
    threshold = _threshold(given.get("threshold"), faults)
    listed = given.get("fields")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_FIELDS:
        raise InvalidError([*faults, Fault("/fields", "bad_list", {"max": MOST_FIELDS})])
    fields: dict[str, str] = {}
    for place, item in enumerate(listed):
        _read_field(definition, item, pointer_to("fields", place), fields, faults)
    if faults:
        raise InvalidError(faults)
    return Setup(fields, threshold, others, is_chosen=True)


def _read_field(definition: ObjectDef, item: Any, pointer: str, fields: dict[str, str], faults: list[Fault]) -> None:
    if not isinstance(item, dict) or item.keys() != {"field", "as"}:
        faults.append(Fault(pointer, "not_an_object"))
        return
    name, kind = item["field"], item["as"]
    field = definition.ready.get(name) if isinstance(name, str) else None
    if field is None or field.type not in _COMPARABLE or name in fields:
        faults.append(Fault(f"{pointer}/field", "unknown_field", {"field": str(name)[:100]}))
    elif not isinstance(kind, str) or kind not in KINDS:
        faults.append(Fault(f"{pointer}/as", "unknown_likeness", {"kinds": ", ".join(KINDS)}))
    else:
        fields[name] = kind


def _threshold(given: Any, faults: list[Fault]) -> float:
    if given is None:
        return THRESHOLD
    if isinstance(given, str) and re.fullmatch(r"0\.\d{1,2}|1(\.0{1,2})?", given) and float(given) >= 0.5:
        return float(given)
    faults.append(Fault("/threshold", "bad_threshold"))
    return THRESHOLD

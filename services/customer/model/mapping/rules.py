"""Which mappings are allowed: known columns, fields that may be written, each once, and all that is needed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from services.customer.model.faults import Fault, InvalidError, pointer_to
from services.customer.model.mapping.targets import Target

SKIP, UPDATE, UPDATE_ONLY, CREATE = "skip", "update", "update_only", "create"
DUPLICATES = (SKIP, UPDATE, UPDATE_ONLY, CREATE)
UPDATING = (UPDATE, UPDATE_ONLY)


def read_mapping(given: Any, width: int, targets: Mapping[str, Target], readable: Container[str],
                 key: str | None = None) -> dict[str, str]:
    """The mapping column index (as text) → field name; columns mapped to null are left out; raises InvalidError.

    What only says which record is meant may be mapped when it is the key.
    """
    if not isinstance(given, dict) or len(given) > width:
        raise InvalidError.at("/mapping", "bad_mapping", limit=width)
    faults: list[Fault] = []
    mapping: dict[str, str] = {}
    writable = {name: target for name, target in targets.items() if not target.key_only or name == key}
    for column, name in given.items():
        fault = _fault(column, name, width, writable, readable, mapping)
        if fault is not None:
            faults.append(fault)
        elif name is not None:
            mapping[column] = name
    if faults:
        raise InvalidError(faults)
    return mapping


def _fault(column: str, name: Any, width: int, targets: Mapping[str, Target], readable: Container[str],
           taken: Mapping[str, str]) -> Fault | None:
    place = pointer_to("mapping", column)
    if not (column.isascii() and column.isdigit() and len(column) < 6) or str(int(column)) != column:
        return Fault(place, "unknown_column")
    if int(column) >= width:
        return Fault(place, "unknown_column")
    if name is None:
        return None
    if not isinstance(name, str):
        return Fault(place, "not_text")
    if name not in targets:
        code = "read_only" if name in readable else "unknown_field"
        return Fault(place, code, {"field": name[:100]})
    return Fault(place, "mapped_twice", {"field": name}) if name in taken.values() else None


def check_complete(mapping: Mapping[str, str], targets: Mapping[str, Target], duplicates: str,
                   key: str | None = None) -> None:
    """Raise InvalidError unless every new record can get what it needs.

    An import that only brings existing records up to date may leave columns out; its new rows are judged one by one.
    """
    mapped = set(mapping.values())
    if not any(not target.part and not target.key_only for name, target in targets.items() if name in mapped):
        raise InvalidError.at("/mapping", "nothing_mapped")
    if key is not None and key not in mapped:
        raise InvalidError.at("/key", "key_unmapped")
    parts = {targets[name].part for name in mapped} | {""}
    missing = [target for target in targets.values()
               if target.needed and target.part in parts and target.name not in mapped]
    if missing and duplicates not in UPDATING:
        raise InvalidError(Fault("/mapping", "required_unmapped", {"field": target.name}) for target in missing)

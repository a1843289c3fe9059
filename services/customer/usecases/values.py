"""From what a caller sends to canonical values: only fields he may write, each checked, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.fields import FieldDef
from services.customer.model.values.times import moment_text
from services.customer.store.record_type import Record
from services.customer.usecases.access import BACKDATED, Access, Writer


def read_values(access: Access, given: Any, faults: list[Fault], backdate: bool = False) -> Record:
    """The canonical values of the members given; faults are added with pointers into `given`."""
    if type(given) is not dict:
        faults.append(Fault("", "not_an_object"))
        return {}
    writers: Mapping[str, Writer] = access.shape.writers
    if backdate:
        writers = {**writers, **BACKDATED}
    values: Record = {}
    for name, value in given.items():
        writer = writers.get(name)
        if writer is None:
            faults.append(_not_writable(access, name))
            continue
        coerce, required = writer
        try:
            values[name] = None if value is None else coerce(value)
        except BadValueError as problem:
            faults.append(Fault(pointer_to(name), problem.code, problem.params))
            continue
        if required and values[name] is None:
            faults.append(Fault(pointer_to(name), "required"))
    return values


def read_new_values(access: Access, given: Any, faults: list[Fault], backdate: bool = False) -> Record:
    """The same for a new record: defaults are filled in and what is required must be there."""
    values = read_values(access, given, faults, backdate)
    return fill_in(access, given, values, faults) if type(given) is dict else values


def fill_in(access: Access, given: Mapping[str, Any], values: Record, faults: list[Fault]) -> Record:
    """Add defaults for what is not given; a fault for what is required and has none."""
    blanks = blanks_of(access)
    faults += [Fault(pointer_to(name), "required") for name in blanks.required if name not in given]
    return values | {name: value for name, value in blanks.defaults.items() if name not in given}


@dataclass(frozen=True, slots=True)
class Blanks:
    """What a new record gets where nothing is said: the defaults as of now, and the fields that have none but must."""

    defaults: Record
    required: tuple[str, ...]


def blanks_of(access: Access) -> Blanks:
    """The blanks of new records of this caller."""
    fields = access.record_type.fields.items()
    return Blanks({name: default_of(field, access.principal) for name, field in fields if field.default is not None},
                  tuple(name for name, field in fields if field.required and field.default is None))


def default_of(field: FieldDef, principal: Principal) -> Any:
    """The value that a field gets when nobody says one."""
    match field.default:
        case "$me" if field.type == "user":
            return principal.user_id
        case "$my_department" if field.type == "department":
            return principal.department_id
        case "$today" if field.type == "date":
            return utcnow().date().isoformat()
        case "$now" if field.type == "datetime":
            return moment_text(utcnow())
        case default:
            return default


def _not_writable(access: Access, name: str) -> Fault:
    known = name in access.shape.shown
    return Fault(pointer_to(name), "read_only" if known else "unknown_field", {"field": name[:100]})

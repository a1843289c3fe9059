"""What an import goes by: its object at the present version, the importer's access, the fields of its columns.

Columns belong to parts: the imported object itself, and other objects whose records point at it. Each part of a row is
read and judged by itself, and all parts of a row are written together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.auth.principal import Principal
from services.customer.model.faults import Fault, InvalidError
from services.customer.model.mapping.rules import UPDATING, check_complete, read_mapping
from services.customer.model.mapping.targets import Target, key_targets, keys_of_object, part_targets, targets_of
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.imports.importer import importer
from services.customer.usecases.refusals import invalid_problem

if TYPE_CHECKING:
    from chassis.service import Service

_MOST_RELATED = 40


@dataclass(frozen=True)
class Part:
    """The columns that become one record of a row; `link` is the field by which it points at the imported one."""

    name: str
    access: Access
    targets: Mapping[str, Target]  # by the names that the object has for its fields
    columns: Mapping[int, str]  # number of the column → field
    link: str = ""

    @property
    def record_type(self) -> RecordType:
        """What the columns become."""
        return self.access.record_type

    def spelled(self, field: str) -> str:
        """The name of a field as the mapping has it."""
        return f"{self.name}.{field}" if self.name else field


@dataclass(frozen=True)
class Plan:
    """One import, ready to be judged: the imported object comes first among its parts."""

    run: Row[Any]
    access: Access
    parts: tuple[Part, ...]

    @property
    def principal(self) -> Principal:
        """Who imports."""
        return self.access.principal

    @property
    def record_type(self) -> RecordType:
        """What is imported."""
        return self.access.record_type

    @property
    def main(self) -> Part:
        """The columns of the imported object."""
        return self.parts[0]

    @property
    def related(self) -> tuple[Part, ...]:
        """The columns of other objects."""
        return self.parts[1:]


@dataclass(frozen=True)
class Related:
    """An object whose records point at the imported one by the field `link`."""

    access: Access
    link: str


def plan_of(service: Service, run: Row[Any], principal: Principal | None = None) -> Plan:
    """The plan of an import; raises 404 for an object that is gone, 403 without the action, 422 for its mapping."""
    access = importing_access(service, principal or importer(service, run), run.object)
    mapping = check_plan(service, access, run, {})
    return Plan(run, access, tuple(_parts(service, access, mapping)))


def importing_access(service: Service, principal: Principal, object_name: str) -> Access:
    """Access to an object for somebody who may import into it; raises 404 and 403."""
    access = Access(principal, service.parts["types"].get(object_name))
    access.need("import")
    return access


def writable_targets(access: Access) -> dict[str, Target]:
    """The fields of one object that the caller's columns may be mapped to."""
    return targets_of(access.record_type.definition, access.shape.writers)


def all_targets(service: Service, access: Access) -> dict[str, Target]:
    """Everything that the caller's columns may be mapped to."""
    definition = access.record_type.definition
    targets = key_targets(definition, access.shape.readable) | writable_targets(access)
    for one in related_objects(service, access):
        targets |= part_targets(one.access.record_type.definition, writable_targets(one.access), one.link)
    return targets


def related_objects(service: Service, access: Access) -> list[Related]:
    """The objects that point at this one and that the caller may import into, too."""
    found = []
    for other in service.parts["types"].all().values():
        if other.name == access.record_type.name or len(found) == _MOST_RELATED:
            continue
        theirs = Access(access.principal, other)
        links = sorted((not one.required, one.position, one.name) for one in other.references
                       if one.target == access.record_type.name and one.name in theirs.shape.writers)
        if links and theirs.policy.allows("import"):
            found.append(Related(theirs, links[0][2]))
    return found


def key_fields(access: Access) -> list[str]:
    """What may say which record a row means."""
    return keys_of_object(access.record_type.definition, access.shape.readable)


def check_plan(service: Service, access: Access, run: Row[Any], changes: Mapping[str, Any]) -> dict[str, str]:
    """The checked mapping of an import with some choices changed.

    Raises 422 with every fault, 403 when records are to be updated without that right.
    """
    given, duplicates, key = (changes.get(name, getattr(run, name)) for name in ("mapping", "duplicates", "key"))
    if duplicates in UPDATING:
        access.need("update")
    targets = all_targets(service, access)
    try:
        if key is not None and key not in key_fields(access):
            raise InvalidError([Fault("/key", "not_a_choice", {"value": str(key)[:60]})])
        mapping = read_mapping(given, len(run.headers), targets, access.shape.readable, key)
        check_complete(mapping, targets, duplicates, key)
    except InvalidError as error:
        raise invalid_problem(error) from error
    return mapping


def _parts(service: Service, access: Access, mapping: Mapping[str, str]) -> Iterator[Part]:
    targets = writable_targets(access)
    only_keys = key_targets(access.record_type.definition, access.shape.readable)
    yield Part("", access, only_keys | targets, _columns_of("", mapping))
    for one in related_objects(service, access):
        name = one.access.record_type.name
        if columns := _columns_of(name, mapping):
            theirs = {field: target for field, target in writable_targets(one.access).items() if field != one.link}
            yield Part(name, one.access, theirs, columns, one.link)


def _columns_of(part: str, mapping: Mapping[str, str]) -> dict[int, str]:
    """Column → field of the columns of a part."""
    split = {int(column): name.rpartition(".") for column, name in mapping.items()}
    return {column: field for column, (of, _, field) in split.items() if of == part}

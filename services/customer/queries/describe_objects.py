"""Definitions as one caller may read them, each field with his access to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.http.problem import not_found
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service


def list_objects(service: Service, principal: Principal) -> list[dict[str, Any]]:
    """Every definition that the caller may read, in the order of their positions."""
    types = sorted(service.parts["types"].all().values(), key=lambda one: (one.definition.position, one.name))
    return [describe_object(principal, one) for one in types if may_read(principal, one)]


def get_object(service: Service, principal: Principal, name: str) -> dict[str, Any]:
    """One definition; raises 404, also when the caller may not read it."""
    record_type = service.parts["types"].get(name)
    if not may_read(principal, record_type):
        raise not_found("object")
    return describe_object(principal, record_type)


def may_read(principal: Principal, record_type: RecordType) -> bool:
    """Whether the object exists for the caller."""
    return principal.can("objects.manage") or principal.objects(record_type.name).allows("read")


def describe_object(principal: Principal, record_type: RecordType) -> dict[str, Any]:
    """The definition; who manages objects sees every field, others those that they may read."""
    policy, shape = principal.objects(record_type.name), Access(principal, record_type).shape
    definition = record_type.definition.to_wire()
    if not principal.can("objects.manage"):
        definition["fields"] = [field for field in definition["fields"] if field["name"] in shape.shown]
        definition["list_fields"] = [name for name in definition["list_fields"] if name in shape.shown]
        definition["form_sections"] = [
            {**section, "fields": [name for name in section["fields"] if name in shape.shown]}
            for section in definition["form_sections"]]
        definition["duplicate_rules"] = [rule for rule in definition["duplicate_rules"]
                                         if shape.readable.issuperset(rule["fields"])]
    for field in definition["fields"]:
        field["access"] = policy.access(field["name"])
    return definition

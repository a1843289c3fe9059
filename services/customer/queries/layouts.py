"""Layouts: all of an object for those who design them, and for everybody those that are meant for him."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.http.problem import not_found
from services.customer.model.layouts import Eyes, shown_layout, standard_layout
from services.customer.queries.describe_objects import may_read
from services.customer.queries.get_record import get_record
from services.customer.store.record_type import Record, RecordType
from services.customer.store.relations import related_fields
from services.customer.usecases.access import Access
from services.customer.usecases.layouts.enforce import LayoutRules
from services.customer.usecases.values import blanks_of

if TYPE_CHECKING:
    from chassis.service import Service


def list_layouts(record_type: RecordType) -> list[dict[str, Any]]:
    """Every layout of an object in the order in which they are tried, those that are switched off among them."""
    ordered = sorted(record_type.layouts, key=lambda one: (one.default, one.position, one.key))
    return [one.to_wire() for one in ordered]


def get_layout(record_type: RecordType, key: str) -> dict[str, Any]:
    """One layout; the standard one can be read, but not changed. Raises 404."""
    standard = standard_layout(record_type.definition)
    found = next((one for one in (*record_type.layouts, standard) if one.key == key), None)
    if found is None:
        raise not_found("layout")
    return found.to_wire()


def resolve_layout(service: Service, principal: Principal, record_type: RecordType,
                   record_id: str | None) -> dict[str, Any]:
    """The layout that applies to a record, or to a new one, and all between which its values may decide.

    Raises 404 when the caller sees neither the object nor the record.
    """
    if not may_read(principal, record_type) and not principal.objects(record_type.name).allows("create"):
        raise not_found("object")
    access = Access(principal, record_type)
    record = _asked(service, access, record_id)
    with service.db.read() as connection:
        rules = LayoutRules(service, connection, access, [record])
        applying = rules.applying(record)
    eyes = Eyes(access.shape.shown.__contains__, related_fields(record_type), access.may_ask)
    standard = standard_layout(record_type.definition)
    candidates = [shown_layout(one, eyes) for one in (*(one.layout for one in rules.layouts), standard)]
    key = standard.key if applying is None else applying.layout.key
    return {"object": record_type.name, "layout": next(one for one in candidates if one["key"] == key),
            "candidates": candidates}


def _asked(service: Service, access: Access, record_id: str | None) -> Record:
    if record_id is not None:
        return access.known(get_record(service, access.principal, access.record_type, record_id))
    caller = access.principal
    return access.known({**dict.fromkeys(access.record_type.members), "owner_id": caller.user_id,
                        "department_id": caller.department_id, **blanks_of(access).defaults})

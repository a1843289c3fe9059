"""Set and take away tags on many records at once, whatever else they carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.model.faults import Fault
from services.customer.model.fields import FieldDef
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service


def apply_tags(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, ids: Sequence[str],
               add: Sequence[str], remove: Sequence[str]) -> list[Result]:
    """Tag records; the results stand in the order of the ids. Raises 403, 409 without a field of tags, 422."""
    access = Access(principal, record_type)
    access.need("update")
    field = check_tags(access, add, remove)
    standing = lock_records(uow, access, ids)
    patches = [Patch(id, {field.name: _changed(standing[id][field.name] if id in standing else None, add, remove)})
               for id in ids]
    return update_records(service, uow, principal, record_type, patches)


def check_tags(access: Access, add: Sequence[str], remove: Sequence[str], pointer: str = "") -> FieldDef:
    """The field of tags; raises 409 without one that the caller sees, 422 for what is no tag."""
    field = access.record_type.tag_field
    if field is None or field.name not in access.shape.readable:
        raise Problem(409, "has_no_tags")
    known = {choice["value"] for choice in field.options["choices"]}
    faults = [Fault(f"{pointer}/{member}/{place}", "not_a_choice", {"value": str(key)[:60]})
              for member, keys in (("add", add), ("remove", remove)) for place, key in enumerate(keys)
              if key not in known]
    if faults:
        raise refusal(faults)
    return field


def _changed(held: Sequence[str] | None, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    return [one for one in dict.fromkeys([*(held or ()), *add]) if one not in remove]

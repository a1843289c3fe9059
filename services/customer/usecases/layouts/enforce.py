"""Hold people and their programs to the layout that applies to them and to the record.

Judged is the record as it will be and as the caller sees it. What a layout hides is not demanded, not even when the
object itself demands it. A change is not refused for what was lacking before it: only for what it empties, and for
what it brings about (a stage that wants an amount).

Conditions over related records look with the caller's eyes too: what he does not see, or may not ask, is not there.

Rules, processes and imports are not held to layouts: nobody looks at a form there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from services.customer.model.faults import Fault, pointer_to
from services.customer.model.labels import label_in
from services.customer.model.layouts import CompiledLayout, Verdict
from services.customer.store.record_type import Record
from services.customer.usecases.access import Access
from services.customer.usecases.around import TablesAround

if TYPE_CHECKING:
    from chassis.service import Service

_NOTHING = Verdict()
_PEOPLE = ("user", "key")


class LayoutRules:
    """The layouts of one object for one caller, and the records that they are to judge, as the caller knows them."""

    def __init__(self, service: Service, connection: Connection, access: Access,
                 records: Sequence[Mapping[str, Any]]) -> None:
        self._access = access
        self.layouts = layouts_for(service, access)
        self._scope = access.scope
        if any(one.is_related for one in self.layouts):
            self._scope = replace(access.scope, around=TablesAround(connection, records, access.may_ask))

    def check_new(self, record: Mapping[str, Any], found: list[Fault]) -> None:
        """Add a fault for each value that a new record lacks; take back those of hidden fields."""
        verdict = self.verdict(record)
        _release(verdict, found)
        self._demand(self._lacking(verdict, record), found)

    def check_change(self, before: Mapping[str, Any], after: Mapping[str, Any], values: Mapping[str, Any],
                     found: list[Fault]) -> None:
        """The same for a change of a record by these values."""
        verdict = self.verdict(after)
        _release(verdict, found)
        lacking = self._lacking(verdict, after)
        if lacking:
            known = set(self._lacking(self.verdict(before), before))
            self._demand([name for name in lacking if name in values or name not in known], found)

    def applying(self, record: Mapping[str, Any]) -> CompiledLayout | None:
        """The layout that applies to one of the records; None for the standard one."""
        return next((one for one in self.layouts if one.fits(record, self._scope)), None)

    def verdict(self, record: Mapping[str, Any]) -> Verdict:
        """What the layout that applies says about one of the records."""
        layout = self.applying(record)
        return _NOTHING if layout is None else layout.verdict(record, self._scope)

    def _lacking(self, verdict: Verdict, record: Mapping[str, Any]) -> list[str]:
        return [name for name in verdict.lacks(record) if name in self._access.shape.writers]

    def _demand(self, names: Sequence[str], found: list[Fault]) -> None:
        known = {fault.pointer for fault in found}
        found += [Fault(pointer_to(name), "required_by_layout", {"field": self._label(name)}) for name in names
                  if pointer_to(name) not in known]

    def _label(self, name: str) -> str:
        field = self._access.record_type.fields.get(name)
        return label_in(field.label, self._access.principal.locale, name) if field is not None else name


def check_new_records(service: Service, connection: Connection, access: Access, drafts: Sequence[Record],
                      faults: Sequence[list[Fault]]) -> None:
    """Hold new records to the layouts that apply to them."""
    if not _bind(service, access):
        return
    records = [_of_draft(service, access, draft) for draft in drafts]
    rules = LayoutRules(service, connection, access, records)
    for record, found in zip(records, faults, strict=True):
        rules.check_new(record, found)


def check_changes(service: Service, connection: Connection, access: Access, standing: Sequence[Record | None],
                  values: Sequence[Record], faults: Sequence[list[Fault]]) -> None:
    """Hold changes to the layouts that apply to the records as they will be; None stands for what was refused."""
    if not _bind(service, access):
        return
    pairs = [None if before is None else (access.known(before), access.known({**before, **given}))
             for before, given in zip(standing, values, strict=True)]
    rules = LayoutRules(service, connection, access, [one for pair in pairs if pair is not None for one in pair])
    for pair, given, found in zip(pairs, values, faults, strict=True):
        if pair is not None:
            rules.check_change(*pair, given, found)


def _bind(service: Service, access: Access) -> bool:
    """Whether there is anything to judge."""
    return any(one.judges for one in layouts_for(service, access))


def _of_draft(service: Service, access: Access, draft: Record) -> Record:
    """A new record as far as it is known: without calculated values."""
    caller = access.principal
    record = {**dict.fromkeys(access.record_type.members), "owner_id": caller.user_id,
              "department_id": caller.department_id, **draft}
    if record["owner_id"] != caller.user_id:
        owner = service.directory.snapshot().users.get(record["owner_id"] or "", {})
        record["department_id"] = owner.get("department_id")
    return access.known(record)


def layouts_for(service: Service, access: Access) -> tuple[CompiledLayout, ...]:
    """The layouts that are meant for the caller, in the order in which they are tried."""
    layouts = access.record_type.form_layouts
    if not layouts or access.principal.kind not in _PEOPLE:
        return ()
    known = service.directory.snapshot().roles
    keys = frozenset(known[id]["key"] for id in access.principal.role_ids if id in known)
    return tuple(one for one in layouts if one.is_for(keys))


def _release(verdict: Verdict, found: list[Fault]) -> None:
    hidden = {pointer_to(name) for name in verdict.hidden}
    found[:] = [fault for fault in found if fault.code != "required" or fault.pointer not in hidden]

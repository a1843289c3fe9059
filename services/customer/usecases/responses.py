"""What outsiders answer becomes a record of a shipped object: who writes it, and what it is linked to.

It is linked to the record that it is about, to who gave it, and to what that record refers to; it belongs to the owner
of that record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import ObjectPolicy, Principal
from chassis.db import UnitOfWork
from services.customer.store.record_type import RecordType
from services.customer.usecases.links import visible_ids

if TYPE_CHECKING:
    from chassis.service import Service

_ALL = ObjectPolicy(frozenset({"create", "read", "update"}), frozenset({"all"}), {})


@dataclass(frozen=True)
class About:
    """The record that an answer is about, and whose answer it is."""

    object: str
    record_id: str
    recipient_object: str
    recipient_id: str

    @classmethod
    def of(cls, row: Any) -> About:
        """As the row of an invitation says."""
        return cls(row.object, row.record_id, row.recipient_object, row.recipient_id)


def links_to(service: Service, uow: UnitOfWork, record_type: RecordType, given: About) -> dict[str, Any]:
    """The values of an answer's reference fields, and its owner."""
    about = service.parts["types"].find(given.object)
    rows = about.by_id.rows(uow.connection, {"id": given.record_id}) if about is not None else ()
    record = about.load(rows[0]) if about is not None and rows else {}
    targets = {given.recipient_object: given.recipient_id}
    for field in about.fields.values() if about is not None and record else ():
        if field.type == "reference" and record.get(field.name):
            targets.setdefault(field.options["object"], record[field.name])
    if record:
        targets[given.object] = given.record_id
    links = {field.name: targets[field.options["object"]] for field in record_type.fields.values()
             if field.type == "reference" and field.options["object"] in targets
             and _stands(service, uow, field.options["object"], targets[field.options["object"]])}
    owner = service.directory.snapshot().users.get(record.get("owner_id") or "", {})
    return links | ({"owner_id": record["owner_id"]} if owner.get("active") else {})


def writer(service: Service, name: str) -> Principal:
    """Who writes the record: nobody who could do anything else; what is written was decided here."""
    return Principal(kind="form", name=name, locale=service.settings.default_locale,
                     timezone=service.settings.default_timezone, policy_of=lambda _: _ALL)


def _stands(service: Service, uow: UnitOfWork, name: str, id: str) -> bool:
    """Whether a record is still there: who was deleted or merged since the mail went out must not cost the answer."""
    known = service.parts["types"].find(name)
    return known is not None and id in visible_ids(uow.connection, writer(service, "response"), known, [id])

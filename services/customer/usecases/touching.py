"""Records touch others: a follow-up brings "last followed up" of its lead forward, in the same unit of work.

Forward only, and never beyond the present, so what is written late or imported years afterwards does no harm. Nobody
needs rights on the other record for this, because it is the system that decides it; the history of the other record
says whose writing did it and names the record that was written. Touching does not go on from there: what is touched
touches nothing itself.

The others are locked before anything is written, in the order of their ids, so that two batches never wait for each
other; the lock lets new links to the locked record through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import EVERYTHING
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.values.times import moment_text, parse_moment
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit, write_edits

if TYPE_CHECKING:
    from chassis.service import Service


@dataclass(frozen=True, slots=True)
class _Touch:
    """One moment that one record brings to another."""

    target: str
    id: str
    sets: str
    moment: datetime
    by: str


class Touching:
    """What the records of one write will touch; made before the write, carried out after it."""

    def __init__(self, service: Service, uow: UnitOfWork, access: Access, records: Sequence[Record]) -> None:
        self._service, self._uow, self._type = service, uow, access.record_type
        self._principal = replace(access.principal, policy_of=lambda _: EVERYTHING)
        self._targets = {touch["reference"]: found for touch in self._type.definition.touches
                         if (found := _target(service, self._type, touch)) is not None}
        ids: dict[str, set[str]] = {}
        for touch in self._touches(records):
            ids.setdefault(touch.target, set()).add(touch.id)
        self._standing = {name: self._lock(self._type_of(name), ids[name]) for name in sorted(ids)}

    def carry_out(self, records: Iterable[Record]) -> None:
        """Bring the others forward for those records that were written."""
        news: dict[str, dict[str, dict[str, _Touch]]] = {}
        for touch in self._touches(records):
            known = news.setdefault(touch.target, {}).setdefault(touch.id, {})
            if touch.sets not in known or known[touch.sets].moment < touch.moment:
                known[touch.sets] = touch
        for name in sorted(news):
            self._bring_forward(self._type_of(name), news[name])

    def _bring_forward(self, target: RecordType, news: Mapping[str, Mapping[str, _Touch]]) -> None:
        standing = self._lock(target, news) if target is self._type else self._standing[target.name]
        edits, because = [], {}
        for id, touches in news.items():
            values = {name: moment_text(touch.moment) for name, touch in touches.items()
                      if id in standing and _is_later(touch.moment, standing[id].get(name))}
            if values:
                edits.append((standing[id], values))
                because[id] = {"object": self._type.name, "id": touches[next(iter(values))].by}
        if edits:
            write_edits(self._service, self._uow, Access(self._principal, target), edits, because)

    def _touches(self, records: Iterable[Record]) -> Iterable[_Touch]:
        if not self._targets:
            return
        now = utcnow()
        for record in records:
            for touch in self._type.definition.touches:
                id, said = record.get(touch["reference"]), record.get(touch["from"] or "updated_at")
                if touch["reference"] in self._targets and id is not None and said is not None:
                    yield _Touch(self._targets[touch["reference"]].name, id, touch["sets"],
                                 min(parse_moment(said), now), record["id"])

    def _lock(self, target: RecordType, ids: Iterable[str]) -> dict[str, Record]:
        rows = self._uow.execute(target.many_for_touch, {"ids": sorted(ids)}).all()
        records = (target.load(row) for row in rows)
        return {record["id"]: record for record in records}

    def _type_of(self, name: str) -> RecordType:
        return next(one for one in self._targets.values() if one.name == name)


def that_touch(record_type: RecordType, edits: Iterable[Edit | None]) -> list[Record]:
    """The records whose edit may touch others: another link, another moment."""
    names = {touch[member] for touch in record_type.definition.touches for member in ("reference", "from")}
    return [edit.after for edit in edits if edit is not None and not names.isdisjoint(edit.changed)]


def _target(service: Service, record_type: RecordType, touch: Mapping[str, Any]) -> RecordType | None:
    """Where a touch leads, as long as both fields are there."""
    field = record_type.fields.get(touch["reference"])
    target = service.parts["types"].find(field.target) if field is not None else None
    if target is not None and target.name == record_type.name:
        target = record_type
    known = target is not None and target.fields.get(touch["sets"])
    return target if known and known.type == "datetime" else None


def _is_later(moment: datetime, standing: str | None) -> bool:
    return standing is None or parse_moment(standing) < moment

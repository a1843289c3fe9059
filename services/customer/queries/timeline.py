"""The timeline of a record: its own history, what other services told about it, and the records that refer to it with
what was told about them: the mail about a customer's ticket stands in the line of the customer, too.

Every source gives at most one page by its own keyset query, under the reader's rights; the pages are merged, newest
first. So a page costs the same wherever it stands. Fields that the caller may not read are not in it. What a merge has
taken in shows with its survivor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, Table, literal, select, tuple_

from chassis.auth.principal import Principal
from chassis.clock import from_wire
from chassis.http.paging import decode_cursor, encode_cursor
from services.customer.model.labels import label_in
from services.customer.model.masking import Mask
from services.customer.model.values.times import moment_text
from services.customer.queries.get_record import get_record
from services.customer.queries.merges import taken_in
from services.customer.store.calculations import load_records
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

CHANGE, RELATED = "change", "related"
_TOLD = ("run", "message", "task", "share")
_TOLD_OF_RELATED = ("run", "message", "task")
USUAL = (CHANGE, *_TOLD)
KINDS = (*USUAL, RELATED)
_MOST_WORDS = 300
_MOST_RELATED = 500  # records of an object whose lines stand in that of the one they refer to


@dataclass(frozen=True)
class Wanted:
    """What of a timeline is asked for: kinds, who did it, from when (inclusive) to when (exclusive)."""

    kinds: tuple[str, ...] = USUAL
    by: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def key(self) -> str:
        """What a cursor is bound to."""
        return f"{','.join(sorted(self.kinds))} {self.by} {self.start} {self.end}"


def timeline(service: Service, principal: Principal, record_type: RecordType, record_id: str, *,
             limit: int, cursor: str | None, wanted: Wanted) -> dict[str, Any]:
    """One page of the timeline; raises 403 and 404 as for the record itself."""
    record = get_record(service, principal, record_type, record_id)
    access, masks = Access(principal, record_type), Access(principal, record_type).masks_over(record)
    bound_to = f"timeline {record_type.name} {record_id} {wanted.key}"
    place = decode_cursor(cursor, bound_to) if cursor else None
    with service.db.read() as connection:
        ids = [record_id, *taken_in(connection, record_id)]
        pages = _Pages(connection, wanted, place, limit + 1)
        lines = [(row.at, row.id, _item(service, access, masks, row)) for table in (record_change, timeline_entry)
                 for row in pages.of_record(table, ids)]
        if RELATED in wanted.kinds:
            for other in _referring(service, principal, record_type):
                lines += _related(service, pages, other, record_type.name, ids)
                lines += _told_of_related(service, pages, other, record_type.name, ids)
    lines.sort(key=lambda line: line[:2], reverse=True)
    shown, more = lines[:limit], len(lines) > limit
    last = [moment_text(shown[-1][0]), shown[-1][1]] if more else None
    return {"items": [item for _, _, item in shown],
            "next_cursor": encode_cursor(last, bound_to) if last else None}


class _Pages:
    """The next page of each source behind the same place."""

    def __init__(self, connection: Connection, wanted: Wanted, place: Sequence[str] | None, limit: int) -> None:
        self._connection, self._wanted, self._place, self._limit = connection, wanted, place, limit

    def of_record(self, table: Table, ids: list[str]) -> list[Any]:
        """Lines of the history, or of what other services told, that are wanted."""
        query = select(table).where(table.c.record_id.in_(ids))
        if table is record_change:
            if CHANGE not in self._wanted.kinds:
                return []
        elif (query := self._of_kinds(query, _TOLD)) is None:
            return []
        return list(self._connection.execute(self.bounded(query, table.c.at, table.c.id, table.c.by_id)))

    def of_related(self, related: Select[Any]) -> list[Any]:
        """What other services told about any of these records and that is wanted."""
        table = timeline_entry
        query = self._of_kinds(select(table).where(table.c.record_id.in_(related)), _TOLD_OF_RELATED)
        return [] if query is None else self.run(query, table.c.at, table.c.id, table.c.by_id)

    def _of_kinds(self, query: Select[Any], known: tuple[str, ...]) -> Select[Any] | None:
        """The query for those of the known kinds that are wanted; None when none is."""
        kinds = [kind for kind in known if kind in self._wanted.kinds]
        if not kinds:
            return None
        return query if kinds == list(_TOLD) else query.where(timeline_entry.c.kind.in_(kinds))

    def records(self, record_type: RecordType, ids: set[str]) -> dict[str, Record]:
        """The records of these ids, by id."""
        return load_records(self._connection, record_type, ids) if ids else {}

    def run(self, query: Select[Any], at: Any, id: Any, by: Any) -> list[Any]:
        """Rows of any source that are wanted."""
        return list(self._connection.execute(self.bounded(query, at, id, by)))

    def bounded(self, query: Select[Any], at: Any, id: Any, by: Any) -> Select[Any]:
        """The query for the next page."""
        wanted = self._wanted
        if wanted.by is not None:
            query = query.where(by == wanted.by)
        if wanted.start is not None:
            query = query.where(at >= literal(wanted.start, at.type))
        if wanted.end is not None:
            query = query.where(at < literal(wanted.end, at.type))
        if self._place is not None:
            moment, last = self._place
            query = query.where(tuple_(at, id) < tuple_(literal(from_wire(moment), at.type), literal(last, id.type)))
        return query.order_by(at.desc(), id.desc()).limit(self._limit)


def _referring(service: Service, principal: Principal, record_type: RecordType) -> Iterable[Access]:
    """The objects that refer to this one and that the caller may read."""
    for other in sorted(service.parts["types"].all().values(), key=lambda one: one.name):
        if principal.objects(other.name).allows("read") and any(
                field.target == record_type.name for field in other.references):
            yield Access(principal, other)


def _related(service: Service, pages: _Pages, other: Access, target: str,
             ids: list[str]) -> list[tuple[datetime, str, Record]]:
    """Records of another object that refer to these, by when they were made."""
    found = {}
    for field in other.record_type.references:
        if field.target != target or field.name not in other.shape.readable:
            continue
        table, condition = other.record_type.table, other.where()
        query = other.record_type.selection.where(other.record_type.columns[field.name].in_(ids))
        query = query if condition is None else query.where(condition)
        for row in pages.run(query, table.c.created_at, table.c.id, table.c.created_by):
            record = other.record_type.load(row)
            found[record["id"]] = (row.created_at, record["id"], _related_item(service, other, record))
    return list(found.values())


def _told_of_related(service: Service, pages: _Pages, other: Access, target: str,
                     ids: list[str]) -> list[tuple[datetime, str, Record]]:
    """What other services told about records of another object that refer to these, each line with its record.

    Asked are the newest of them, so that a campaign of a hundred thousand leads has a page as quickly as any; lines of
    documents have nothing that is told about them.
    """
    columns, found, condition = other.record_type.columns, {}, other.where()
    if other.record_type.definition.line_of:
        return []
    for field in other.record_type.references:
        if field.target == target and field.name in other.shape.readable:
            related = select(columns["id"]).where(columns[field.name].in_(ids))
            related = related if condition is None else related.where(condition)
            newest = related.order_by(columns["id"].desc()).limit(_MOST_RELATED)
            found.update({row.id: row for row in pages.of_related(newest)})
    records = pages.records(other.record_type, {row.record_id for row in found.values()})
    return [(row.at, row.id, _item(service, other, {}, row) | {"record": _named(other, records[row.record_id])})
            for row in found.values() if row.record_id in records]


def _named(other: Access, record: Record) -> Record:
    title = other.known(record).get(other.record_type.definition.title_field)
    return {"object": other.record_type.name, "id": record["id"], "title": title and str(title)}


def _related_item(service: Service, other: Access, record: Record) -> Record:
    by = record["created_by"]
    return {"id": record["id"], "kind": RELATED, "at": record["created_at"], "action": "created",
            "by": {"id": by, "name": service.directory.name_of(by)} if by else None, "origin": None, "changes": [],
            "text": _words(other, other.known(record)), "record": _named(other, record)}


def _words(other: Access, known: Record) -> str | None:
    """The first long text of what the caller may know of the record."""
    for name, field in other.record_type.fields.items():
        if field.type == "long_text" and known.get(name):
            return known[name][:_MOST_WORDS]
    return None


def _item(service: Service, access: Access, masks: Mapping[str, Mask], row: Any) -> Record:
    is_change = hasattr(row, "changes")
    return {"id": row.id, "kind": CHANGE if is_change else row.kind, "at": moment_text(row.at),
            "by": _person(service, row), "action": row.action, "origin": row.origin,
            "changes": _changes(access, masks, row.changes) if is_change else [],
            "text": None if is_change else label_in(row.text, access.principal.locale, "")}


def _person(service: Service, row: Any) -> dict[str, str | None] | None:
    if row.by_id is None:
        return None
    return {"id": row.by_id, "name": service.directory.name_of(row.by_id) or row.by_name}


def _changes(access: Access, masks: Mapping[str, Mask], changes: dict[str, list[Any]]) -> list[Record]:
    return [{"field": name, "before": _masked(masks, name, before), "after": _masked(masks, name, after)}
            for name, (before, after) in changes.items() if name in access.shape.shown]


def _masked(masks: Mapping[str, Mask], name: str, value: Any) -> Any:
    return masks[name](value) if name in masks else value

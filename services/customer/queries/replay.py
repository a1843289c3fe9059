"""The changes of one object within a span, told once more as the events told them: each with the whole record as it
stood then.

The history keeps of a change only what differed. So each record is taken as it stands now (a deleted one as its last
line says) and led back line by line; where it passes a line that is asked for, it stands as it stood then. One
question finds the lines of a page, a second one the records, a third one all later lines of these records. A page
whose records have too many of them is answered in smaller pieces.

What the history does not know is not told: silent lines (the daily recalculation of formulas) and values of fields
that are gone. What was deleted or erased since has no more than its lines still say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, literal, select, tuple_

from chassis.clock import from_wire
from chassis.http.paging import decode_cursor, encode_cursor
from services.customer.model.values.times import moment_text
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change
from services.customer.usecases.history import CALCULATED, CREATED, DELETED, UPDATED

if TYPE_CHECKING:
    from chassis.service import Service

MAX_CHANGES = 500
MOST_LINES = 20_000  # later lines of the records of one page
_C = record_change.c
_ORDER = _C.at, _C.id


@dataclass(frozen=True)
class Span:
    """From when (inclusive) to when (exclusive); creations, and updates of some fields (None: of any)."""

    since: datetime
    until: datetime
    created: bool = True
    fields: frozenset[str] | None = None

    def takes(self, line: Row[Any]) -> bool:
        """Whether a line is asked for."""
        if line.action == CREATED:
            return self.created
        return self.fields is None or not self.fields.isdisjoint(line.changes)

    def key(self, name: str) -> str:
        """What a cursor is bound to."""
        fields = "*" if self.fields is None else ",".join(sorted(self.fields))
        return f"replay {name} {self.since} {self.until} {self.created} {fields}"


def replayed(service: Service, record_type: RecordType, span: Span, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page, oldest first: `items`, how many lines were `looked_at`, how many of these were `left_out` because too
    much has happened since, `next_cursor`."""
    bound_to = span.key(record_type.name)
    place = decode_cursor(cursor, bound_to) if cursor else None
    with service.db.read() as connection:
        lines = connection.execute(_page(record_type.name, span, place, limit + 1)).all()
        shown, more = lines[:limit], len(lines) > limit
        later = _later(connection, [line for line in shown if span.takes(line)])
        while later is None and len(shown) > 1:
            shown, more = shown[:len(shown) // 2], True
            later = _later(connection, [line for line in shown if span.takes(line)])
        items = _told(connection, record_type, shown, span, later or {})
        too_long = later is None
    last = [moment_text(shown[-1].at), shown[-1].id] if more else None
    return {"items": items, "looked_at": len(shown), "left_out": int(too_long),
            "next_cursor": encode_cursor(last, bound_to) if last else None}


def _page(name: str, span: Span, place: Sequence[str] | None, limit: int) -> Any:
    since = span.since if place is None else from_wire(place[0])
    query = select(record_change).where(
        _C.object == name, _C.at >= literal(since, _C.at.type), _C.at < literal(span.until, _C.at.type),
        _C.action != DELETED)
    if place is not None:
        query = query.where(tuple_(*_ORDER) > tuple_(literal(since, _C.at.type), literal(place[1], _C.id.type)))
    return query.order_by(*_ORDER).limit(limit)


def _later(connection: Connection, lines: Sequence[Row[Any]]) -> Mapping[str, list[Row[Any]]] | None:
    """All lines of these lines' records from the first of them on, oldest first; None when they are too many."""
    if not lines:
        return {}
    query = select(_C.record_id, _C.at, _C.id, _C.action, _C.by_id, _C.changes).where(
        _C.record_id.in_({line.record_id for line in lines}), _C.at >= literal(lines[0].at, _C.at.type))
    rows = connection.execute(query.order_by(_C.record_id, *_ORDER).limit(MOST_LINES + 1)).all()
    if len(rows) > MOST_LINES:
        return None
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.record_id, []).append(row)
    return found


def _told(connection: Connection, record_type: RecordType, shown: Sequence[Row[Any]], span: Span,
          later: Mapping[str, Sequence[Row[Any]]]) -> list[dict[str, Any]]:
    present = _present(connection, record_type, list(later))
    wanted = {line.id for line in shown if span.takes(line)}
    states: dict[str, Record] = {}
    for id, lines in later.items():
        states.update(_states(record_type, id, present.get(id), lines, wanted))
    return [_change(line, states[line.id]) for line in shown if line.id in states]


def _present(connection: Connection, record_type: RecordType, ids: Sequence[str]) -> Mapping[str, Record]:
    if not ids:
        return {}
    rows = connection.execute(record_type.selection.where(record_type.table.c.id.in_(ids)))
    found = {record["id"]: record for record in map(record_type.load, rows)}
    gone = [id for id in ids if id not in found]
    return found | _nothing_but_made(connection, gone) if gone else found


def _nothing_but_made(connection: Connection, ids: Sequence[str]) -> dict[str, Record]:
    """When records were made that are not there any more; their lines say the rest."""
    made = select(_C.record_id, _C.at, _C.by_id).where(_C.record_id.in_(ids), _C.action == CREATED)
    return {row.record_id: {"created_at": moment_text(row.at), "created_by": row.by_id}
            for row in connection.execute(made.order_by(_C.at.desc()).limit(MOST_LINES))}


def _states(record_type: RecordType, id: str, present: Record | None, lines: Sequence[Row[Any]],
            wanted: set[str]) -> Iterator[tuple[str, Record]]:
    """How the record stood after each of the wanted lines, going back from how it stands now."""
    state = dict.fromkeys(record_type.members) | {"id": id} | (present or {})
    written = _written(lines)
    for line in reversed(lines):
        if line.id in wanted:
            yield line.id, state | written[line.id]
        state.update((name, before) for name, (before, _) in line.changes.items() if name in state)


def _written(lines: Sequence[Row[Any]]) -> dict[str, Record]:
    """What every write sets without saying so: who wrote last, and when; counting anew is no writing."""
    said: dict[str, Record] = {}
    known: Record = {}
    for line in lines:
        if line.action != CALCULATED:
            known |= {"updated_at": moment_text(line.at), "updated_by": line.by_id}
        said[line.id] = dict(known)
    return said


def _change(line: Row[Any], state: Record) -> dict[str, Any]:
    changed = [name for name in line.changes if name in state]
    before = {} if line.action == CREATED else {name: line.changes[name][0] for name in changed}
    told = {"id": line.record_id, "version": line.version, "at": moment_text(line.at), "by": line.by_id,
            "action": CREATED if line.action == CREATED else UPDATED, "changed": changed, "before": before,
            "after": state | {"version": line.version},
            "origin": {name: line.origin.get(name) for name in ("kind", "id", "name")}}
    return told if line.origin.get("rules", True) else told | {"rules": False}

"""The search box: one question to all objects, answered from the search entries.

One statement tells which objects have anything to say. Of each of these, the index gives the entries that have all
grams of the question and lie in the caller's data scope; joined with the records under the same scope, their texts are
compared, ranked and cut to a few. When that many entries have the grams that looking at all of them would take long
(`CANDIDATES`), the question is a broad one: then what is equal or begins so is asked for by grams of its own, and the
newest records that the caller sees (`NEWEST`) give the rest, which is what "the newest first" asks for. So every
question costs a bounded number of rows, whoever asks, and a narrow scope loses nothing.

A field that the caller may not read has no part in any comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from chassis.auth.principal import Principal
from services.customer.metrics import SEARCHES_ANSWERED
from services.customer.model.faults import Fault
from services.customer.model.search.entries import entry_of
from services.customer.model.search.questions import Way, read_question
from services.customer.queries.labels import add_labels
from services.customer.queries.search import MAX_SEARCH
from services.customer.queries.search_index import SearchIndex, answering
from services.customer.queries.search_rarity import Rarity
from services.customer.store.record_type import Record
from services.customer.usecases.access import ALWAYS_READABLE, Access
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MAX_EACH = 20
MAX_OBJECTS = 60
CANDIDATES = 3000
NEWEST = 1500
_SHOWN_FIELDS = 4


@dataclass(frozen=True)
class _Group:
    """What was found in one object: (rank, id) of the best, and whether there is more."""

    access: Access
    best: Sequence[tuple[int, str]]
    more: bool


def search_all(service: Service, principal: Principal, text: str, objects: Sequence[str] | None,
               limit: int) -> list[Record]:
    """A group per object with hits, the best group first; raises 403 and 422."""
    if len(text) > MAX_SEARCH or not text.isprintable():
        raise refusal([Fault("?q", "bad_search", {"max": MAX_SEARCH})])
    ways = read_question(text)
    accesses = _accesses(service, principal, objects)
    SEARCHES_ANSWERED.inc()
    if not ways:
        return []
    with service.db.read() as connection:
        rarity = service.parts["rarity"].known(connection)
        groups = [_search_one(connection, access, ways, limit, rarity)
                  for access in _answering(connection, accesses, ways, rarity)]
        shown = [(group, _records(connection, group)) for group in groups if group.best]
    shown.sort(key=lambda pair: (pair[0].best[0][0], pair[0].access.record_type.definition.position))
    return [_shown(service, group, records, ways) for group, records in shown]


def _accesses(service: Service, principal: Principal, objects: Sequence[str] | None) -> list[Access]:
    """The objects that shall be searched: those named, or all that the caller may read."""
    types = service.parts["types"].all()
    if objects is None:
        known = sorted(types.values(), key=lambda one: (one.definition.position, one.name))
        readable = [access for one in known if (access := Access(principal, one)).policy.allows("read")]
        return readable[:MAX_OBJECTS]
    found = [types.get(name) or service.parts["types"].renewed().get(name) for name in objects]
    faults = [Fault("?objects", "unknown_object") for one in found if one is None][:1]
    if faults or len(found) > MAX_OBJECTS:
        raise refusal(faults or [Fault("?objects", "bad_list", {"max": MAX_OBJECTS})])
    accesses = [Access(principal, one) for one in dict.fromkeys(found) if one is not None]
    for access in accesses:
        access.need("read")
    return accesses


def _answering(connection: Connection, accesses: list[Access], ways: Sequence[Way], rarity: Rarity) -> list[Access]:
    """The objects worth asking: all of them when the question is too short for the index."""
    sets = [way.grams for way in ways]
    return answering(connection, accesses, sets, rarity) if all(sets) else accesses


def _search_one(connection: Connection, access: Access, ways: Sequence[Way], limit: int, rarity: Rarity) -> _Group:
    best = _best(SearchIndex(connection, access, ways, limit + 1, rarity), ways)
    if access.grants:
        best |= _best(SearchIndex(connection, access, ways, limit + 1, rarity, granted=True), ways)
    ranked = sorted(((rank, id) for id, rank in best.items()), key=lambda one: one[1], reverse=True)
    ranked.sort(key=lambda one: one[0])
    return _Group(access, ranked[:limit], len(ranked) > limit)


def _best(index: SearchIndex, ways: Sequence[Way]) -> dict[str, int]:
    narrow = [way.grams for way in ways if way.grams]
    broad = not narrow or index.is_broad(narrow, CANDIDATES)
    seen, best = (CANDIDATES, {}) if broad else index.having(narrow, CANDIDATES)
    if seen >= CANDIDATES or any(not way.grams for way in ways):
        for grams in ([way.whole for way in ways], [way.beginning for way in ways]):
            if not index.is_broad(grams, CANDIDATES):
                best |= index.having(grams, CANDIDATES)[1]
        best |= index.newest(NEWEST)
    return best


def _records(connection: Connection, group: _Group) -> dict[str, Record]:
    record_type = group.access.record_type
    query = record_type.selection.where(record_type.table.c.id.in_([id for _, id in group.best]))
    records = (record_type.load(row) for row in connection.execute(query))
    return {record["id"]: record for record in records}


def _shown(service: Service, group: _Group, records: Mapping[str, Record], ways: Sequence[Way]) -> Record:
    access, definition = group.access, group.access.record_type.definition
    found = [records[id] for _, id in group.best if id in records]
    matched = [_matched(access, access.known(record), ways) for record in found]
    parts = [_part(access, access.show(record), name) for record, name in zip(found, matched, strict=True)]
    labelled = add_labels(service, access.principal, access.record_type, parts)
    titled = definition.title_field in access.shape.readable
    return {"object": definition.name, "more": group.more, "items": [
        {"id": record["id"], "title": record[definition.title_field] if titled else None, "matched": name,
         "record": part} for record, name, part in zip(found, matched, labelled, strict=True)]}


def _part(access: Access, record: Record, matched: str | None) -> Record:
    """The members that a line of results shows: those of lists, and what matched."""
    definition = access.record_type.definition
    wanted = dict.fromkeys([*ALWAYS_READABLE, definition.title_field, *definition.list_fields[:_SHOWN_FIELDS]])
    if matched:
        wanted[matched] = None
    return {name: record[name] for name in wanted if name in access.shape.readable}


def _matched(access: Access, known: Record, ways: Sequence[Way]) -> str | None:
    """The field that the caller knows and in which the question was found; the title before others."""
    record_type = access.record_type
    title = record_type.definition.title_field
    fields = [field for field in record_type.searched if field.name in known]
    texts = {field.name: entry_of("", "", (field,), known).rest
             for field in sorted(fields, key=lambda one: one.name != title)}
    return _holding(texts, [way.phrase for way in ways]) or _holding(texts, [one for way in ways for one in way.words])


def _holding(texts: Mapping[str, str], sought: Iterable[str]) -> str | None:
    wanted = list(sought)
    return next((name for name, text in texts.items() if any(one in text for one in wanted)), None)

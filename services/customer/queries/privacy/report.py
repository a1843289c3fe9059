"""Everything that is kept about one person, over all services: the record, its history, what was told, files, consents,
merges, segments, related records, the tasks of the workflow service, and the mail to and from the person that the
notify service knows of.

What the reader may not read is not in it; `complete` says whether something of the record was left out for that reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from chassis.auth.principal import Principal
from chassis.calls import CallFailed
from chassis.clock import to_wire, utcnow
from services.customer.model.privacy import personal_fields
from services.customer.model.values.times import moment_text
from services.customer.queries.get_record import get_record
from services.customer.queries.labels import add_labels, titles_of
from services.customer.queries.list_records import scoped
from services.customer.queries.merges import taken_in
from services.customer.queries.segments import segments_of
from services.customer.store.consents import consents_of
from services.customer.store.files.tables import attachment
from services.customer.store.record_type import Record, RecordType
from services.customer.store.tables import record_change, timeline_entry
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 2000  # of each kind of lines
MOST_RELATED = 200
MOST_IDS = 1000  # of the record and of those that it took in


def person_report(service: Service, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """The report; raises 403 and 404 as for the record itself."""
    record = get_record(service, principal, record_type, record_id)
    access = Access(principal, record_type)
    known = access.known(record)
    shown = add_labels(service, principal, record_type, [access.show(record)])[0]
    is_whole = len(known) == len(record)
    with service.db.read() as connection:
        ids = [record_id, *taken_in(connection, record_id)]
        kept = {"history": _history(connection, known.keys(), ids), "told": _told(connection, ids, principal.locale),
                "files": _files(connection, record_type, known.keys(), ids),
                "consents": shown_consents(connection, record_id),
                "merged": ids[1:], "related": _related(service, connection, principal, record_type, record_id)}
    return {"object": record_type.name, "id": record_id, "made_at": to_wire(utcnow()), "record": shown,
            "complete": is_whole,
            "personal_fields": [name for name in personal_fields(record_type.definition) if name in shown], **kept,
            "segments": segments_of(service, principal, record_type, record_id),
            **_of_others(service, record_type.name, ids, is_whole)}


def shown_consents(connection: Connection, record_id: str) -> list[Record]:
    """The lines of consent, the latest first; `current` is true for the one that counts."""
    found, seen = [], set()
    for row in consents_of(connection, record_id):
        found.append({"id": row.id, "purpose": row.purpose, "granted": row.granted, "source": row.source,
                      "at": to_wire(row.at), "by_id": row.by_id, "current": row.purpose not in seen})
        seen.add(row.purpose)
    return found


def _history(connection: Connection, known: Collection[str], ids: list[str]) -> list[Record]:
    query = select(record_change).where(record_change.c.record_id.in_(ids)).order_by(record_change.c.at.desc())
    return [{"record_id": row.record_id, "at": moment_text(row.at), "action": row.action, "by": row.by_name,
             "origin": row.origin, "changes": {name: pair for name, pair in row.changes.items() if name in known}}
            for row in connection.execute(query.limit(MOST))]


def _told(connection: Connection, ids: list[str], locale: str) -> list[Record]:
    query = select(timeline_entry).where(timeline_entry.c.record_id.in_(ids)).order_by(timeline_entry.c.at.desc())
    return [{"at": moment_text(row.at), "kind": row.kind, "action": row.action,
             "text": row.text.get(locale) or next(iter(row.text.values()), "")}
            for row in connection.execute(query.limit(MOST))]


def _files(connection: Connection, record_type: RecordType, known: Collection[str], ids: list[str]) -> list[Record]:
    hidden = [field.column for field in record_type.file_fields if field.name not in known]
    query = select(attachment).where(attachment.c.record_id.in_(ids), attachment.c.column.not_in(hidden)).order_by(
        attachment.c.created_at)
    return [{"id": row.id, "name": row.name, "size": row.size, "type": row.media_type, "state": row.state,
             "at": to_wire(row.created_at)} for row in connection.execute(query.limit(MOST))]


def _related(service: Service, connection: Connection, principal: Principal, record_type: RecordType,
             record_id: str) -> list[Record]:
    """What the caller sees that refers to the record: how many, and what they are called."""
    found = []
    for access, field in referring(service, principal, record_type):
        other, points = access.record_type, access.record_type.columns[field] == record_id
        seen = scoped(access, select(other.table.c.id).where(points), None)
        count = connection.execute(select(func.count()).select_from(seen.subquery())).scalar_one()
        if count:
            ids = set(connection.execute(seen.limit(MOST_RELATED)).scalars())
            titles = sorted(titles_of(connection, principal, other, ids).values())
            found.append({"object": other.name, "field": field, "count": count, "titles": titles})
    return found


def referring(service: Service, principal: Principal, record_type: RecordType) -> Iterator[tuple[Access, str]]:
    """The references that lead to an object, of what the caller may read."""
    for other in sorted(service.parts["types"].all().values(), key=lambda one: one.name):
        access = Access(principal, other)
        for field in other.references if access.policy.allows("read") else ():
            if field.target == record_type.name and field.name in access.shape.readable:
                access.asked.add(field.name)
                yield access, field.name


def _of_others(service: Service, object_name: str, ids: list[str], is_whole: bool) -> Record:
    """The tasks about the record and the mail; says which services did not answer."""
    tasks = _asked(service, "workflow", "GET", f"/v1/tasks?object={object_name}&record_id={ids[0]}&limit=200")
    mails = _asked(service, "notify", "POST", "/v1/correspondence", {"ids": ids[:MOST_IDS]})
    unreachable = [name for name, found in (("workflow", tasks), ("notify", mails)) if found is None]
    words = () if is_whole else ("address", "subject")  # they may say what the reader may not read
    return {"tasks": tasks or [], "unreachable": unreachable,
            "mails": [{name: value for name, value in one.items() if name not in words} for one in mails or ()]}


def _asked(service: Service, target: str, method: str, path: str, json: Any = None) -> list[Record] | None:
    """The items that a service answers with; None when it does not."""
    try:
        answer = service.calls.request(target, method, path, json=json)
    except CallFailed:
        return None
    return answer.json["items"] if answer.status == 200 else None

"""Share a record with people, roles and departments, or take somebody into its team; take it back.

There is one share for a record and a grantee; sharing again changes its level, its end and what he does in the team.
Whoever holds the record in his own data scope and may update it may share it; a share gives no right to share further.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, func, select, update

from chassis.auth.directory import Snapshot
from chassis.auth.principal import Principal
from chassis.clock import from_wire, utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id, new_id
from services.customer.events import publish_sharing
from services.customer.model.faults import BadValueError, Fault
from services.customer.model.sharing import LEVELS, read_grantee
from services.customer.model.values.times import moment
from services.customer.store.definitions import touch
from services.customer.store.record_type import Record, RecordType
from services.customer.store.sharing.shares import share_body
from services.customer.store.sharing.tables import record_share, shared_object
from services.customer.usecases.access import Access
from services.customer.usecases.edits import lock_records
from services.customer.usecases.refusals import only_shared, refusal
from services.customer.usecases.sharing.telling import tell_shared

if TYPE_CHECKING:
    from chassis.service import Service

MAX_SHARES = 200  # of one record
MAX_TEAM = 60
_PURGED_AT_ONCE = 500


def share_record(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                 given: Mapping[str, Any]) -> str:
    """Share, or change a share; returns its id. Raises 403, 404, 409, 422."""
    record = sharable_record(uow, principal, record_type, record_id)
    values = _read(service.directory.snapshot(), given)
    _note_object(uow, record_type.name)
    found = _find(uow, record_id, values["grantee"])
    if found is None:
        return _add(service, uow, principal, record_type, record, values)
    uow.execute(update(record_share).where(record_share.c.id == found.id).values(
        version=found.version + 1, at=utcnow(), by_id=principal.user_id, by_name=principal.name, **values))
    row = _of_id(uow, found.id)
    publish_sharing(uow, shares=[share_body(row)])
    tell_shared(service, uow, principal, row, "changed")
    return found.id


def revoke_share(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str,
                 share_id: str) -> None:
    """Take a share back; somebody may also give up his own. Raises 403, 404."""
    row = _of_id(uow, share_id) if is_id(share_id) else None
    if row is None or row.record_id != record_id or row.object != record_type.name:
        raise not_found("share")
    if row.grantee != f"user:{principal.user_id}":
        sharable_record(uow, principal, record_type, record_id)
    uow.execute(delete(record_share).where(record_share.c.id == share_id))
    publish_sharing(uow, shares=[share_body(row, deleted=True)])
    tell_shared(service, uow, principal, row, "revoked")


def sharable_record(uow: UnitOfWork, principal: Principal, record_type: RecordType, record_id: str) -> Record:
    """The record, locked, when the caller may share it; raises 403, 404."""
    access = Access(principal, record_type)
    access.need("read")
    access.need("update")
    record = lock_records(uow, access, [record_id]).get(record_id)
    if record is None:
        raise not_found()
    if not access.owns(record):
        raise only_shared()
    return record


def end_shares(service: Service) -> None:
    """Take away shares whose end has passed; they have had no effect since then."""
    while True:
        with service.db.unit_of_work() as uow:
            over = select(record_share).where(record_share.c.expires_at < utcnow() - timedelta(minutes=1))
            rows = uow.execute(over.order_by(record_share.c.expires_at).limit(_PURGED_AT_ONCE)).all()
            if rows:
                uow.execute(delete(record_share).where(record_share.c.id.in_([row.id for row in rows])))
                publish_sharing(uow, shares=[share_body(row, deleted=True) for row in rows])
        if len(rows) < _PURGED_AT_ONCE:
            return


def _add(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, record: Record,
         values: Mapping[str, Any]) -> str:
    count = select(func.count()).select_from(record_share).where(record_share.c.record_id == record["id"])
    if uow.execute(count).scalar_one() >= MAX_SHARES:
        raise Problem(409, "too_many_shares", params={"max": MAX_SHARES})
    id = new_id()
    uow.execute(record_share.insert(), {
        "id": id, "version": 1, "object": record_type.name, "record_id": record["id"], "by_id": principal.user_id,
        "by_name": principal.name, "at": utcnow(), **values})
    row = _of_id(uow, id)
    publish_sharing(uow, shares=[share_body(row)])
    tell_shared(service, uow, principal, row, "shared")
    return id


def _read(directory: Snapshot, given: Mapping[str, Any]) -> dict[str, Any]:
    faults: list[Fault] = []
    values = {"grantee": None, "level": given.get("level", "read"), "team": given.get("team") or None,
              "expires_at": None}
    try:
        values["grantee"] = known_grantee(directory, given.get("grantee"))
    except BadValueError as problem:
        faults.append(Fault("/grantee", problem.code, problem.params))
    if values["level"] not in LEVELS:
        faults.append(Fault("/level", "bad_level"))
    team = values["team"]
    if team is not None and not (isinstance(team, str) and len(team) <= MAX_TEAM and team.isprintable()):
        faults.append(Fault("/team", "bad_team", {"max": MAX_TEAM}))
    if given.get("expires_at") is not None:
        values["expires_at"] = _end(given["expires_at"], faults)
    if faults:
        raise refusal(faults)
    return values


def _end(given: Any, faults: list[Fault]) -> Any:
    try:
        end = from_wire(moment(given))
    except BadValueError as problem:
        faults.append(Fault("/expires_at", problem.code, problem.params))
        return None
    if end <= utcnow():
        faults.append(Fault("/expires_at", "already_over"))
    return end


def known_grantee(directory: Snapshot, given: Any) -> str:
    """A grantee that exists, or BadValueError."""
    grantee = read_grantee(given)
    kind, _, id = grantee.partition(":")
    bodies = {"user": directory.users, "role": directory.roles}.get(kind, directory.departments)
    if id not in bodies or (kind == "user" and not bodies[id].get("active")):
        raise BadValueError("bad_grantee")
    return grantee


def _note_object(uow: UnitOfWork, object_name: str) -> None:
    """The first share of an object: from now on every process asks for shares of it."""
    note = insert_or(uow, shared_object).values(object=object_name).on_conflict_do_nothing()
    if uow.execute(note.returning(shared_object.c.object)).scalar() is not None:
        touch(uow)


def _find(uow: UnitOfWork, record_id: str, grantee: str) -> Row[Any] | None:
    return uow.execute(select(record_share).where(
        record_share.c.record_id == record_id, record_share.c.grantee == grantee).with_for_update()).first()


def _of_id(uow: UnitOfWork, id: str) -> Row[Any]:
    return uow.execute(select(record_share).where(record_share.c.id == id)).first()  # type: ignore[return-value]

"""The audit log: append-only, each entry chained to the one before by a hash.

`hash = SHA-256(prev_hash + canonical JSON of the entry)`. Changing, removing or inserting an entry breaks the chain
from there on; cutting off the end is seen because `audit_head` names the last entry. The hash of the head goes to the
process log every hour, so that a copy of it lies outside of the database.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from chassis.auth.principal import Principal
from chassis.clock import from_wire, to_wire, utcnow
from chassis.context import current_cause
from chassis.db.unit_of_work import UnitOfWork
from chassis.events.message import Message
from chassis.ids import new_id
from chassis.jsonio import dumps, loads
from chassis.service import Service
from gateway.caller import client_address
from gateway.store.tables import audit_entry, audit_head

log = logging.getLogger(__name__)

_CHAINED = ("seq", "id", "at", "actor_kind", "actor_id", "actor_name", "action", "target_kind", "target_id",
            "target_name", "ip", "request_id", "detail")
_UNTOLD = frozenset({"version", "created_at", "updated_at", "last_sign_in_at"})
_BATCH = 1000


@dataclass(frozen=True)
class Actor:
    """Who did it: a person, somebody's key, a service, the system itself, or somebody unknown."""

    kind: str
    id: str | None
    name: str


SYSTEM = Actor("system", None, "system")
UNKNOWN = Actor("unknown", None, "unknown")


@dataclass(frozen=True)
class Circumstances:
    """When, from where and by which request something was done."""

    at: datetime
    ip: str | None
    request_id: str


@dataclass(frozen=True)
class Target:
    """What it was done to."""

    kind: str
    id: str | None
    name: str


def actor_of(principal: Principal | None) -> Actor:
    """Return the actor for a caller; None is the command line or a schedule."""
    return Actor(principal.kind, principal.user_id, principal.name) if principal else SYSTEM


def record(uow: UnitOfWork, action: str, actor: Actor, target: Target | None = None,
           detail: Mapping[str, Any] | None = None, circumstances: Circumstances | None = None) -> None:
    """Append an entry to the present transaction; `detail` must hold no secret.

    The circumstances are those of the present request unless another service tells them.
    """
    told = circumstances or Circumstances(utcnow(), client_address(), current_cause().request_id)
    head = uow.execute(select(audit_head).with_for_update()).one()
    entry = {
        "seq": head.seq + 1, "id": new_id(), "at": told.at, "actor_kind": actor.kind, "actor_id": actor.id,
        "actor_name": actor.name, "action": action, "target_kind": target.kind if target else None,
        "target_id": target.id if target else None, "target_name": target.name if target else None,
        "ip": told.ip, "request_id": told.request_id,
        "detail": loads(dumps(detail or {}))}
    entry |= {"prev_hash": head.hash, "hash": chained_hash(head.hash, entry)}
    uow.execute(audit_entry.insert().values(entry))
    uow.execute(update(audit_head).values(seq=entry["seq"], hash=entry["hash"]))


def record_told(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Append what other services tell: who took data out or brought it in."""
    for message in messages:
        data = message.data
        record(uow, data["action"], Actor(**data["actor"]), Target(**data["target"]), data["detail"],
               Circumstances(from_wire(data["at"]), data["ip"], message.request_id))


def record_change(uow: UnitOfWork, action: str, actor: Actor, target: Target, before: Mapping[str, Any],
                  after: Mapping[str, Any]) -> None:
    """Append an entry that tells the members that differ."""
    names = sorted(name for name in before.keys() | after.keys()
                   if before.get(name) != after.get(name) and name not in _UNTOLD)
    record(uow, action, actor, target, {"before": {name: before.get(name) for name in names if name in before},
                                        "after": {name: after.get(name) for name in names if name in after}})


def chained_hash(previous: str, entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry that follows the one with hash `previous`."""
    members = {name: entry[name] for name in _CHAINED} | {"at": to_wire(entry["at"])}
    text = json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}{text}".encode()).hexdigest()


@dataclass(frozen=True)
class Verification:
    """Outcome of a check of the whole chain; `broken_at` is the number of the first entry that is not as written."""

    entries: int
    head: str
    broken_at: int | None

    @property
    def intact(self) -> bool:
        return self.broken_at is None

    def __str__(self) -> str:
        if self.intact:
            return f"{self.entries} entries, all as they were written; the last has hash {self.head}"
        return f"entry {self.broken_at} is not as it was written; the {self.entries} before it are"


def verify(service: Service) -> Verification:
    """Follow the chain from its first entry to its head."""
    with service.db.read() as connection:
        head = connection.execute(select(audit_head)).one()
        seq, previous = 0, ""
        while rows := _rows_after(connection, seq, head.seq):
            for row in rows:
                if not _follows(row, seq, previous):
                    return Verification(seq, head.hash, seq + 1)
                seq, previous = row.seq, row.hash
        whole = (seq, previous) == (head.seq, head.hash)
        return Verification(seq, head.hash, None if whole else seq + 1)


def _rows_after(connection: Connection, seq: int, last: int) -> Any:
    return connection.execute(select(audit_entry).where(audit_entry.c.seq > seq, audit_entry.c.seq <= last)
                              .order_by(audit_entry.c.seq).limit(_BATCH)).all()


def _follows(row: Any, seq: int, previous: str) -> bool:
    return (row.seq == seq + 1 and row.prev_hash == previous
            and row.hash == chained_hash(previous, row._mapping))


def log_head(service: Service) -> None:
    """Write number and hash of the newest entry to the process log, as a witness outside of the database."""
    with service.db.read() as connection:
        head = connection.execute(select(audit_head)).one()
    log.info("audit log ends with entry %d, hash %s", head.seq, head.hash)

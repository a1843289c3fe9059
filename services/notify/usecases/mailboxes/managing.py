"""Mailboxes are set up, changed, tried and taken away; each step is in the audit log, no password ever is.

The password is kept sealed and never shown. Whoever gives another server has to give the password again: else it would
be sent to wherever somebody points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import is_id, new_id
from chassis.sealing import SealBroken
from services.notify.imap import MailboxTrouble
from services.notify.store.tables import incoming_mail, mailbox

if TYPE_CHECKING:
    from chassis.service import Service

MOST_MAILBOXES = 20
_SERVER = ("host", "port", "security", "username")


def create_mailbox(service: Service, uow: UnitOfWork, principal: Principal, body: Mapping[str, Any]) -> Any:
    """Set up a mailbox; raises 409 when there are too many."""
    if (uow.execute(select(func.count()).select_from(mailbox)).scalar() or 0) >= MOST_MAILBOXES:
        raise Problem(409, "too_many_mailboxes", params={"most": MOST_MAILBOXES})
    id, now = new_id(), utcnow()
    values = {name: value for name, value in body.items() if name != "password"}
    uow.execute(mailbox.insert().values(
        id=id, **values, password=service.sealer.seal(body["password"], seal_of(id)), last_uid=0, failures=0,
        due_at=now, leased_until=now, version=1, created_at=now, updated_at=now))
    return _told(uow, principal, "mailbox.created", id)


def change_mailbox(service: Service, uow: UnitOfWork, principal: Principal, id: str,
                   changes: Mapping[str, Any]) -> Any:
    """Change some members; another server, account or folder is read from its end on."""
    known = found(uow, id)
    check_if_match(known.version)
    values = {name: value for name, value in changes.items() if name != "password"}
    moved = any(name in values and values[name] != getattr(known, name) for name in _SERVER)
    if moved and "password" not in changes:
        raise invalid(FieldProblem("/password", "required"))
    if "password" in changes:
        values["password"] = service.sealer.seal(changes["password"], seal_of(id))
    if moved or values.get("folder", known.folder) != known.folder:
        values |= {"uid_validity": None, "last_uid": 0}
    now = utcnow()
    uow.execute(update(mailbox).where(mailbox.c.id == id).values(
        **values, failures=0, due_at=now, lease=None, leased_until=now, version=known.version + 1, updated_at=now))
    return _told(uow, principal, "mailbox.changed", id)


def delete_mailbox(uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Take a mailbox away with its log; tickets stay, and so do the messages on the server."""
    known = found(uow, id)
    check_if_match(known.version)
    _told(uow, principal, "mailbox.deleted", id)
    uow.execute(delete(incoming_mail).where(incoming_mail.c.mailbox_id == id))
    uow.execute(delete(mailbox).where(mailbox.c.id == id))


def try_mailbox(service: Service, id: str) -> dict[str, Any]:
    """Sign in and open the folder; says what came of it. Nothing is taken in."""
    with service.db.read() as connection:
        box = connection.execute(select(mailbox).where(mailbox.c.id == id)).one_or_none() if is_id(id) else None
    if box is None:
        raise not_found("mailbox")
    try:
        with service.parts["imap"].open(box, password_of(service, box)) as session:
            return {"works": True, "problem": None, "said": None, "messages": session.count}
    except MailboxTrouble as trouble:
        return {"works": False, "problem": trouble.code, "said": trouble.said or None, "messages": None}
    except SealBroken:
        return {"works": False, "problem": "secret_lost", "said": None, "messages": None}


def password_of(service: Service, box: Any) -> str:
    """Open the sealed password; raises SealBroken."""
    return str(service.sealer.open(box.password, seal_of(box.id)))


def seal_of(id: str) -> str:
    """What the password of a mailbox belongs to."""
    return f"mailbox:{id}"


def found(uow: UnitOfWork, id: str) -> Any:
    """The row of a mailbox, locked; raises 404."""
    query = select(mailbox).where(mailbox.c.id == id).with_for_update()
    row = uow.execute(query).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("mailbox")
    return row


def _told(uow: UnitOfWork, principal: Principal, action: str, id: str) -> Any:
    row = found(uow, id)
    tell(uow, principal, action, Target("mailbox", id, row.name), {"host": row.host, "username": row.username})
    return row

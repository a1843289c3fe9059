"""Mailboxes are looked at again and again: one worker at a time, each message once.

A worker leases a mailbox and reads what came after the last number it knows. A message is known by (mailbox,
UIDVALIDITY, UID) and by its Message-ID; both are unique in the log, which commits together with how far the reading
is. A mailbox that is looked at for the first time begins with what comes from now on. Trouble is kept with the mailbox,
and it is left alone for a growing pause.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select, update

from chassis.clock import utcnow
from chassis.db import insert_or
from chassis.db.slices import delete_in_slices, empty_in_slices
from chassis.ids import new_id
from chassis.sealing import SealBroken
from services.notify.imap import MailboxTrouble, Session
from services.notify.metrics import INCOMING
from services.notify.model.incoming import read_incoming
from services.notify.store.tables import incoming_mail, mailbox
from services.notify.usecases.mailboxes.managing import password_of
from services.notify.usecases.mailboxes.taking import Taken, Taker, key_of, sender_digest
from services.notify.usecases.mails.composing import CustomerAway

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
_LEASE, _BATCH = timedelta(minutes=10), 25
_AGAIN, _CONTENTS, _KNOWN = timedelta(days=60), timedelta(days=90), timedelta(days=400)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_BOX = mailbox.c


def poll_next(service: Service) -> bool:
    """Look at one mailbox whose time has come; tells whether there was one."""
    box = _leased(service)
    if box is None:
        return False
    try:
        more = _read(service, box)
    except MailboxTrouble as trouble:
        _troubled(service, box, trouble.code, trouble.said)
    except SealBroken:
        _troubled(service, box, "secret_lost", "")
    except _LeaseLost:
        log.info("a mailbox was changed while it was read", extra={"mailbox": box.id})
    except CustomerAway as error:
        _troubled(service, box, "customer_away", str(error))
    else:
        now = utcnow()
        _change(service, box, due_at=now if more else now + EVERY, checked_at=now, failures=0, problem=None, said=None)
    return True


def forget_incoming(service: Service) -> None:
    """Forget who wrote what after three months; that a message was taken in is remembered for longer."""
    now, came = utcnow(), incoming_mail.c
    delete_in_slices(service, incoming_mail, came.at < now - _KNOWN)
    empty_in_slices(service, incoming_mail, and_(came.at < now - _CONTENTS, came.sender.is_not(None)),
                    "address", "subject", "sender", "detail")


def _leased(service: Service) -> Any:
    now = utcnow()
    free = _BOX.active & (_BOX.due_at <= now) & (_BOX.leased_until <= now)
    choose = select(mailbox).where(free).order_by(_BOX.due_at).limit(1)
    with service.db.read() as connection:
        if connection.execute(choose).first() is None:
            return None
    lease = new_id()
    with service.db.unit_of_work() as uow:
        found = uow.execute(choose.with_for_update(skip_locked=True)).one_or_none()
        if found is None:
            return None
        uow.execute(update(mailbox).where(_BOX.id == found.id, free).values(leased_until=now + _LEASE, lease=lease))
        return uow.execute(select(mailbox).where(_BOX.id == found.id, _BOX.lease == lease)).one_or_none()


def _read(service: Service, box: Any) -> bool:
    """Take in what has come; tells whether there is more."""
    with service.parts["imap"].open(box, password_of(service, box)) as session:
        if box.uid_validity != session.validity:
            box = _began(service, box, session)
        uids = session.uids_after(box.last_uid, _BATCH)
        taker = Taker(service, box)
        for uid in uids:
            _take(service, box, session, taker, uid)
    return len(uids) == _BATCH


class _LeaseLost(Exception):
    """Somebody changed the mailbox or took it away meanwhile: what is known of it here counts no more."""


def _began(service: Service, box: Any, session: Session) -> Any:
    """The first look, or the server numbers anew: then the last weeks are looked at again, without what is known."""
    now_on = box.uid_validity is None
    last = (session.next_uid if now_on else session.first_since((utcnow() - _AGAIN).date())) - 1
    _change(service, box, lease=box.lease, leased_until=box.leased_until, uid_validity=session.validity, last_uid=last)
    with service.db.read() as connection:
        began = connection.execute(select(mailbox).where(_BOX.id == box.id, _BOX.lease == box.lease)).one_or_none()
    if began is None:
        raise _LeaseLost
    return began


def _take(service: Service, box: Any, session: Session, taker: Taker, uid: int) -> None:
    fetched = session.fetch(uid)
    if fetched is None:
        _change(service, box, lease=box.lease, leased_until=utcnow() + _LEASE, last_uid=uid)
        return
    message = read_incoming(fetched.raw, whole=fetched.whole)
    key = key_of(box, uid, session.validity, message)
    now = utcnow()
    taken = Taken("known") if _is_known(service, key) else taker.take(key, message, fetched.came_at or now)
    with service.db.unit_of_work() as uow:
        if not uow.execute(update(mailbox).where(_BOX.id == box.id, _BOX.lease == box.lease).values(
                last_uid=uid, leased_until=now + _LEASE)).rowcount:
            raise _LeaseLost
        uow.execute(insert_or(uow, incoming_mail).values(
            id=key, mailbox_id=box.id, uid_validity=session.validity, uid=uid, message_id=message.message_id or None,
            sender=sender_digest(message.sender), address=message.sender or None, subject=message.subject,
            outcome=taken.outcome, record_id=taken.record_id, person_id=taken.person_id, detail=taken.detail,
            at=now).on_conflict_do_nothing())
        uow.after_commit(lambda: INCOMING.labels(taken.outcome).inc())


def _is_known(service: Service, key: str) -> bool:
    with service.db.read() as connection:
        return connection.execute(select(incoming_mail.c.id).where(incoming_mail.c.id == key)).first() is not None


def _troubled(service: Service, box: Any, code: str, said: str) -> None:
    log.warning("a mailbox cannot be read: %s", code, extra={"mailbox": box.id})
    now = utcnow()
    _change(service, box, due_at=now + _PAUSES[min(box.failures, len(_PAUSES) - 1)], checked_at=now,
            failures=box.failures + 1, problem=code, said=said or None)


def _change(service: Service, box: Any, **values: Any) -> None:
    """Change what only its worker changes, and give the mailbox back unless the lease is among it."""
    values = {"lease": None, "leased_until": utcnow()} | values
    with service.db.unit_of_work() as uow:
        uow.execute(update(mailbox).where(_BOX.id == box.id, _BOX.lease == box.lease).values(**values))

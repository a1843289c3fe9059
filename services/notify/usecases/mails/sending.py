"""Messages to customers go out, each at most once for one change, one rule and one address.

A worker leases a message, puts it together, and commits the intent to send with the address: another message of the
same cause to the same address breaks the unique key there, and is left out. Then the mail server is spoken to outside
of any transaction, and the outcome is recorded. Who dies before the intent leaves a message that is sent later; who
dies after it leaves one in `sending`, which becomes `uncertain` and is never sent again by itself.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, or_, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.notify.events import MAIL_RECORDED, mails_recorded
from services.notify.metrics import DELIVERIES
from services.notify.model.campaigns import CANCELLED, PAUSED, SENDING
from services.notify.outcomes import Refused, Unavailable, Uncertain
from services.notify.queries.mail_templates import find_mail_template
from services.notify.store.tables import campaign, customer_mail
from services.notify.usecases.mails.bouncing import note_refusal, sender_of, undeliverable
from services.notify.usecases.mails.composing import Composer, CustomerAway, Letter, Unsendable
from services.notify.usecases.mails.engagement import marked
from services.notify.usecases.mails.leaving import headers_for
from services.notify.usecases.mails.taking_in import MAILS
from services.notify.usecases.resend import ENDED

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_BATCH = 20
_LEASE, _STALE = timedelta(minutes=5), timedelta(minutes=10)
_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
_MAIL = customer_mail.c
_RULES_FIRST = _MAIL.campaign_id.is_not(None)  # nobody waits for an answer because a campaign is on its way


def send_due(service: Service) -> bool:
    """Send what is due; tells whether there may be more."""
    leased = _lease(service)
    for row in leased:
        _send(service, row)
    return len(leased) == _BATCH


def settle_stale(service: Service) -> None:
    """Mark messages whose sender died between the intent and the answer."""
    stale = (_MAIL.status == "sending") & (_MAIL.updated_at < utcnow() - _STALE)
    with service.db.unit_of_work() as uow:
        for row in uow.execute(select(customer_mail).where(stale).limit(500)).all():
            _record(uow, row, status="uncertain", problem="interrupted")


def send_mail_again(service: Service, uow: UnitOfWork, principal: Principal, id: str) -> None:
    """Let a message go out once more; raises 404, and 409 for one that went out or still waits."""
    query = select(customer_mail).where(_MAIL.id == id).with_for_update()
    row = uow.execute(query).one_or_none() if is_id(id) else None
    if row is None:
        raise not_found("delivery")
    if row.status not in ENDED:
        raise Problem(409, "delivery_not_ended")
    uow.execute(update(customer_mail).where(_MAIL.id == id).values(
        status="waiting", attempts=0, due_at=utcnow(), updated_at=utcnow(), problem=None))
    tell(uow, principal, "delivery.sent_again", Target("delivery", id, row.template),
         {"channel": "email", "record_id": row.record_id, "was": row.status})
    uow.after_commit(lambda: service.wake(MAILS))


def _lease(service: Service) -> list[Any]:
    now = utcnow()
    due = (_MAIL.status == "waiting") & (_MAIL.due_at <= now) & _goes_on()
    choose = select(customer_mail).where(due).order_by(_RULES_FIRST, _MAIL.due_at).limit(_BATCH)
    with service.db.read() as connection:
        if connection.execute(choose.with_only_columns(_MAIL.id).limit(1)).first() is None:
            return []
    with service.db.unit_of_work() as uow:
        ids = [row.id for row in uow.execute(choose.with_for_update(skip_locked=True)).all()]
        mine = _MAIL.id.in_(ids)
        uow.execute(update(customer_mail).where(mine).values(
            attempts=_MAIL.attempts + 1, due_at=now + _LEASE, updated_at=now))
        return list(uow.execute(select(customer_mail).where(mine).order_by(
            _RULES_FIRST, _MAIL.created_at, _MAIL.id)).all())


def _send(service: Service, row: Any) -> None:
    try:
        letter = _compose(service, row)
    except Unsendable as problem:
        _finish(service, row, status="skipped", problem=problem.code)
        return
    except CustomerAway:
        _later(service, row, "the customer service does not answer")
        return
    except Exception as error:  # what nobody foresaw in one message must not hold up those behind it
        log.warning("a message to a customer waits: %s", type(error).__name__, exc_info=error)
        _later(service, row, type(error).__name__)
        return
    if _intend(service, row, letter):
        _speak(service, row, letter)


def _compose(service: Service, row: Any) -> Letter:
    if not service.settings.smtp_host:
        raise Unsendable("mail_off")
    with service.db.read() as connection:
        template, tracked = (find_mail_template(connection, row.template), False) if row.campaign_id is None else (
            _letter_of(connection, row.campaign_id))
    if template is None or template["object"] != row.object:
        raise Unsendable("template_gone")
    letter = Composer(service).letter(template, row.record_id, row.recipient, row.id)
    if row.campaign_id is not None and undeliverable(service, [letter.address]):
        raise Unsendable("undeliverable")
    return marked(service, letter, row.id) if tracked else letter


def _intend(service: Service, row: Any, letter: Letter) -> bool:
    """Commit that it goes out now; False when another worker has it, or this address is told already."""
    mine = (_MAIL.id == row.id) & (_MAIL.status == "waiting") & (_MAIL.attempts == row.attempts) & _goes_on()
    address = letter.address.lower()
    with service.db.unit_of_work() as uow:
        try:
            with uow.savepoint():
                return bool(uow.execute(update(customer_mail).where(mine).values(
                    status="sending", address=address, subject=letter.message.subject,
                    updated_at=utcnow())).rowcount)
        except IntegrityError:
            _record(uow, row, status="skipped", problem="same_address")
            return False


def _speak(service: Service, row: Any, letter: Letter) -> None:
    try:
        answer = service.parts["mailer"].send_letter(
            letter.address, letter.message, key=row.id, headers=headers_for(letter.leave_url),
            html=letter.html, sender=sender_of(service, row.id))
    except Refused as error:
        _finish(service, row, status="failed", problem="refused", answer=str(error))
        note_refusal(service, row, letter.address, str(error))
    except Unavailable as error:
        _later(service, row, str(error), trouble=error.trouble)
    except Uncertain as error:
        _finish(service, row, status="uncertain", problem="interrupted", answer=str(error))
    else:
        _finish(service, row, status="sent", answer=answer)


def _later(service: Service, row: Any, answer: str, *, trouble: bool = False) -> None:
    """Try again after a growing pause; a message of a campaign whose mail server is away waits for people instead."""
    campaign_rests, is_last = trouble and row.campaign_id is not None, row.attempts > len(_RETRIES)
    if is_last and not campaign_rests:
        _finish(service, row, status="failed", problem="gave_up", answer=answer)
        return
    now = utcnow()
    again = now + _RETRIES[min(row.attempts, len(_RETRIES)) - 1]
    with service.db.unit_of_work() as uow:
        uow.execute(update(customer_mail).where(_is_held(row)).values(
            status="waiting", due_at=again, answer=answer[:500], updated_at=now))
        if campaign_rests:
            _rest(uow, row.campaign_id, again, is_last=is_last)


def _finish(service: Service, row: Any, *, status: str, problem: str | None = None, answer: str | None = None) -> None:
    with service.db.unit_of_work() as uow:
        _record(uow, row, status=status, problem=problem, answer=answer)


def _record(uow: UnitOfWork, row: Any, *, status: str, problem: str | None, answer: str | None = None) -> None:
    told = {"status": status, "problem": problem, "updated_at": utcnow()}
    if not uow.execute(update(customer_mail).where(_is_held(row)).values(
            **told, answer=(answer or "")[:500] or None)).rowcount:
        return
    uow.publish(MAIL_RECORDED, None, mails_recorded([row._asdict() | told]))
    uow.after_commit(lambda: DELIVERIES.labels("customer_mail", status).inc())


def _letter_of(connection: Connection, id: str) -> tuple[Any, bool]:
    """The text of a campaign as it was at its start, None when the campaign is gone; and whether openings are counted.
    """
    query = select(campaign.c.letter, campaign.c.state, campaign.c.tracked).where(campaign.c.id == id)
    row = connection.execute(query).one_or_none()
    if row is not None and row.state == CANCELLED:
        raise Unsendable("cancelled")
    return (row.letter, row.tracked) if row is not None else (None, False)


def _rest(uow: UnitOfWork, id: str, again: datetime, *, is_last: bool) -> None:
    """A campaign takes nobody while its mail server is away; it pauses when that lasts for hours."""
    mine = (campaign.c.id == id) & (campaign.c.state == SENDING)
    uow.execute(update(campaign).where(mine).values(
        {"state": PAUSED, "problem": "mail_away", "version": campaign.c.version + 1, "updated_at": utcnow()}
        if is_last else {"due_at": again}))


def _goes_on() -> ColumnElement[bool]:
    """Not a message of a campaign that somebody paused."""
    paused = select(campaign.c.id).where(campaign.c.state == PAUSED)
    return or_(_MAIL.campaign_id.is_(None), _MAIL.campaign_id.not_in(paused))


def _is_held(row: Any) -> Any:
    """Still in this try: a worker whose lease has run out must not undo what the next one did."""
    return (_MAIL.id == row.id) & (_MAIL.attempts == row.attempts) & _MAIL.status.in_(("waiting", "sending"))

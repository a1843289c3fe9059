"""Deliver messages by outside channels, each at most once.

The intent to send is committed first, then the mail server is spoken to outside of any transaction, then the outcome
is recorded. A process that dies in between leaves a delivery in `sending`; nobody can know whether it went out, so it
becomes `uncertain` and is never sent again by itself. What the server refused for the moment is tried again later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from chassis.clock import utcnow
from services.notify.events import DELIVERY_RECORDED, deliveries_recorded
from services.notify.mail import Attachment, MailRefused, MailUnavailable, MailUncertain
from services.notify.metrics import DELIVERIES
from services.notify.model.templates import Reader
from services.notify.queries.messages import file_of, render_rows
from services.notify.store.tables import delivery

if TYPE_CHECKING:
    from chassis.service import Service

_BATCH = 20
_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
_STALE = timedelta(minutes=10)
_MOST_ATTACHED = 7_000_000  # bytes; mail makes them a third more, and many servers refuse messages over 10 MB


def deliver_due(service: Service) -> bool:
    """Send what is due; tells whether there may be more."""
    claimed = _claim(service)
    for row in claimed:
        _send(service, row)
    return len(claimed) == _BATCH


def settle_uncertain(service: Service) -> None:
    """Mark deliveries whose sender died; the log shows them, an administrator decides."""
    stale = (delivery.c.status == "sending") & (delivery.c.updated_at < utcnow() - _STALE)
    with service.db.unit_of_work() as uow:
        rows = uow.execute(select(delivery).where(stale).limit(500)).all()
        for row in rows:
            _record(uow, row, "uncertain", "the sending process ended before the answer was known")


def _claim(service: Service) -> list[Any]:
    now = utcnow()
    is_due = (delivery.c.status == "waiting") & (delivery.c.due_at <= now)
    with service.db.read() as connection:
        if connection.execute(select(delivery.c.id).where(is_due).limit(1)).first() is None:
            return []
    choose = select(delivery).where(is_due).order_by(delivery.c.due_at).limit(_BATCH).with_for_update(skip_locked=True)
    with service.db.unit_of_work() as uow:
        rows = uow.execute(choose).all()
        uow.execute(update(delivery).where(delivery.c.id.in_([row.id for row in rows])).values(
            status="sending", attempts=delivery.c.attempts + 1, updated_at=now))
    return list(rows)


def _send(service: Service, row: Any) -> None:
    user = service.directory.user(row.user_id)
    if user is None or not user["active"] or not user.get("email"):
        _finish(service, row, "skipped", "the person has no address or has left")
        return
    reader = Reader(user.get("locale") or service.settings.default_locale,
                    user.get("timezone") or service.settings.default_timezone)
    with service.db.read() as connection:
        [message] = render_rows(connection, [row], reader)
    try:
        answer = service.parts["mailer"].send(user["email"], message, key=row.id, link=row.link,
                                              files=_files(service, row))
    except MailRefused as error:
        _finish(service, row, "failed", str(error))
    except MailUnavailable as error:
        _later(service, row, str(error))
    except MailUncertain as error:
        _finish(service, row, "uncertain", str(error))
    else:
        _finish(service, row, "sent", answer)


def _files(service: Service, row: Any) -> list[Attachment]:
    """The file that a message is about, fetched from who made it; none when it is not there any more, or larger than
    mail servers take: it stands in the inbox all the same."""
    file = file_of(row)
    if file is None:
        return []
    answer = service.calls.request("report", "GET", f"/v1/board-files/{file['id']}")
    if answer.status == 404:
        return []
    if answer.status != 200:
        raise MailUnavailable(f"the file of the message is not to be had: report answered {answer.status}")
    if len(answer.body) > _MOST_ATTACHED:
        return []
    return [Attachment(file["name"], answer.headers.get("Content-Type", "application/octet-stream"), answer.body)]


def _later(service: Service, row: Any, answer: str) -> None:
    attempt = row.attempts
    if attempt >= len(_RETRIES):
        _finish(service, row, "failed", answer)
        return
    with service.db.unit_of_work() as uow:
        uow.execute(update(delivery).where(delivery.c.id == row.id).values(
            status="waiting", due_at=utcnow() + _RETRIES[attempt], answer=answer[:500], updated_at=utcnow()))


def _finish(service: Service, row: Any, status: str, answer: str) -> None:
    with service.db.unit_of_work() as uow:
        _record(uow, row, status, answer)


def _record(uow: Any, row: Any, status: str, answer: str) -> None:
    now = utcnow()
    uow.execute(update(delivery).where(delivery.c.id == row.id).values(
        status=status, answer=answer[:500], updated_at=now))
    uow.publish(DELIVERY_RECORDED, None, deliveries_recorded([row._asdict() | {"status": status, "updated_at": now}]))
    DELIVERIES.labels(row.channel, status).inc()

"""Messages that come back: what they say of an address, and who may be written to again.

A report is believed when it comes to the signed address that its message was sent from, or brings back the id of a
message and names the address that this went to. An address that has failed for good gets no campaign any more; it is
known by a keyed digest, as those that opted out are. Doing so again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.ids import is_id
from services.notify.events import MAIL_RECORDED, mails_recorded
from services.notify.metrics import BOUNCES
from services.notify.model.bounces import Failure, Report, is_gone, read_tag, return_path, status_in
from services.notify.model.mail_links import address_digest
from services.notify.store.tables import bounced_address, campaign, customer_mail
from services.notify.usecases.mails.leaving import secret_of

if TYPE_CHECKING:
    from chassis.service import Service

HARD, SOFT = "hard", "soft"
_MAIL, _ADDRESS = customer_mail.c, bounced_address.c


def sender_of(service: Service, message_id: str) -> str | None:
    """The envelope sender of a message; None: the one of all mail."""
    pattern = service.settings.bounce_address
    return return_path(pattern, message_id, secret_of(service)) if pattern else None


def take_report(service: Service, report: Report) -> Any:
    """Write down what a report says of a message of ours; returns its row, None when it is about none."""
    signed = next(filter(None, (read_tag(tag, secret_of(service)) for tag in report.tags)), None)
    id = signed or (report.returned_id if is_id(report.returned_id) else None)
    if id is None:
        return None
    with service.db.unit_of_work() as uow:
        row = uow.execute(select(customer_mail).where(_MAIL.id == id).with_for_update()).one_or_none()
        failure = _of(row, report, by_tag=signed is not None) if row is not None and row.address else None
        if failure is not None:
            _take(service, uow, row, failure)
        return row if failure is not None else None


def note_refusal(service: Service, row: Any, address: str, answer: str) -> None:
    """What the mail server said at once counts as what it reports later."""
    status = status_in(answer)
    if is_gone(status, answer):
        with service.db.unit_of_work() as uow:
            known = uow.execute(select(customer_mail).where(_MAIL.id == row.id).with_for_update()).one_or_none()
            if known is not None and known.bounced is None:
                _mark(service, uow, known, Failure(address.lower(), status, is_hard=True))


def undeliverable(service: Service, addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that have failed for good."""
    secret = secret_of(service)
    digests = {address: address_digest(address, secret) for address in addresses}
    query = select(_ADDRESS.digest).where(_ADDRESS.digest.in_(digests.values()), _ADDRESS.hard_at.is_not(None))
    with service.db.read() as connection:
        failed = set(connection.execute(query).scalars())
    return frozenset(address for address, digest in digests.items() if digest in failed)


def history_of(service: Service, address: str) -> Any:
    """What came back from an address; None when nothing did."""
    query = select(bounced_address).where(_ADDRESS.digest == address_digest(address, secret_of(service)))
    with service.db.read() as connection:
        return connection.execute(query).one_or_none()


def clear_address(service: Service, uow: UnitOfWork, principal: Principal, address: str, target: Target) -> None:
    """Somebody knows that it works: it is written to again."""
    digest = address_digest(address, secret_of(service))
    if uow.execute(delete(bounced_address).where(_ADDRESS.digest == digest)).rowcount:
        tell(uow, principal, "mail_address.cleared", target, {})


def _of(row: Any, report: Report, *, by_tag: bool) -> Failure | None:
    """What a report says of the address of a message; it may have been forwarded, which only a signed tag proves."""
    mine = next((one for one in report.failures if one.address == row.address), None)
    others = sorted(report.failures, key=lambda one: not one.is_hard) if by_tag else []
    return mine or next(iter(others), None)


def _take(service: Service, uow: UnitOfWork, row: Any, failure: Failure) -> None:
    kind = HARD if failure.is_hard else SOFT
    if row.bounced in (HARD, kind) or row.status not in ("sent", "uncertain"):
        return
    _mark(service, uow, row, failure)
    if failure.is_hard:
        told = {"status": "failed", "problem": "bounced", "updated_at": utcnow()}
        uow.execute(update(customer_mail).where(_MAIL.id == row.id).values(**told, answer=failure.status or None))
        uow.publish(MAIL_RECORDED, None, mails_recorded([row._asdict() | told]))


def _mark(service: Service, uow: UnitOfWork, row: Any, failure: Failure) -> None:
    """The message, its campaign and the address know of it."""
    kind = HARD if failure.is_hard else SOFT
    uow.execute(update(customer_mail).where(_MAIL.id == row.id).values(bounced=kind))
    if row.campaign_id:
        counts = {f"{kind}_bounces": campaign.c[f"{kind}_bounces"] + 1}
        counts |= {"soft_bounces": campaign.c.soft_bounces - 1} if row.bounced == SOFT else {}
        uow.execute(update(campaign).where(campaign.c.id == row.campaign_id).values(counts))
    _remember(uow, address_digest(row.address or failure.address, secret_of(service)), failure)
    uow.after_commit(lambda: BOUNCES.labels(kind).inc())


def _remember(uow: UnitOfWork, digest: str, failure: Failure) -> None:
    now, hard = utcnow(), failure.is_hard
    new = insert_or(uow, bounced_address).values(
        digest=digest, hard_at=now if hard else None, status=failure.status or None, softs=int(not hard), last_at=now)
    changed = {"last_at": now, "status": failure.status or None, "hard_at": now} if hard else {
        "last_at": now, "softs": _ADDRESS.softs + 1}
    uow.execute(new.on_conflict_do_update(index_elements=["digest"], set_=changed))

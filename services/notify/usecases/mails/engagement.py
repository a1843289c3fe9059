"""Who opened a message of a campaign, and which of its links he followed, counted here and by nobody outside.

A link says by itself where it leads, signed: whoever follows it gets there, also when nothing can be counted. One row
is kept for each message and link with the first and last moment; sums stand with the campaign, so that nobody has to
add them up. Who follows a link has opened the message, also when his program showed no pictures. An event tells of what
happens for the first time.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.notify.events import MAIL_ENGAGED, mail_engaged
from services.notify.metrics import ENGAGEMENTS
from services.notify.model.mail_links import address_digest, new_click, new_picture
from services.notify.model.marked import as_html, led
from services.notify.store.tables import campaign, campaign_link, customer_mail, engagement, uncounted
from services.notify.usecases.mails.composing import Letter
from services.notify.usecases.mails.leaving import secret_of

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

OPENED, CLICKED = "opened", "clicked"
_PICTURE = ""  # the link of the picture that counts openings
_MAIL, _ONE, _LINK = customer_mail.c, engagement.c, campaign_link.c


def marked(service: Service, letter: Letter, message_id: str) -> Letter:
    """The letter with links and a picture that are counted; as it is for somebody who wants none of his counted."""
    if is_uncounted(service, letter.address):
        return in_html(service, letter)
    secret, ours = secret_of(service), f"{service.settings.public_url}/l/"

    def lead(url: str) -> str:
        return ours + new_click(message_id, url, secret)

    keys, text = _keys(service), letter.message
    html = as_html(text.body, letter.locale, lead, keys, f"{ours}{new_picture(message_id, secret)}.gif")
    return replace(letter, message=replace(text, body=led(text.body, lead, keys)), html=html)


def in_html(service: Service, letter: Letter) -> Letter:
    """The letter as a counted one looks, with links that lead straight on."""
    return replace(letter, html=as_html(letter.message.body, letter.locale, str, _keys(service)))


def note(service: Service, message_id: str, url: str | None = None) -> None:
    """Count an opening, or a link that was followed; that it cannot be counted must not hold up who reads."""
    try:
        with service.db.unit_of_work() as uow:
            _note(service, uow, message_id, url)
    except Exception as error:
        log.warning("an opening or a click was not counted: %s", type(error).__name__, exc_info=error)


def is_counted(service: Service, message_id: str) -> bool:
    """Whether a message is one whose opening is counted, for somebody who has not refused that."""
    query = select(_MAIL.address).join(campaign, campaign.c.id == _MAIL.campaign_id).where(
        _MAIL.id == message_id, campaign.c.tracked)
    with service.db.read() as connection:
        address = connection.execute(query).scalar()
    return bool(address) and not is_uncounted(service, address)


def is_uncounted(service: Service, address: str) -> bool:
    """Whether somebody at this address wants nothing of his counted."""
    with service.db.read() as connection:
        return connection.execute(_refusal(service, address)).first() is not None


def count_no_more(service: Service, uow: UnitOfWork, message_id: str) -> None:
    """From now on nothing is counted at the address of a message, and what was is not kept by message any more."""
    address = uow.execute(select(_MAIL.address).where(_MAIL.id == message_id)).scalar()
    if address:
        uow.execute(insert_or(uow, uncounted).values(
            digest=address_digest(address, secret_of(service)), at=utcnow()).on_conflict_do_nothing())
        theirs = _MAIL.address == address
        uow.execute(delete(engagement).where(_ONE.message_id.in_(select(_MAIL.id).where(theirs))))
        uow.execute(update(customer_mail).where(theirs).values(opened_at=None, clicked_at=None))


def _note(service: Service, uow: UnitOfWork, message_id: str, url: str | None) -> None:
    mine = (_MAIL.id == message_id) & _MAIL.campaign_id.is_not(None) & _MAIL.address.is_not(None)
    row = uow.execute(select(customer_mail).where(mine).with_for_update()).one_or_none()
    if row is None or uow.execute(_refusal(service, row.address)).first() is not None:
        return
    now, link = utcnow(), _PICTURE if url is None else link_of(url)
    is_new = _count(uow, message_id, link, now)
    if url is not None:
        _count_link(uow, row.campaign_id, link, url, is_new=is_new)
    if is_new:
        _first(uow, row, url, now)
    kind = OPENED if url is None else CLICKED
    uow.after_commit(lambda: ENGAGEMENTS.labels(kind).inc())


def link_of(url: str) -> str:
    """What a link is known by."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _count(uow: UnitOfWork, message_id: str, link: str, now: datetime) -> bool:
    """Count it; tells whether it is the first time. The message is locked meanwhile."""
    known = (_ONE.message_id == message_id) & (_ONE.link == link)
    if uow.execute(update(engagement).where(known).values(count=_ONE.count + 1, last_at=now)).rowcount:
        return False
    uow.execute(engagement.insert().values(message_id=message_id, link=link, count=1, first_at=now, last_at=now))
    return True


def _count_link(uow: UnitOfWork, campaign_id: str, link: str, url: str, *, is_new: bool) -> None:
    new = insert_or(uow, campaign_link).values(campaign_id=campaign_id, link=link, url=url, people=1, clicks=1)
    uow.execute(new.on_conflict_do_update(index_elements=["campaign_id", "link"], set_={
        "people": _LINK.people + int(is_new), "clicks": _LINK.clicks + 1}))


def _first(uow: UnitOfWork, row: Any, url: str | None, now: datetime) -> None:
    """What is new of a message: to its row, to the sums of the campaign, to whoever listens."""
    new = {OPENED: row.opened_at is None, CLICKED: url is not None and row.clicked_at is None}
    moments = {f"{kind}_at": now for kind, is_new in new.items() if is_new}
    if moments:
        uow.execute(update(customer_mail).where(_MAIL.id == row.id).values(moments))
        uow.execute(update(campaign).where(campaign.c.id == row.campaign_id).values(
            {kind: campaign.c[kind] + 1 for kind, is_new in new.items() if is_new}))
    if moments or url is not None:
        uow.publish(MAIL_ENGAGED, row.record_id, mail_engaged(row._asdict() | moments, url, now))


def _refusal(service: Service, address: str) -> Any:
    return select(uncounted.c.at).where(uncounted.c.digest == address_digest(address, secret_of(service)))


def _keys(service: Service) -> tuple[str, ...]:
    """How the addresses begin that are keys to pages of our own."""
    return tuple(f"{service.settings.public_url}/{page}/" for page in ("u", "s", "l"))

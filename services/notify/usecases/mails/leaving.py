"""Somebody wants no more messages of a purpose: by a link in one of them, or his mail program in his name (RFC 8058).

It counts at once and for his address: another record with the same address gets nothing either, until somebody there
agrees anew. The address is remembered as a keyed digest. The customer service hears of it by an event and writes the
consent down as withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.ids import new_id
from services.notify.events import CONSENT_WITHDRAWN, consent_withdrawn
from services.notify.metrics import WITHDRAWALS
from services.notify.model.mail_links import LEAVE, address_digest, new_link, read_link
from services.notify.store.tables import customer_mail, opt_out

if TYPE_CHECKING:
    from chassis.service import Service

_PURPOSE = "mail links"


@dataclass(frozen=True)
class Leaving:
    """What a link says: whose record, which purpose, in which message it stood."""

    object: str
    record_id: str
    purpose: str
    message_id: str


def leaving_url(service: Service, leaving: Leaving, locale: str) -> str:
    """The address of the page where somebody takes his consent back."""
    meaning = (leaving.object, leaving.record_id, leaving.purpose, leaving.message_id)
    return f"{service.settings.public_url}/u/{new_link(LEAVE, meaning, secret_of(service))}?lang={locale}"


def read_leaving(service: Service, token: str) -> Leaving | None:
    """What a link says; None for what is none of ours."""
    meaning = read_link(LEAVE, token, secret_of(service))
    return None if meaning is None else Leaving(*meaning)


def leave(service: Service, uow: UnitOfWork, leaving: Leaving) -> None:
    """Take the consent back; doing so again changes nothing."""
    now, mine = utcnow(), customer_mail.c.id == leaving.message_id
    address = uow.execute(select(customer_mail.c.address).where(mine)).scalar()
    if address:
        _remember(uow, address_digest(address, secret_of(service)), leaving.purpose, now)
    uow.execute(update(customer_mail).where(mine, customer_mail.c.left_at.is_(None)).values(left_at=now))
    uow.publish(CONSENT_WITHDRAWN, leaving.record_id, consent_withdrawn(
        new_id(), leaving.object, leaving.record_id, leaving.purpose, leaving.message_id, now))
    uow.after_commit(WITHDRAWALS.inc)


def who_left(service: Service, agreed: Mapping[str, tuple[str, datetime]], purpose: str) -> frozenset[str]:
    """The records at whose address somebody has taken his consent back since they agreed; `agreed` says where and when.
    """
    secret = secret_of(service)
    digests = {id: address_digest(address, secret) for id, (address, _) in agreed.items()}
    query = select(opt_out.c.digest, opt_out.c.at).where(
        opt_out.c.purpose == purpose, opt_out.c.digest.in_(digests.values()))
    with service.db.read() as connection:
        left = {row.digest: row.at for row in connection.execute(query)}
    return frozenset(id for id, digest in digests.items() if digest in left and agreed[id][1] <= left[digest])


def secret_of(service: Service) -> bytes:
    """What links in mail are signed with."""
    return bytes(service.signer.secret_for(_PURPOSE))


def headers_for(url: str | None) -> Mapping[str, str]:
    """What tells mail programs how to leave by one click."""
    return {} if url is None else {"List-Unsubscribe": f"<{url}>",
                                   "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _remember(uow: UnitOfWork, digest: str, purpose: str, now: datetime) -> None:
    insert = insert_or(uow, opt_out).values(digest=digest, purpose=purpose, at=now)
    uow.execute(insert.on_conflict_do_update(index_elements=["digest", "purpose"], set_={"at": insert.excluded.at}))

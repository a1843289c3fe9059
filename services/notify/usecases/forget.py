"""Forget a person whom the customer service has erased: the contents of messages about him.

That there was a message, to whom, when and how it ended stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, cast, delete, or_, select, update

from chassis.db import UnitOfWork
from services.notify.store.tables import (
    campaign_link,
    customer_mail,
    delivery,
    digest_part,
    engagement,
    inbox_item,
    incoming_mail,
    webhook_attempt,
    webhook_message,
)

ERASED = {"en": "[erased]", "zh-CN": "[已删除]"}
_KEPT = frozenset({"at", "count", "object", "rule"})


def forget_person(uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    """Take the words out of all messages that link to an erased record, given as in the event."""
    groups: set[str] = set()
    for table in (inbox_item, delivery):
        about = or_(*(cast(table.c.link, Text).contains(id) for id in data["ids"]))
        for row in uow.execute(select(table.c.id, table.c.params, table.c.link, table.c.group_key).where(about)).all():
            groups.add(row.group_key)
            uow.execute(update(table).where(table.c.id == row.id).values(
                params=_without_words(row.params), link={**row.link, "title": ERASED["en"]}))
    _forget_changes(uow, data["ids"])
    about_him = customer_mail.c.record_id.in_(data["ids"]) | customer_mail.c.recipient_id.in_(data["ids"])
    from_him = incoming_mail.c.record_id.in_(data["ids"]) | incoming_mail.c.person_id.in_(data["ids"])
    uow.execute(update(incoming_mail).where(from_him).values(
        address=None, subject=None, sender=None, detail=None))
    _forget_engagement(uow, select(customer_mail.c.id).where(about_him))
    uow.execute(update(customer_mail).where(about_him).values(
        address=None, subject=None, answer=None, opened_at=None, clicked_at=None))
    for row in uow.execute(select(digest_part).where(digest_part.c.group_key.in_(groups))).all() if groups else ():
        uow.execute(update(digest_part).where(
            digest_part.c.user_id == row.user_id, digest_part.c.group_key == row.group_key,
            digest_part.c.template == row.template).values(params=_without_words(row.params)))


def _forget_engagement(uow: UnitOfWork, messages: Any) -> None:
    """What he opened and followed; a link that nobody else followed may have been his alone, and goes as well."""
    his = engagement.c.message_id.in_(messages)
    links = select(engagement.c.link).where(his)
    campaigns = select(customer_mail.c.campaign_id).where(customer_mail.c.id.in_(messages))
    uow.execute(delete(campaign_link).where(
        campaign_link.c.campaign_id.in_(campaigns), campaign_link.c.link.in_(links), campaign_link.c.people <= 1))
    uow.execute(delete(engagement).where(his))


def _forget_changes(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """What webhooks were told of him, what waits to be told, and what the others answered to it."""
    about = webhook_message.c.record_id.in_(ids)
    uow.execute(update(webhook_attempt).where(webhook_attempt.c.message_id.in_(
        select(webhook_message.c.id).where(about))).values(answer=ERASED["en"]))
    uow.execute(update(webhook_message).where(about).values(status="erased", change=None))


def _without_words(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name in _KEPT else _erased(value) for name, value in params.items()}


def _erased(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: ERASED.get(name, ERASED["en"]) for name in value}
    return ERASED["en"] if isinstance(value, str) else value

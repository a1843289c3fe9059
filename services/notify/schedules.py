"""What the notify service does at intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from chassis.clock import utcnow
from chassis.db.slices import SLICE, delete_in_slices
from chassis.loops import Loop
from chassis.schedules import Schedule
from services.notify.store.tables import (
    campaign,
    campaign_link,
    customer_mail,
    delivery,
    digest_part,
    engagement,
    inbox_item,
    notification,
    webhook,
    webhook_message,
)
from services.notify.usecases.campaigns.running import RUNNER, run_next
from services.notify.usecases.channels.measuring import measure_channels
from services.notify.usecases.deliver import DELIVERERS, deliver_due, settle_uncertain
from services.notify.usecases.mailboxes.polling import forget_incoming, poll_next
from services.notify.usecases.mails.sending import send_due, settle_stale
from services.notify.usecases.mails.taking_in import MAILS
from services.notify.usecases.webhooks.hearing import SENDERS
from services.notify.usecases.webhooks.sending import forget_messages, send_next

if TYPE_CHECKING:
    from chassis.service import Service

_KEPT = timedelta(days=400)


def forget_old(service: Service) -> None:
    """Forget what is older than the retention time, slice by slice."""
    limit = utcnow() - _KEPT
    few = campaign.c.ended_at  # of which there are so few that no index is needed
    # each but the first is the first column of an index
    for moment in (few, notification.c.received_at, inbox_item.c.updated_at, digest_part.c.updated_at,
                   delivery.c.created_at, customer_mail.c.created_at, engagement.c.first_at):
        delete_in_slices(service, moment.table, moment < limit)
    delete_in_slices(service, campaign_link, campaign_link.c.campaign_id.not_in(select(campaign.c.id)))


def forget_webhook_log(service: Service) -> None:
    """Forget what webhooks were told long ago, and what waits for those that were taken away, slice by slice."""
    limit = utcnow() - timedelta(days=service.settings.webhook_log_days)
    for old in (webhook_message.c.created_at < limit, webhook_message.c.webhook_id.not_in(select(webhook.c.id))):
        while _forget_slice(service, select(webhook_message.c.id).where(old).limit(SLICE)):
            pass


def _forget_slice(service: Service, old: Select[Any]) -> bool:
    """Forget some messages with their attempts; tells whether there may be more."""
    with service.db.unit_of_work() as uow:
        ids = uow.execute(old).scalars().all()
        forget_messages(uow, ids)
    return len(ids) == SLICE


SCHEDULES = (
    Schedule("notify.settle_uncertain", timedelta(minutes=2), settle_uncertain),
    Schedule("notify.measure_channels", timedelta(seconds=30), measure_channels),
    Schedule("notify.settle_stale", timedelta(minutes=2), settle_stale),
    Schedule("notify.forget_incoming", timedelta(hours=24), forget_incoming),
    Schedule("notify.forget_old", timedelta(hours=24), forget_old),
    Schedule("notify.forget_webhook_log", timedelta(hours=6), forget_webhook_log),
)
LOOPS = (*(Loop(name, deliver_due, every=1.0) for name in DELIVERERS), Loop(MAILS, send_due, every=1.0),
         Loop(RUNNER, run_next, every=1.0),
         Loop("notify.mailboxes", poll_next, every=5.0),
         *(Loop(name, send_next, every=1.0) for name in SENDERS))

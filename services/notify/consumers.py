"""What the notify service listens to: foreign event → what it does here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.db import UnitOfWork
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from services.notify.usecases.receive import bulk_finished, receive

if TYPE_CHECKING:
    from chassis.service import Service

NOTIFICATION_REQUESTED = "freehold.workflow.notification.requested.v1"
IMPORT_FINISHED = "freehold.customer.import.finished.v1"


def notifications_requested(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell people."""
    receive(service, uow, [wish for message in messages for wish in message.data["notifications"]])


def imports_finished(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Let the digests of finished imports go out."""
    for message in messages:
        bulk_finished(uow, message.data["import_id"])


SUBSCRIPTIONS = (
    Subscription("notify.requests", (NOTIFICATION_REQUESTED,), notifications_requested),
    Subscription("notify.imports", (IMPORT_FINISHED,), imports_finished),
)

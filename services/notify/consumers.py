"""What the notify service listens to: foreign event → what it does here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.db import UnitOfWork
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from services.notify.usecases.forget import forget_person
from services.notify.usecases.mails.taking_in import take_in
from services.notify.usecases.receive import bulk_finished, receive
from services.notify.usecases.webhooks.hearing import anybody_listens, changes_heard

if TYPE_CHECKING:
    from chassis.service import Service

NOTIFICATION_REQUESTED = "freehold.workflow.notification.requested.v1"
MAIL_REQUESTED = "freehold.workflow.mail.requested.v1"
RECORDS_MOVED = "freehold.customer.notification.requested.v1"
BOARD_SENT = "freehold.report.notification.requested.v1"
IMPORT_FINISHED = "freehold.customer.import.finished.v1"
RECORD_CHANGED = "freehold.customer.record.changed.v1"
PERSON_ERASED = "freehold.customer.person.erased.v1"


def notifications_requested(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Tell people."""
    receive(service, uow, [wish for message in messages for wish in message.data["notifications"]])


def mails_requested(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Write to customers."""
    take_in(service, uow, [one for message in messages for one in message.data["mails"]])


def imports_finished(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Let the digests of finished imports go out."""
    for message in messages:
        bulk_finished(uow, message.data["import_id"])


def people_erased(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Take out what messages say of people who were erased."""
    for message in messages:
        forget_person(uow, message.data)


SUBSCRIPTIONS = (
    Subscription("notify.requests", (NOTIFICATION_REQUESTED, RECORDS_MOVED, BOARD_SENT), notifications_requested),
    Subscription("notify.mails", (MAIL_REQUESTED,), mails_requested),
    Subscription("notify.imports", (IMPORT_FINISHED,), imports_finished),
    Subscription("notify.webhooks", (RECORD_CHANGED,), changes_heard, wanted=anybody_listens),
    Subscription("notify.forgetting", (PERSON_ERASED,), people_erased),
)

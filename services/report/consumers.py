"""What the report service listens to: foreign event → what it does here.

Definitions and records come through one queue, so a definition is known before the records that need it. The size of a
batch bounds the memory: a message of an import carries up to 500 records. Commits of the read model cost more than
its rows, so under load they are gathered for a tenth of a second, and those of an import for two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.db import UnitOfWork
from chassis.events.consumers import Subscription
from chassis.events.message import Message
from services.report.usecases.follow_records import (
    CURRENCIES_CHANGED,
    OBJECT_CHANGED,
    RECORD_CHANGED,
    SHARING_CHANGED,
    follow,
)

if TYPE_CHECKING:
    from chassis.service import Service


def records_changed(service: Service, uow: UnitOfWork, messages: list[Message]) -> None:
    """Bring definitions and records into the read model."""
    follow(service, messages)


SUBSCRIPTIONS = (
    Subscription("report.records", (OBJECT_CHANGED, RECORD_CHANGED, SHARING_CHANGED, CURRENCIES_CHANGED),
                 records_changed, batch=60, gather=0.1, gather_bulk=2.0, each_node=True),
)

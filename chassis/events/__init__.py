"""Events: CloudEvents out through the outbox, in through the inbox, by RabbitMQ or the local broker."""

from chassis.events.consumers import Rejected, Subscription
from chassis.events.message import Message

__all__ = ["Message", "Rejected", "Subscription"]

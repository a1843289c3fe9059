"""Foreign events that the gateway listens to: entries of the audit log. Of identity nothing, it comes from here."""

from __future__ import annotations

from chassis.events.consumers import Subscription
from gateway.usecases.audit import record_told

TELLERS = ("gateway", "customer", "workflow", "notify", "report")
TOLD = tuple(f"freehold.{name}.audit.recorded.v1" for name in TELLERS)

SUBSCRIPTIONS: tuple[Subscription, ...] = (Subscription("gateway.audit", TOLD, record_told),)

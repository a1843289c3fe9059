"""Foreign events that the gateway listens to: none; it is where identity comes from."""

from __future__ import annotations

from chassis.events.consumers import Subscription

SUBSCRIPTIONS: tuple[Subscription, ...] = ()

"""How much waits on each channel, and for how long, for those who watch the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from chassis.clock import utcnow
from services.notify.metrics import BREAKERS, CHANNEL_AGE, CHANNEL_WAITING
from services.notify.model.channels import BREAKER, CHANNELS
from services.notify.store.tables import channel_state, delivery

if TYPE_CHECKING:
    from chassis.service import Service

_MOST = 100_000  # counted at most


def measure_channels(service: Service) -> None:
    """Set the gauges of all channels."""
    now = utcnow()
    with service.db.read() as connection:
        states = {row.channel: row for row in connection.execute(select(channel_state))}
        for channel in CHANNELS:
            due = (delivery.c.channel == channel) & (delivery.c.status == "waiting") & (delivery.c.due_at <= now)
            oldest = connection.execute(select(func.min(delivery.c.due_at)).where(due)).scalar()
            some = select(delivery.c.id).where(due).limit(_MOST).subquery()
            count = connection.execute(select(func.count()).select_from(some)).scalar() or 0
            CHANNEL_WAITING.labels(channel).set(count)
            CHANNEL_AGE.labels(channel).set((now - oldest).total_seconds() if oldest else 0)
            state = states.get(channel)
            BREAKERS.labels(channel).set(bool(
                state and state.failures >= BREAKER.start and state.paused_until > now))

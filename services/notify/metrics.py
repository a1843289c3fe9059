"""Business counters of the notify service."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

NOTIFICATIONS = Counter("freehold_notifications_total", "Wishes to tell somebody, by template", ["template"])
DELIVERIES = Counter("freehold_deliveries_total", "Messages by outside channels, by outcome", ["channel", "status"])
STREAMS = Gauge("freehold_inbox_streams", "Live inboxes open", multiprocess_mode="livesum")

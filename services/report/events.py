"""What the report service publishes: nothing, it only listens."""

from __future__ import annotations

PUBLISHES: tuple[str, ...] = ()

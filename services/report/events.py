"""What the report service publishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.db import UnitOfWork
from chassis.ids import new_id

AUDIT_RECORDED = "freehold.report.audit.recorded.v1"  # by chassis.auditing
NOTIFICATION_REQUESTED = "freehold.report.notification.requested.v1"
PUBLISHES: tuple[str, ...] = (AUDIT_RECORDED, NOTIFICATION_REQUESTED)


def publish_notification(uow: UnitOfWork, user_id: str, template: str, params: Mapping[str, Any]) -> None:
    """Publish the wish to tell somebody something."""
    uow.publish(NOTIFICATION_REQUESTED, None, {"notifications": [
        {"id": new_id(), "user_id": user_id, "template": template, "params": dict(params), "link": None,
         "bulk": None}]})

"""What the report service publishes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.clock import to_wire
from chassis.db import UnitOfWork
from chassis.ids import new_id

AUDIT_RECORDED = "freehold.report.audit.recorded.v1"  # by chassis.auditing
NOTIFICATION_REQUESTED = "freehold.report.notification.requested.v1"
ANALYSIS_TRAINED = "freehold.report.analysis.trained.v1"
PUBLISHES: tuple[str, ...] = (AUDIT_RECORDED, NOTIFICATION_REQUESTED, ANALYSIS_TRAINED)


def publish_notification(uow: UnitOfWork, user_id: str, template: str, params: Mapping[str, Any]) -> None:
    """Publish the wish to tell somebody something."""
    uow.publish(NOTIFICATION_REQUESTED, None, {"notifications": [
        {"id": new_id(), "user_id": user_id, "template": template, "params": dict(params), "link": None,
         "bulk": None}]})


def publish_trained(uow: UnitOfWork, analysis: Mapping[str, Any], number: int, state: str, scored: int,
                    at: datetime) -> None:
    """Publish that an analysis has a new version."""
    uow.publish(ANALYSIS_TRAINED, analysis["id"], {
        "id": analysis["id"], "key": analysis["key"], "kind": analysis["kind"], "number": number, "state": state,
        "scored": scored, "trained_at": to_wire(at)})

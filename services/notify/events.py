"""What the notify service publishes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.clock import to_wire

DELIVERY_RECORDED = "freehold.notify.delivery.recorded.v1"
MAIL_RECORDED = "freehold.notify.mail.recorded.v1"
CONSENT_WITHDRAWN = "freehold.notify.consent.withdrawn.v1"
AUDIT_RECORDED = "freehold.notify.audit.recorded.v1"  # by chassis.auditing
PUBLISHES = (DELIVERY_RECORDED, MAIL_RECORDED, CONSENT_WITHDRAWN, AUDIT_RECORDED)


def deliveries_recorded(rows: Sequence[Any]) -> dict[str, Any]:
    """Return the data of the event: what became of these deliveries."""
    return {"deliveries": [
        {"id": row["id"], "user_id": row["user_id"], "channel": row["channel"], "status": row["status"],
         "template": row["template"], "link": row["link"], "at": to_wire(row["updated_at"])} for row in rows]}


def mails_recorded(rows: Sequence[Any]) -> dict[str, Any]:
    """Return the data of the event: what became of these messages to customers. Addresses are not told."""
    return {"mails": [
        {"id": row["id"], "object": row["object"], "record_id": row["record_id"], "template": row["template"],
         "rule": row["rule"], "status": row["status"], "problem": row["problem"], "at": to_wire(row["updated_at"]),
         **({"campaign": True} if row["campaign_id"] else {})} for row in rows]}


def consent_withdrawn(id: str, object: str, record_id: str, purpose: str, message_id: str,
                      at: datetime) -> dict[str, Any]:
    """Return the data of the event: somebody wants no more messages of a purpose."""
    return {"withdrawals": [{"id": id, "object": object, "record_id": record_id, "purpose": purpose,
                             "message_id": message_id, "at": to_wire(at)}]}

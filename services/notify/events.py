"""What the notify service publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.clock import to_wire

DELIVERY_RECORDED = "freehold.notify.delivery.recorded.v1"
MAIL_RECORDED = "freehold.notify.mail.recorded.v1"
CONSENT_WITHDRAWN = "freehold.notify.consent.withdrawn.v1"
MAIL_ENGAGED = "freehold.notify.mail.engaged.v1"
AUDIT_RECORDED = "freehold.notify.audit.recorded.v1"  # by chassis.auditing
PUBLISHES = (DELIVERY_RECORDED, MAIL_RECORDED, CONSENT_WITHDRAWN, MAIL_ENGAGED, AUDIT_RECORDED)


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


def mail_engaged(row: Mapping[str, Any], url: str | None, at: datetime) -> dict[str, Any]:
    """Return the data of the event: a message of a campaign was opened, or (with `url`) a link of it followed, for the
    first time."""
    moments = {name: to_wire(row[name]) if row[name] else None for name in ("opened_at", "clicked_at")}
    return {"engagements": [{"message_id": row["id"], "object": row["object"], "record_id": row["record_id"],
                             "campaign": {"id": row["campaign_id"], "name": row["rule"]["name"]["en"]}, "url": url,
                             **moments, "at": to_wire(at)}]}


def consent_withdrawn(id: str, object: str, record_id: str, purpose: str, message_id: str,
                      at: datetime) -> dict[str, Any]:
    """Return the data of the event: somebody wants no more messages of a purpose."""
    return {"withdrawals": [{"id": id, "object": object, "record_id": record_id, "purpose": purpose,
                             "message_id": message_id, "at": to_wire(at)}]}

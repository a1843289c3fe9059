"""Take in messages to customers that rules have ordered, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.notify.store.tables import customer_mail

if TYPE_CHECKING:
    from chassis.service import Service

MAILS = "notify.mails"


def take_in(service: Service, uow: UnitOfWork, ordered: Iterable[Mapping[str, Any]]) -> None:
    """Keep messages as they stand in `mail.requested` events; one that is known already changes nothing."""
    now = utcnow()
    rows = [{"id": one["id"], "cause": one["cause"], "address": None, "object": one["object"],
             "record_id": one["record_id"], "recipient": one["recipient"], "recipient_id": one["recipient"]["id"],
             "template": one["template"], "rule": one["rule"], "subject": None, "status": "waiting", "problem": None,
             "answer": None, "attempts": 0, "due_at": now, "created_at": now, "updated_at": now} for one in ordered]
    if rows:
        uow.execute(insert_or(uow, customer_mail).on_conflict_do_nothing(), rows)
        uow.after_commit(lambda: service.wake(MAILS))

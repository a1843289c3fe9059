"""A person's choice of channels, digest and quiet hours."""

from __future__ import annotations

from typing import Any

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.notify.store.tables import preference


def choose(uow: UnitOfWork, user_id: str, body: dict[str, Any]) -> None:
    """Keep a person's preferences."""
    row = {"user_id": user_id, "body": body, "updated_at": utcnow()}
    uow.execute(insert_or(uow, preference).values(row).on_conflict_do_update(index_elements=["user_id"], set_=row))

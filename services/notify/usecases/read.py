"""Mark inbox items as read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.notify.store.tables import inbox_item


def read_one(uow: UnitOfWork, user_id: str, id: str) -> bool:
    """Mark one of the person's items; False when he has no such item."""
    mine = (inbox_item.c.user_id == user_id) & (inbox_item.c.id == id)
    return _mark(uow, mine) > 0


def read_all(uow: UnitOfWork, user_id: str) -> int:
    """Mark all unread items of a person; returns how many there were."""
    return _mark(uow, (inbox_item.c.user_id == user_id) & inbox_item.c.read_at.is_(None))


def _mark(uow: UnitOfWork, which: Any) -> int:
    return uow.execute(update(inbox_item).where(which).values(read_at=utcnow())).rowcount

"""Change a template."""

from __future__ import annotations

from typing import Any

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.notify.store.tables import template


def put_template(uow: UnitOfWork, key: str, body: dict[str, Any]) -> None:
    """Keep the company's own texts for a template."""
    insert = insert_or(uow, template).values(key=key, body=body, version=1, updated_at=utcnow())
    uow.execute(insert.on_conflict_do_update(index_elements=["key"], set_={
        "body": insert.excluded.body, "updated_at": insert.excluded.updated_at, "version": template.c.version + 1}))

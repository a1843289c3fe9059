"""Layouts in the database: one row each; the revision of definitions grows with every change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.layouts import Layout
from services.customer.store.definitions import touch
from services.customer.store.tables import layout_def


def read_layouts(connection: Connection) -> dict[str, tuple[Layout, ...]]:
    """The layouts of every object that has some, in the order of their keys."""
    found: dict[str, tuple[Layout, ...]] = {}
    for row in connection.execute(select(layout_def).order_by(layout_def.c.object, layout_def.c.key)):
        found[row.object] = (*found.get(row.object, ()), _layout(row))
    return found


def find_layout(uow: UnitOfWork, object_name: str, key: str) -> Layout | None:
    """One layout as it stands in the database."""
    row = uow.execute(select(layout_def).where(layout_def.c.object == object_name, layout_def.c.key == key)).first()
    return None if row is None else _layout(row)


def insert_layout(uow: UnitOfWork, layout: Layout) -> None:
    """Keep a new layout."""
    uow.execute(layout_def.insert(), {"object": layout.object, "key": layout.key, "version": layout.version,
                                      "body": layout.description(), "updated_at": utcnow()})
    touch(uow)


def update_layout(uow: UnitOfWork, layout: Layout) -> None:
    """Keep a changed layout."""
    uow.execute(update(layout_def).where(layout_def.c.object == layout.object, layout_def.c.key == layout.key)
                .values(version=layout.version, body=layout.description(), updated_at=utcnow()))
    touch(uow)


def forget_layout(uow: UnitOfWork, object_name: str, key: str) -> None:
    """Forget a layout."""
    uow.execute(delete(layout_def).where(layout_def.c.object == object_name, layout_def.c.key == key))
    touch(uow)


def _layout(row: Any) -> Layout:
    body = {name: tuple(value) if name in ("roles", "sections") else value for name, value in row.body.items()}
    return Layout(object=row.object, key=row.key, version=row.version, **body)

"""Saved views: the tables, and which of them one viewer sees.

What a view shows is one JSON body (`model.views`); what decides who sees it are columns, so that lists of views are
answered by the database. `view_choice` is what one person made of an object's views: his default, what he pinned, his
order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
)

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.db.types import Id, Json, PlainText, UtcDateTime
from services.customer.store.tables import metadata

PRIVATE, SHARED, EVERYBODY = "private", "shared", "everybody"

saved_view = Table(
    "saved_view", metadata,
    Column("id", Id(), primary_key=True),
    Column("object", PlainText(), nullable=False),
    Column("key", PlainText()),  # of views that packs bring
    Column("name", Json(), nullable=False),
    Column("kind", PlainText(), nullable=False),  # list, kanban, calendar
    Column("body", Json(), nullable=False),
    Column("visibility", PlainText(), nullable=False),  # private, shared, everybody
    Column("role_keys", Json(), nullable=False),
    Column("department_ids", Json(), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    Column("owner_id", Id()),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("saved_view_order", "object", "position", "id"),
    Index("saved_view_key", "key", unique=True),
)

view_choice = Table(
    "view_choice", metadata,
    Column("caller", PlainText(), nullable=False),  # Principal.key
    Column("object", PlainText(), nullable=False),
    Column("default_id", Id()),
    Column("pinned", Json(), nullable=False),
    Column("order", Json(), nullable=False),
    PrimaryKeyConstraint("caller", "object"),
)


@dataclass(frozen=True)
class Viewer:
    """Who looks: himself, the keys of his roles, his department and those above it."""

    user_id: str | None
    role_keys: frozenset[str]
    department_ids: frozenset[str]
    manages: bool  # looks after everybody's shared views
    shares: bool

    def sees(self, row: Any) -> bool:
        """Whether a view exists for him."""
        if row.visibility == PRIVATE:
            return self.user_id is not None and row.owner_id == self.user_id
        return (self.manages or row.visibility == EVERYBODY or not self.role_keys.isdisjoint(row.role_keys)
                or not self.department_ids.isdisjoint(row.department_ids) or self._owns(row))

    def edits(self, row: Any) -> bool:
        """Whether he may change it: his own, and for who manages objects every shared one."""
        return self.sees(row) and (self._owns(row) or (self.manages and row.visibility != PRIVATE))

    def _owns(self, row: Any) -> bool:
        return self.user_id is not None and row.owner_id == self.user_id


def visible_views(viewer: Viewer, dialect: str, objects: Iterable[str]) -> Select[Any]:
    """The statement of all views of some objects that the viewer sees."""
    return select(saved_view).where(saved_view.c.object.in_(sorted(objects)), _visible(viewer, dialect))


def find_view(connection: Connection, id: str) -> Row[Any] | None:
    """One view."""
    return connection.execute(select(saved_view).where(saved_view.c.id == id)).one_or_none()


def count_views(connection: Connection, object_name: str, owner_id: str | None, *, private: bool) -> int:
    """How many views of an object somebody keeps for himself, or how many are shared."""
    theirs = and_(saved_view.c.visibility == PRIVATE, saved_view.c.owner_id == owner_id)
    condition = theirs if private else saved_view.c.visibility != PRIVATE
    query = select(func.count()).select_from(saved_view).where(saved_view.c.object == object_name, condition)
    return connection.execute(query).scalar_one()


def choice_of(connection: Connection, caller: str, object_name: str) -> Row[Any] | None:
    """What a caller made of an object's views."""
    mine = (view_choice.c.caller == caller, view_choice.c.object == object_name)
    return connection.execute(select(view_choice).where(*mine)).one_or_none()


def pinned_ids(connection: Connection, caller: str) -> list[str]:
    """Every view that a caller pinned."""
    rows = connection.execute(select(view_choice.c.pinned).where(view_choice.c.caller == caller)
                              .order_by(view_choice.c.object))
    return [id for row in rows for id in row.pinned]


def keep_choice(uow: UnitOfWork, caller: str, object_name: str, chosen: Mapping[str, Any]) -> None:
    """Replace what a caller made of an object's views."""
    step = insert_or(uow, view_choice).values(caller=caller, object=object_name, **chosen)
    uow.execute(step.on_conflict_do_update(index_elements=["caller", "object"], set_=dict(chosen)))


def add_view(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    """Keep a new view."""
    uow.execute(saved_view.insert().values(row))


def one_default(uow: UnitOfWork, object_name: str, id: str) -> None:
    """Take the mark of the object's default from every other view."""
    others = (saved_view.c.object == object_name, saved_view.c.id != id, saved_view.c.is_default)
    uow.execute(saved_view.update().where(*others).values(
        is_default=False, version=saved_view.c.version + 1, updated_at=utcnow()))


def _visible(viewer: Viewer, dialect: str) -> ColumnElement[bool]:
    own = saved_view.c.owner_id == viewer.user_id
    if viewer.manages:
        return or_(saved_view.c.visibility != PRIVATE, own)
    shared = [_names(dialect, saved_view.c.role_keys, key) for key in sorted(viewer.role_keys)]
    shared += [_names(dialect, saved_view.c.department_ids, id) for id in sorted(viewer.department_ids)]
    to_some = and_(saved_view.c.visibility == SHARED, or_(*shared)) if shared else None
    return or_(*(one for one in (own, saved_view.c.visibility == EVERYBODY, to_some) if one is not None))


def _names(dialect: str, column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Whether a list has the word; keys and ids hold no quotes, so a piece of the list's text tells."""
    if dialect == "postgresql":
        return column.op("@>")([word])
    return cast(column, Text).contains(f'"{word}"', autoescape=True)

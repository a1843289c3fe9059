"""Kinds of tasks: what people call the sorts of work they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import Problem
from services.workflow.store.tables import task_kind

Row = Mapping[str, Any]


def create_kind(uow: UnitOfWork, body: Row) -> Row:
    """Create a kind; raises 409 when its key is taken."""
    insert = insert_or(uow, task_kind).values(dict(body)).on_conflict_do_nothing().returning(task_kind.c.key)
    if uow.execute(insert).scalar() is None:
        raise Problem(409, "task_kind_exists")
    return body


def put_kind(uow: UnitOfWork, key: str, body: Row) -> Row:
    """Make a kind what `body` says, whether it existed or not."""
    row = {"key": key, **body}
    insert = insert_or(uow, task_kind).values(row)
    uow.execute(insert.on_conflict_do_update(index_elements=["key"], set_=dict(body)))
    return row

"""How often lists of each shape are asked for: counted in the memory of each process, written down once a minute.

Counting costs a request a dictionary entry. A timer writes; it runs only while there is something to write, and what a
process that dies has not written yet is lost, which does not matter.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, Table, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import utcnow
from chassis.db import Database, UnitOfWork, insert_or
from chassis.db.types import BigId, Json, PlainText, UtcDateTime
from chassis.jsonio import dumps
from services.customer.model.list_shapes import ListShape
from services.customer.store.tables import metadata

log = logging.getLogger(__name__)

FLUSH_SECONDS = 60.0
MOST_SHAPES = 2000

list_shape = Table(
    "list_shape", metadata,
    Column("object", PlainText(), nullable=False),
    Column("key", PlainText(), nullable=False),  # digest of the shape
    Column("shape", Json(), nullable=False),
    Column("asked", BigId(), nullable=False),
    Column("last_at", UtcDateTime(), nullable=False),
    PrimaryKeyConstraint("object", "key"),
)

list_index = Table(
    "list_index", metadata,
    Column("object", PlainText(), nullable=False),
    Column("name", PlainText(), nullable=False),
    Column("shape", Json(), nullable=False),
    Column("asked", BigId(), nullable=False),
    Column("last_at", UtcDateTime(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    PrimaryKeyConstraint("object", "name"),
)


class ShapeCounter:
    """Counts the lists that one process answers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[str, ListShape]] = Counter()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def note(self, object_name: str, shape: ListShape) -> None:
        """Count one list."""
        key = (object_name, shape)
        with self._lock:
            if key in self._counts or len(self._counts) < MOST_SHAPES:
                self._counts[key] += 1
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self._flush_quietly)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write down what was counted since the last time."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, Counter(), None
        if counts and not self._database.closed:
            with self._database.unit_of_work() as uow:
                add_counts(uow, counts)

    def _flush_quietly(self) -> None:
        try:
            self.flush()
        except (SQLAlchemyError, OSError) as error:
            log.warning("counts of lists are lost: %s", type(error).__name__)


def add_counts(uow: UnitOfWork, counts: Mapping[tuple[str, ListShape], int]) -> None:
    """Add to what is kept, in the order of the keys so that two processes never wait for each other."""
    insert = insert_or(uow, list_shape)
    statement = insert.on_conflict_do_update(
        index_elements=["object", "key"],
        set_={"asked": list_shape.c.asked + insert.excluded.asked, "last_at": insert.excluded.last_at})
    now = utcnow()
    rows = [{"object": name, "key": _digest(shape), "shape": shape.to_json(), "asked": asked, "last_at": now}
            for (name, shape), asked in counts.items()]
    for row in sorted(rows, key=lambda row: (row["object"], row["key"])):
        uow.execute(statement, row)


def shapes_of(uow: UnitOfWork, object_name: str) -> list[tuple[ListShape, int, Any]]:
    """Shape, how often it was asked for, when last."""
    query = select(list_shape).where(list_shape.c.object == object_name)
    return [(ListShape.of_json(row.shape), row.asked, row.last_at) for row in uow.execute(query)]


def is_worth_a_look(connection: Connection, object_name: str, often: int) -> bool:
    """Whether the object has an index for lists, or a list that is asked for often with any scope."""
    shapes = select(func.sum(list_shape.c.asked)).where(list_shape.c.object == object_name)
    kept = select(list_index.c.name).where(list_index.c.object == object_name).limit(1)
    return (connection.execute(shapes).scalar() or 0) >= often or connection.execute(kept).first() is not None


def age_counts(uow: UnitOfWork) -> None:
    """Halve all counts, so that what was asked long ago weighs less; forget what is down to nothing."""
    uow.execute(update(list_shape).values(asked=list_shape.c.asked // 2))
    uow.execute(delete(list_shape).where(list_shape.c.asked == 0))


def _digest(shape: ListShape) -> str:
    return hashlib.sha256(dumps(shape.to_json()).encode()).hexdigest()[:16]

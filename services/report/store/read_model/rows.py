"""Putting records into a table of the read model: in sets, by version, as often as one likes.

A batch is laid into a temporary table; rows that stand in an older version go, and what the table does not have comes
in. An older version changes nothing, a second time changes nothing. Values travel as lists of text, one per column, and
are cast by the database; a column without any value does not travel. A value that its column cannot take (its field has
changed its type since) becomes no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb

from services.report.model.objects import ColumnPlan, ObjectModel

_ROWS = 2000
_DELETE = """DELETE FROM "{table}" AS old USING stage AS new WHERE old.id = new.id AND (old.version < new.version
             OR (old.version = new.version AND new.deleted AND NOT old.deleted))"""
_INSERT = """INSERT INTO "{table}" BY NAME SELECT * FROM stage AS new
             WHERE NOT EXISTS (SELECT 1 FROM "{table}" AS old WHERE old.id = new.id)"""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record at one version, in wire form; `deleted` leaves only the memory of its version."""

    id: str
    version: int
    record: Mapping[str, Any]
    deleted: bool = False

    @property
    def rank(self) -> tuple[int, bool]:
        """What is newer."""
        return self.version, self.deleted


def put_rows(cursor: duckdb.DuckDBPyConnection, model: ObjectModel, rows: Iterable[RecordRow]) -> None:
    """Bring rows into the table of `model`, inside the cursor's transaction."""
    newest: dict[str, RecordRow] = {}
    for row in rows:
        known = newest.get(row.id)
        if known is None or known.rank < row.rank:
            newest[row.id] = row
    waiting = iter(newest.values())
    while piece := list(islice(waiting, _ROWS)):
        _put_piece(cursor, model, piece)


def _put_piece(cursor: duckdb.DuckDBPyConnection, model: ObjectModel, rows: Sequence[RecordRow]) -> None:
    texts = {plan: _texts(plan, rows) for plan in model.plans}
    given = [plan for plan, values in texts.items() if any(value is not None for value in values)]
    cursor.execute(_stage(given), [[row.deleted for row in rows], *(texts[plan] for plan in given)])
    for statement in (_DELETE, _INSERT):
        cursor.execute(statement.format(table=model.table.name))


def _stage(plans: Sequence[ColumnPlan]) -> str:
    casts = (f'TRY_CAST(unnest(?::VARCHAR[]) AS {plan.duckdb}) AS "{plan.name}"' for plan in plans)
    return f"CREATE OR REPLACE TEMP TABLE stage AS SELECT unnest(?::BOOLEAN[]) AS deleted, {', '.join(casts)}"


def _texts(plan: ColumnPlan, rows: Sequence[RecordRow]) -> list[str | None]:
    if plan.name in ("id", "version"):
        return [str(getattr(row, plan.name)) for row in rows]
    return [None if row.deleted else plan.text(row.record) for row in rows]

"""Putting records into a table of the read model: in sets, by version, as often as one likes.

A batch is laid into a temporary table; rows that stand in an older version go, and what the table does not have comes
in. An older version changes nothing, a second time changes nothing. A batch travels as one JSON text, which the
database takes apart and casts; a member without any value does not travel. A value that its column cannot take (its
field has changed its type since) becomes no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb

from chassis.jsonio import dumps
from services.report.model.objects import ColumnPlan, ObjectModel

_ROWS = 2000
_ALWAYS = ("id", "version")
_DELETED = "is deleted"  # no member has a blank in its name
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

    def to_stage(self) -> Mapping[str, Any]:
        """What is laid into the temporary table; nothing of a deleted record but its version."""
        known = {"id": self.id, "version": self.version, _DELETED: self.deleted}
        return known if self.deleted else {**self.record, **known}

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
    given = {name for row in rows for name, value in row.record.items() if value is not None}
    plans = [plan for plan in model.plans if plan.member in given or plan.name in _ALWAYS]
    cursor.execute(_stage(plans), [dumps([row.to_stage() for row in rows])])
    for statement in (_DELETE, _INSERT):
        cursor.execute(statement.format(table=model.table.name))


def _stage(plans: Sequence[ColumnPlan]) -> str:
    shape = {plan.member: plan.json for plan in plans} | {_DELETED: "BOOLEAN"}
    casts = (f'TRY_CAST({plan.text} AS {plan.duckdb}) AS "{plan.name}"' for plan in plans)
    return (f'CREATE OR REPLACE TEMP TABLE stage AS SELECT row."{_DELETED}" AS deleted, {", ".join(casts)} '  # noqa: S608
            f"FROM (SELECT unnest(from_json(?::JSON, '{dumps([shape])}')) AS row)")

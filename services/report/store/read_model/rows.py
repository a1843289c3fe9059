"""Putting records into a table of the read model: in sets, by version, as often as one likes.

A batch is laid into a temporary table; rows that stand in an older version go, and what the table does not have comes
in. An older version changes nothing, a second time changes nothing. A batch travels as one JSON list per member, which
the database takes apart and casts: it need not look up each member of each record by its name. A member without any
value does not travel, and a text that all records share (the owner, the moment of an import) travels once. A value that
its column cannot take (its field has changed its type since) becomes no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import duckdb

from chassis.jsonio import dumps
from services.report.model.objects import ColumnPlan, ObjectModel

_ROWS = 5_000  # each piece has its statements planned anew, which costs as much as taking a thousand rows in
_DELETED = "is deleted"  # no member has a blank in its name
_DELETE = """DELETE FROM "{table}" AS old USING stage AS new WHERE old.id = new.id AND (old.version < new.version
             OR (old.version = new.version AND new.deleted AND NOT old.deleted))"""
_INSERT = """INSERT INTO "{table}" BY NAME SELECT * FROM stage AS new
             WHERE NOT EXISTS (SELECT 1 FROM "{table}" AS old WHERE old.id = new.id)"""


class RecordRow(NamedTuple):
    """One record at one version, in wire form; `deleted` leaves only the memory of its version."""

    id: str
    version: int
    record: Mapping[str, Any]
    deleted: bool = False

    @property
    def told(self) -> Mapping[str, Any]:
        """What is laid into the temporary table beside id and version: nothing of a deleted record."""
        return {} if self.deleted else self.record

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
    cursor.execute(*_stage(model.plans, _columns(model, rows), [row.deleted for row in rows]))
    for statement in (_DELETE, _INSERT):
        cursor.execute(statement.format(table=model.table.name))


def _columns(model: ObjectModel, rows: Sequence[RecordRow]) -> dict[str, list[Any]]:
    """Member → its value in each row, for members that some row has a value for."""
    told = [row.told for row in rows]
    columns = {member: [record.get(member) for record in told] for member in {plan.member for plan in model.plans}}
    given = {member: values for member, values in columns.items() if values.count(None) < len(values)}
    return {**given, "id": [row.id for row in rows], "version": [row.version for row in rows]}


def _stage(plans: Sequence[ColumnPlan], columns: Mapping[str, Sequence[Any]],
           deleted: Sequence[bool]) -> tuple[str, list[str]]:
    """The statement that lays records into the temporary table, and its parameters: one per member."""
    given = [plan for plan in plans if plan.member in columns]
    sources, texts = [_listed(_DELETED, "BOOLEAN")], [dumps(deleted)]
    for member, shape in {plan.member: plan.json for plan in given}.items():
        values = columns[member]
        shared = shape == "VARCHAR" and isinstance(values[0], str) and values.count(values[0]) == len(values)
        sources.append(f'?::VARCHAR AS "{member}"' if shared else _listed(member, shape))
        texts.append(values[0] if shared else dumps(values))
    casts = ", ".join(f'TRY_CAST({plan.text} AS {plan.duckdb}) AS "{plan.name}"' for plan in given)
    return (f'CREATE OR REPLACE TEMP TABLE stage AS SELECT row."{_DELETED}" AS deleted, {casts} '  # noqa: S608
            f"FROM (SELECT {', '.join(sources)}) AS row"), texts


def _listed(name: str, shape: Any) -> str:
    """A row for each value of a list in JSON."""
    return f"unnest(from_json(?, '{dumps([shape])}')) AS \"{name}\""

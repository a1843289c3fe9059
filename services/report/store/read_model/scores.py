"""Scores of records, beside the tables of records so that they can be asked for under everybody's own permissions.

They belong to no generation: a rebuild leaves them alone. A version's rows are written while the one before answers;
which version answers stands with the analysis. A file that was lost has no scores, and the analyses are trained anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import BigInteger, Column, Date, Double, MetaData, Table, Text

from chassis.db.types import Id
from chassis.jsonio import dumps

MAKE_SCORES = ("""CREATE TABLE IF NOT EXISTS score (analysis VARCHAR, number BIGINT, id UUID, chance DOUBLE,
                  amount DOUBLE, due_on DATE, details VARCHAR)""",)
_SHAPE = dumps([{"id": "VARCHAR", "chance": "DOUBLE", "amount": "DOUBLE", "due_on": "VARCHAR", "details": "VARCHAR"}])
_PUT = f"""INSERT INTO score SELECT ?, ?, row.id::UUID, row.chance, row.amount, row.due_on::DATE, row.details
           FROM (SELECT unnest(from_json(?::JSON, '{_SHAPE}')) AS row)"""  # noqa: S608

SCORE = Table("score", MetaData(), Column("analysis", Text), Column("number", BigInteger), Column("id", Id()),
              Column("chance", Double), Column("amount", Double), Column("due_on", Date), Column("details", Text))


@dataclass(frozen=True, slots=True)
class Score:
    """What a version says about one record."""

    id: str
    chance: float | None
    amount: float | None
    due_on: date | None
    details: dict[str, Any]

    def to_stage(self) -> dict[str, Any]:
        return {"id": self.id, "chance": self.chance, "amount": self.amount,
                "due_on": self.due_on and self.due_on.isoformat(), "details": dumps(self.details)}


def put_scores(cursor: duckdb.DuckDBPyConnection, analysis: str, number: int, scores: Sequence[Score]) -> None:
    """Add scores of one version, inside the cursor's transaction."""
    cursor.execute(_PUT, [analysis, number, dumps([one.to_stage() for one in scores])])


def forget_scores(cursor: duckdb.DuckDBPyConnection, analysis: str, number: int | None = None,
                  but: int | None = None) -> None:
    """Take away those of one version, of all but one, or of all."""
    cursor.execute("DELETE FROM score WHERE analysis = ? AND (? IS NULL OR number = ?) AND (? IS NULL OR number <> ?)",
                   [analysis, number, number, but, but])


def counted_scores(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], int]:
    """(analysis, version) → how many scores there are."""
    rows = cursor.execute("SELECT analysis, number, count(*) FROM score GROUP BY ALL").fetchall()
    return {(analysis, number): count for analysis, number, count in rows}

"""The base currency and exchange rates in the read model, as the record store tells them.

What was forgotten stays as a row without a rate, so that an older event that comes late does not bring it back. The
base that a rebuild finds holds only until an event has told one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from chassis.clock import from_wire

USUAL_BASE = "CNY"  # as long as nobody has said another
MAKE_RATES = (
    """CREATE TABLE IF NOT EXISTS exchange_rate (generation BIGINT, currency VARCHAR, valid_from DATE,
       rate DECIMAL(18, 10), updated_at TIMESTAMPTZ)""",
    "CREATE TABLE IF NOT EXISTS base_currency (generation BIGINT, code VARCHAR)",
)
_TOLD = """CREATE OR REPLACE TEMP TABLE told AS SELECT unnest(?::VARCHAR[]) AS currency,
           unnest(?::VARCHAR[])::DATE AS valid_from, unnest(?::VARCHAR[])::DECIMAL(18, 10) AS rate,
           unnest(?::VARCHAR[])::TIMESTAMPTZ AS updated_at"""
_DELETE = """DELETE FROM exchange_rate AS old USING told AS new WHERE old.generation = ? AND
             old.currency = new.currency AND old.valid_from = new.valid_from AND old.updated_at <= new.updated_at"""
_INSERT = """INSERT INTO exchange_rate SELECT ?, * FROM told AS new WHERE NOT EXISTS (SELECT 1 FROM exchange_rate
             AS old WHERE old.generation = ? AND old.currency = new.currency AND old.valid_from = new.valid_from)"""


def put_rates(cursor: duckdb.DuckDBPyConnection, generation: int, rates: Sequence[Mapping[str, Any]]) -> None:
    """Bring rates into a generation, inside the cursor's transaction; an older one changes nothing."""
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in sorted(rates, key=lambda rate: from_wire(rate["updated_at"])):
        newest[one["currency"], one["valid_from"]] = one
    if newest:
        members = ("currency", "valid_from", "rate", "updated_at")
        cursor.execute(_TOLD, [[one[name] for one in newest.values()] for name in members])
        cursor.execute(_DELETE, [generation])
        cursor.execute(_INSERT, [generation, generation])


def put_base(cursor: duckdb.DuckDBPyConnection, generation: int, code: str, *, by_event: bool) -> None:
    """Say the base currency of a generation."""
    if by_event or read_base(cursor, generation) is None:
        cursor.execute("DELETE FROM base_currency WHERE generation = ?", [generation])
        cursor.execute("INSERT INTO base_currency VALUES (?, ?)", [generation, code])


def read_base(cursor: duckdb.DuckDBPyConnection, generation: int) -> str | None:
    """The base currency of a generation, when it was told."""
    row = cursor.execute("SELECT code FROM base_currency WHERE generation = ?", [generation]).fetchone()
    return row and row[0]


def forget_rates(cursor: duckdb.DuckDBPyConnection, generation: int) -> None:
    """Drop what a generation knew."""
    for table in ("exchange_rate", "base_currency"):
        cursor.execute(f"DELETE FROM {table} WHERE generation = ?", [generation])  # noqa: S608

"""Shares and sharing rules in the read model: a row for each in each generation, newest version only.

What was taken back stays as a row with `deleted`, so that an older event that comes late does not let anybody in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from chassis.jsonio import dumps, loads
from services.report.model.sharing import SharingRule

MAKE_SHARING = (
    """CREATE TABLE IF NOT EXISTS share (generation BIGINT, id UUID, version BIGINT, record_id UUID, grantee VARCHAR,
       expires_at TIMESTAMPTZ, deleted BOOLEAN)""",
    """CREATE TABLE IF NOT EXISTS sharing_rule (generation BIGINT, id UUID, version BIGINT, object VARCHAR,
       body VARCHAR, deleted BOOLEAN)""",
)


def put_sharing(cursor: duckdb.DuckDBPyConnection, generation: int, shares: Sequence[Mapping[str, Any]],
                rules: Sequence[Mapping[str, Any]]) -> None:
    """Bring shares and rules into a generation, inside the cursor's transaction."""
    for one in shares:
        _put(cursor, "share", generation, one,
             [one["record_id"], one["grantee"], one["expires_at"], one.get("deleted", False)])
    for one in rules:
        gone = one.get("deleted", False) or not one["active"]
        _put(cursor, "sharing_rule", generation, one, [one["object"], dumps(_body(one)), gone])


def forget_sharing(cursor: duckdb.DuckDBPyConnection, generation: int) -> None:
    """Drop what a generation knew."""
    for table in ("share", "sharing_rule"):
        cursor.execute(f"DELETE FROM {table} WHERE generation = ?", [generation])  # noqa: S608


def any_shares(cursor: duckdb.DuckDBPyConnection, generation: int) -> bool:
    """Whether any record is shared by itself."""
    return cursor.execute("SELECT 1 FROM share WHERE generation = ? AND NOT deleted LIMIT 1",
                          [generation]).fetchone() is not None


def read_sharing_rules(cursor: duckdb.DuckDBPyConnection, generation: int) -> dict[str, list[SharingRule]]:
    """Object → its rules."""
    found: dict[str, list[SharingRule]] = {}
    rows = cursor.execute("SELECT object, body FROM sharing_rule WHERE generation = ? AND NOT deleted", [generation])
    for name, body in rows.fetchall():
        found.setdefault(name, []).append(SharingRule(**loads(body)))
    return found


def _put(cursor: duckdb.DuckDBPyConnection, table: str, generation: int, one: Mapping[str, Any],
         values: list[Any]) -> None:
    """Replace an older version of one row; the same or an older one changes nothing."""
    key = [generation, one["id"]]
    known = cursor.execute(f"SELECT version FROM {table} WHERE generation = ? AND id = ?", key).fetchone()  # noqa: S608
    if known is not None and known[0] >= one["version"]:
        return
    cursor.execute(f"DELETE FROM {table} WHERE generation = ? AND id = ?", key)  # noqa: S608
    places = ", ".join("?" * (3 + len(values)))
    cursor.execute(f"INSERT INTO {table} VALUES ({places})", [*key, one["version"], *values])  # noqa: S608


def _body(rule: Mapping[str, Any]) -> dict[str, Any]:
    masked = {"masked": rule["masked"]} if rule.get("masked") else {}
    return {"criteria": rule["criteria"], "grantees": rule["grantees"], **masked}

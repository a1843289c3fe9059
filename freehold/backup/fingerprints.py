"""Counts and checksums of every table.

A table's checksum is the sum of a 64-bit hash of each row's text: it does not depend on the order in which rows are
read, and a row that is missing, doubled or altered changes it.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

Fingerprint = dict[str, list[str]]

SESSION = ("SET timezone = 'UTC'", "SET datestyle = 'ISO'", "SET intervalstyle = 'iso_8601'",
           "SET extra_float_digits = 1", "SET bytea_output = 'hex'", "SET statement_timeout = 0",
           "SET search_path = pg_catalog")
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2"""
_SUM = "SELECT count(*)::text, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"


def fingerprint(connection: psycopg.Connection) -> Fingerprint:
    """[rows, checksum] by `schema.table`, as the connection's transaction sees them."""
    tables = connection.execute(_TABLES).fetchall()
    found: Fingerprint = {}
    for schema, table in tables:
        row = connection.execute(sql.SQL(_SUM).format(sql.Identifier(schema, table))).fetchone()
        found[f"{schema}.{table}"] = list(row or ())
    return found


def differences(wanted: dict[str, Fingerprint], found: dict[str, Fingerprint]) -> list[str]:
    """What two databases' fingerprints do not have in common, a line for each table."""
    lines = []
    for database in sorted(wanted.keys() | found.keys()):
        one, other = wanted.get(database, {}), found.get(database, {})
        lines += [f"{database}.{table}: {_said(one.get(table))} were sealed, {_said(other.get(table))} came back"
                  for table in sorted(one.keys() | other.keys()) if one.get(table) != other.get(table)]
    return lines


def _said(entry: list[str] | None) -> str:
    return f"{entry[0]} rows (sum {entry[1]})" if entry else "no table"

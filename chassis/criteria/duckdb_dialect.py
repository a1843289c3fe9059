"""Criteria for DuckDB, the third target: its SQL is close enough to PostgreSQL's to be rendered by that
compiler.

Only rendering is done here, no connecting: DuckDB is asked through its own driver with the text and the
values.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.base import PGDialect


class DuckDBDialect(PGDialect):
    """Renders statements for DuckDB with `?` in place of values."""

    name = "duckdb"
    supports_native_decimal = True
    default_paramstyle = "qmark"
    supports_statement_cache = True


_DIALECT = DuckDBDialect(paramstyle="qmark")


def render_duckdb(statement: ClauseElement) -> tuple[str, list[Any]]:
    """The text of a statement or an expression for DuckDB, and the values of its `?` in order."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    values, processors = compiled.construct_params(), compiled._bind_processors
    names = compiled.positiontup or ()
    return str(compiled), [_converted(values[name], processors.get(name)) for name in names]


def _converted(value: Any, processor: Any) -> Any:
    return processor(value) if processor is not None else value

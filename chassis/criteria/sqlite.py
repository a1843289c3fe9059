"""What SQLite must be taught before it can answer a criterion."""

from __future__ import annotations

from typing import Any

from chassis.criteria.folding import fold


def register_sqlite_functions(connection: Any) -> None:
    """Teach a new SQLite connection (of the sqlite3 module) the fold; the engine calls this on connect."""
    connection.create_function("criteria_fold", 1, _fold_or_null, deterministic=True)


def _fold_or_null(text: str | None) -> str | None:
    return None if text is None else fold(text)

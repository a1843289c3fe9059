"""Unique values in a dry run: a row that would break one is wrong, as the import itself would find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from services.customer.model.mapping.rules import CREATE, UPDATE
from services.customer.store.imports.staging import Staging
from services.customer.usecases.imports.doubles import Verdict
from services.customer.usecases.imports.plan import Part

if TYPE_CHECKING:
    from services.customer.usecases.imports.rows import PartReader

_ASKED_AT_ONCE = 400


def refuse_taken(connection: Connection, staging: Staging, part: Part, reader: PartReader,
                 verdicts: Sequence[Verdict], start: int) -> dict[str, int]:
    """Refuse rows whose unique values stand already, in the table or earlier in the sheet; returns the new words."""
    fresh: dict[str, int] = {}
    for name in {name for name, target in part.targets.items() if target.unique}:
        writing = [verdict for verdict in verdicts
                   if verdict.action in (CREATE, UPDATE) and name in verdict.row.values and verdict.into is None]
        owners = _owners(connection, part, name, {verdict.row.values[name] for verdict in writing})
        words = {_word(part, name, verdict.row.values[name]) for verdict in writing}
        earlier = staging.seen(list(words), start)
        for verdict in writing:
            value = verdict.row.values[name]
            word = _word(part, name, value)
            stands = owners.get(value, verdict.record_id) != verdict.record_id
            if stands or ((word in earlier or word in fresh) and verdict.action == CREATE):
                verdict.refuse([reader.error(name, "not_unique", {})])
            else:
                fresh.setdefault(word, verdict.row.number)
    return fresh


def _owners(connection: Connection, part: Part, name: str, values: Iterable[Any]) -> dict[Any, str]:
    record_type = part.record_type
    column, wanted, found = record_type.columns[name], sorted(values), {}
    for chunk in (wanted[start:start + _ASKED_AT_ONCE] for start in range(0, len(wanted), _ASKED_AT_ONCE)):
        query = select(column, record_type.table.c.id).where(column.in_(chunk))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def _word(part: Part, name: str, value: Any) -> str:
    return f"\x1e{part.spelled(name)}\x1f{value}"

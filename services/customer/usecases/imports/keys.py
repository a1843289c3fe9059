"""Finding records by a chosen key instead of the duplicate rules: the id, a number, a unique or an indexed field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from services.customer.model.mapping.rules import CREATE, UPDATE_ONLY
from services.customer.store.match_keys import holders
from services.customer.usecases.imports.doubles import KEY, Holders, Keys
from services.customer.usecases.imports.plan import Plan
from services.customer.usecases.imports.rows import PartReader, ReadRow

_ASKED_AT_ONCE, _MOST_HOLDERS = 400, 5


def held_by(connection: Connection, plan: Plan, keys: Sequence[Keys]) -> Holders:
    """Which records have the keys of some rows, by the rules or by the chosen key."""
    if plan.run.key is None:
        return holders(connection, plan.record_type.definition, keys)
    return _holders_of(connection, plan, sorted({one[KEY] for one in keys if KEY in one}))


def check_keys(plan: Plan, reader: PartReader, rows: Sequence[ReadRow], keys: Sequence[Keys], held: Holders) -> None:
    """Refuse rows whose key is lacking, means several records, or is one that only the system gives and means none."""
    name = plan.run.key
    if name is None or plan.run.duplicates == CREATE:
        return
    given_by_system = plan.main.targets[name].key_only
    for row, some in zip(rows, keys, strict=True):
        if row.errors:
            continue
        found = held.get((KEY, some[KEY]), ()) if some else None
        if found is None and plan.run.duplicates == UPDATE_ONLY:
            row.errors.append(reader.error(name, "key_missing", {}))
        elif found is not None and len(found) > 1:
            row.errors.append(reader.error(name, "key_ambiguous", {}))
        elif found is not None and not found and given_by_system:
            row.errors.append(reader.error(name, "key_unknown", {}))


def _holders_of(connection: Connection, plan: Plan, texts: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    name, table = plan.run.key, plan.record_type
    column: Any = table.columns[name]
    is_number = name in table.fields and table.fields[name].type == "integer"
    found: dict[tuple[str, str], list[str]] = {}
    for start in range(0, len(texts), _ASKED_AT_ONCE):
        chunk = [int(text) if is_number else text for text in texts[start:start + _ASKED_AT_ONCE]]
        query = select(column, table.table.c.id).where(column.in_(chunk)).limit(_ASKED_AT_ONCE * _MOST_HOLDERS)
        for value, id in connection.execute(query):
            found.setdefault((KEY, str(value)), []).append(id)
    return found

"""Match keys: kept beside the records, so that looking for a duplicate is one question to an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, tuple_

from chassis.db import UnitOfWork
from chassis.db.bulk import copied
from services.customer.model.matching import match_keys
from services.customer.model.objects import ObjectDef
from services.customer.store.record_type import Record
from services.customer.store.tables import match_key

_FORGET_RULE = delete(match_key).where(match_key.c.record_id == bindparam("record"),
                                       match_key.c.rule == bindparam("of_rule"))
_FORGET_RECORDS = delete(match_key).where(match_key.c.record_id.in_(bindparam("records", expanding=True)))
_CHUNK = 400
_MOST_HOLDERS = 25
_SEPARATOR = "\x1e"  # in no key: values have no control characters, and parts are joined by another one
_HOLDERS = text("""
    SELECT asked.rule, asked.key, held.record_id
    FROM unnest(string_to_array(:rules, chr(30)), string_to_array(:keys, chr(30))) AS asked (rule, key)
    CROSS JOIN LATERAL (SELECT record_id FROM match_key
                        WHERE object = :object AND rule = asked.rule AND key = asked.key LIMIT :most) AS held
""")  # one look-up per key whatever the statistics say, and one statement however many keys are asked for


def add_keys(uow: UnitOfWork, definition: ObjectDef, records: Iterable[Record],
             known: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Keep the keys of new records; `known` are the keys by the records' ids, for who has them already."""
    if not definition.matchers:
        return
    of_each = ((record["id"], known[record["id"]] if known else match_keys(definition, record)) for record in records)
    rows = [(id, rule, key) for id, keys in of_each for rule, key in keys.items()]
    if uow.copies(len(rows)):
        middles = {one.rule: f"\t{copied(one.rule)}\t{definition.name}\t" for one in definition.matchers}
        uow.copy(match_key, (f"{id}{middles[rule]}{copied(key)}" for id, rule, key in rows))
    elif rows:
        uow.insert_many(match_key, [_row(definition, *row) for row in rows])


def change_keys(uow: UnitOfWork, definition: ObjectDef, pairs: Iterable[tuple[Record, Record]]) -> None:
    """Renew the keys of changed records, given as (before, after)."""
    if not definition.duplicate_rules:
        return
    gone: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for before, after in pairs:
        old_keys, new_keys = match_keys(definition, before), match_keys(definition, after)
        for rule in old_keys.keys() | new_keys.keys():
            if old_keys.get(rule) == new_keys.get(rule):
                continue
            if rule in old_keys:
                gone.append({"record": after["id"], "of_rule": rule})
            if rule in new_keys:
                new.append(_row(definition, after["id"], rule, new_keys[rule]))
    uow.later(_FORGET_RULE, gone)
    if new:
        uow.insert_many(match_key, new)


def forget_keys(uow: UnitOfWork, definition: ObjectDef, ids: Sequence[str]) -> None:
    """Forget the keys of deleted records."""
    if definition.duplicate_rules and ids:
        uow.execute(_FORGET_RECORDS, {"records": list(ids)})


def holders(connection: Connection, definition: ObjectDef,
            wanted: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(rule, key) → ids of the records that have it, for all keys of all `wanted`; set-based."""
    pairs = sorted({pair for keys in wanted for pair in keys.items()})
    if connection.dialect.name != "sqlite":
        return _gathered(_ask_postgres(connection, definition.name, pairs) if pairs else ())
    return _gathered(row for start in range(0, len(pairs), _CHUNK)
                     for row in _ask_sqlite(connection, definition.name, pairs[start:start + _CHUNK]))


def _gathered(rows: Iterable[Any]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for rule, key, record_id in rows:
        found.setdefault((rule, key), []).append(record_id)
    return {pair: sorted(ids) for pair, ids in found.items()}


def _ask_postgres(connection: Connection, object_name: str, pairs: Sequence[tuple[str, str]]) -> Iterable[Any]:
    rules, keys = zip(*pairs, strict=True)
    return connection.execute(_HOLDERS, {"rules": _SEPARATOR.join(rules), "keys": _SEPARATOR.join(keys),
                                         "object": object_name, "most": _MOST_HOLDERS})


def _ask_sqlite(connection: Connection, object_name: str, pairs: Sequence[tuple[str, str]]) -> Iterable[Any]:
    return connection.execute(
        select(match_key.c.rule, match_key.c.key, match_key.c.record_id)
        .where(match_key.c.object == object_name, tuple_(match_key.c.rule, match_key.c.key).in_(pairs))
        .order_by(match_key.c.record_id).limit(_CHUNK * _MOST_HOLDERS))


def _row(definition: ObjectDef, record_id: str, rule: str, key: str) -> dict[str, Any]:
    return {"record_id": record_id, "rule": rule, "object": definition.name, "key": key}

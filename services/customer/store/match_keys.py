"""Match keys: kept beside the records, so that looking for a duplicate is one question to an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Connection, any_, bindparam, delete, select

from chassis.db import UnitOfWork
from chassis.db.types import PlainText
from services.customer.model.matching import match_keys
from services.customer.model.objects import ObjectDef
from services.customer.store.record_type import Record
from services.customer.store.tables import match_key

_INSERT = match_key.insert()
_FORGET_RULE = delete(match_key).where(match_key.c.record_id == bindparam("record"),
                                       match_key.c.rule == bindparam("of_rule"))
_FORGET_RECORDS = delete(match_key).where(match_key.c.record_id.in_(bindparam("records", expanding=True)))
_CHUNK = 400
_ASK = (select(match_key.c.key, match_key.c.record_id)
        .where(match_key.c.object == bindparam("of"), match_key.c.rule == bindparam("by"))
        .order_by(match_key.c.record_id).limit(_CHUNK * 25))
_HOLDERS = {  # one array on PostgreSQL: the statement stays the same, however many keys are asked for
    "postgresql": _ASK.where(match_key.c.key == any_(bindparam("keys", type_=ARRAY(PlainText())))),
    "sqlite": _ASK.where(match_key.c.key.in_(bindparam("keys", expanding=True))),
}


def add_keys(uow: UnitOfWork, definition: ObjectDef, records: Iterable[Record]) -> None:
    """Keep the keys of new records."""
    if not definition.duplicate_rules:
        return
    rows = [_row(definition, record["id"], rule, key)
            for record in records for rule, key in match_keys(definition, record).items()]
    if rows:
        uow.insert_many(match_key, rows)


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
    if gone:
        uow.execute(_FORGET_RULE, gone)
    if new:
        uow.execute(_INSERT, new)


def forget_keys(uow: UnitOfWork, definition: ObjectDef, ids: Sequence[str]) -> None:
    """Forget the keys of deleted records."""
    if definition.duplicate_rules and ids:
        uow.execute(_FORGET_RECORDS, {"records": list(ids)})


def holders(connection: Connection, definition: ObjectDef,
            wanted: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(rule, key) → ids of the records that have it, for all keys of all `wanted`; set-based."""
    by_rule: dict[str, set[str]] = {}
    for keys in wanted:
        for rule, key in keys.items():
            by_rule.setdefault(rule, set()).add(key)
    found: dict[tuple[str, str], list[str]] = {}
    for rule, keys_of_rule in by_rule.items():
        ordered = sorted(keys_of_rule)
        for start in range(0, len(ordered), _CHUNK):
            asked = {"of": definition.name, "by": rule, "keys": ordered[start:start + _CHUNK]}
            for key, record_id in connection.execute(_HOLDERS[connection.dialect.name], asked):
                found.setdefault((rule, key), []).append(record_id)
    return found


def _row(definition: ObjectDef, record_id: str, rule: str, key: str) -> dict[str, Any]:
    return {"record_id": record_id, "rule": rule, "object": definition.name, "key": key}

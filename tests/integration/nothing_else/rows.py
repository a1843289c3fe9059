"""Every row of every table of the service, and what has become of them.

What is not compared, because it says that something was done and not what stands:

- *Clockwork*: jobs, counters, statistics of lists, pieces of work that wait (all of them are worked off before).
- *Marks of a write*: version, `updated_at` and `updated_by` of a record only go forward, an undo included; the moment
  at which a record has entered a segment, and at which a file has changed its state, is that of the last time.

History, events, passages, remembered answers and what operations keep of themselves are *books*: rows may be added to
them, and the row of an operation itself may go on; nothing that was written before may change or go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from chassis.jsonio import dump_bytes

CLOCKWORK = frozenset({
    "job", "number_counter", "list_shape", "list_index", "schedule_state", "search_state", "search_due",
    "calculation_due", "calculation_day", "segment_due", "import_mapping", "sqlite_sequence", "alembic_version"})
BOOKS = frozenset({
    "outbox", "record_change", "timeline_entry", "pool_passage", "segment_passage", "idempotency", "record_merge",
    "import_run", "import_chunk", "import_kept", "import_row_error", "bulk_run", "bulk_chunk", "bulk_refused",
    "bulk_kept", "handover", "handover_chunk", "handover_kept"})
MARKS = frozenset({"version", "updated_at", "updated_by"})
_LEFT_OUT = {"attachment": {"changed_at"}, "segment_member": {"entered_at"}, "search_entry": {"fts_id"}}
_ABOUT = ("record_id", "one", "other")
Key = tuple[str, ...]
Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """What has become of the rows of one table; `changed` are the rows before and after."""

    added: Mapping[Key, Row]
    gone: Mapping[Key, Row]
    changed: Mapping[Key, tuple[Row, Row]]

    @property
    def records(self) -> set[str]:
        """The records that the rows are about."""
        return {row[name] for row in self._rows() for name in _ABOUT if name in row} - {None}

    def others_than(self, named: set[str]) -> set[str]:
        """The records of rows that are about none of the named ones; a pair is about two."""
        return {row[name] for row in self._rows() if not named & {row[one] for one in _ABOUT if one in row}
                for name in _ABOUT if name in row}

    @property
    def columns(self) -> dict[str, set[str]]:
        """Record → its columns that have changed, for a table of records."""
        return {key[0]: {name for name in row if row[name] != after[name]}
                for key, (row, after) in self.changed.items()}

    def _rows(self) -> list[Row]:
        return [*self.added.values(), *self.gone.values(), *(row for pair in self.changed.values() for row in pair)]

    def __str__(self) -> str:
        told = [f"+ {row}" for row in self.added.values()] + [f"- {row}" for row in self.gone.values()]
        told += [f"{key}: {name} {was[name]!r} -> {now[name]!r}" for key, (was, now) in self.changed.items()
                 for name in was if was[name] != now[name]]
        return "\n".join(told)

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.changed)


Rows = dict[str, dict[Key, Row]]


def all_rows(service: Any) -> Rows:
    """Table → key → columns that are compared."""
    found: Rows = {}
    with service.db.read() as connection:
        for (_, table), keys in inspect(connection).get_multi_pk_constraint().items():
            if table not in CLOCKWORK and not table.startswith(("search_words", "directory_")):
                own = ["record_id"] if table == "search_entry" else keys["constrained_columns"]
                found[table] = _rows(connection, table, own)
    return found


def _rows(connection: Any, table: str, keys: Collection[str]) -> dict[Key, Row]:
    left_out = _LEFT_OUT.get(table, set()) | (MARKS if table.startswith("r_") else set())
    found, is_object = {}, table.startswith("r_")
    for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings():
        values = {name: _plain(value) for name, value in row.items() if name not in left_out}
        found[tuple(str(row[name]) for name in keys)] = values | ({"record_id": values["id"]} if is_object else {})
    return found


def _plain(value: Any) -> Any:
    """A value that can be compared, whatever the driver makes of it."""
    if isinstance(value, UUID):
        return str(value)
    return dump_bytes(value).decode() if isinstance(value, (dict, list)) else value


def differences(before: Rows, after: Rows) -> dict[str, Difference]:
    """Table → what has become of its rows, for the tables that are not the same."""
    assert before.keys() == after.keys(), "an operation makes and drops no tables"
    found = {table: _difference(before[table], after[table]) for table in before}
    return {table: one for table, one in found.items() if one}


def _difference(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> Difference:
    return Difference({key: row for key, row in after.items() if key not in before},
                      {key: row for key, row in before.items() if key not in after},
                      {key: (row, after[key]) for key, row in before.items() if key in after and row != after[key]})


def assert_same(before: Rows, after: Rows, *runs: str) -> None:
    """Everything stands as it stood, and the books have lost nothing."""
    found = differences(before, after)
    assert_books_only_grow(found, *runs)
    assert not standing(found), "\n".join(f"{table}\n{one}" for table, one in standing(found).items())


def assert_books_only_grow(found: Mapping[str, Difference], *runs: str, scrubbed: Collection[str] = ()) -> None:
    """Nothing that was written before has changed, but the rows of the operations `runs` and of `scrubbed` records."""
    for table in BOOKS & found.keys():
        lost = found[table].gone.keys() | found[table].changed.keys()
        assert {key for key in lost if key[0] not in {*runs, *scrubbed}} == set(), table


def standing(found: Mapping[str, Difference]) -> dict[str, Difference]:
    """What has become of everything that is no book."""
    return {table: one for table, one in found.items() if table not in BOOKS}

"""What the read model holds: which objects in which version, in which generation, up to which event.

Everything stands in the file itself and changes in the transaction that changes the rows. A generation is one whole
set of tables. Normally there is one; a rebuild fills a second while events go into both, and in the end takes the place
of the first in one transaction.

Reading all definitions costs more than most questions, so the state has a `shape`: another one with every change of
definitions, sharing or generation. Whoever finds the shape that was read last needs not read the objects again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import duckdb

from services.report.model.objects import ObjectModel
from services.report.model.sharing import Sharing
from services.report.store.read_model.file import ModelFile
from services.report.store.read_model.rates import (
    MAKE_RATES,
    USUAL_BASE,
    forget_rates,
    put_base,
    put_rates,
    read_base,
)
from services.report.store.read_model.rows import RecordRow, put_rows
from services.report.store.read_model.scores import MAKE_SCORES
from services.report.store.read_model.shares import (
    MAKE_SHARING,
    any_shares,
    forget_sharing,
    put_sharing,
    read_sharing_rules,
)

SCHEMA = 5
_MAKE = (
    """CREATE TABLE IF NOT EXISTS state (schema INTEGER, generation BIGINT, building BIGINT, complete BOOLEAN,
       wanted BOOLEAN, last_event_at TIMESTAMPTZ, taken_at TIMESTAMPTZ, shape UUID)""",
    "CREATE TABLE IF NOT EXISTS catalog (object VARCHAR, generation BIGINT, definition VARCHAR)",
    *MAKE_SHARING,
    *MAKE_RATES,
    *MAKE_SCORES,
)
_FIRST = "INSERT INTO state SELECT ?, 1, NULL, false, true, NULL, NULL, uuid() WHERE NOT EXISTS (SELECT 1 FROM state)"


@dataclass(frozen=True)
class State:
    """Where the read model stands.

    `complete`: it was built from the record store once and has followed since; `wanted`: a rebuild is asked for.
    `last_event_at` is when the newest event happened, `taken_at` when it was taken in; `shape` stands for all objects
    as they are.
    """

    schema: int
    generation: int
    building: int | None
    complete: bool
    wanted: bool
    shape: UUID
    last_event_at: datetime | None
    taken_at: datetime | None

    @property
    def live_generations(self) -> tuple[int, ...]:
        """Where events go."""
        return (self.generation,) if self.building is None else (self.generation, self.building)


@dataclass(frozen=True)
class View:
    """The state and the objects at one moment, for readers."""

    state: State
    objects: Mapping[str, ObjectModel]
    base: str  # the company's currency


class ReadModel:
    """The read model of this process."""

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        self.strangers: dict[str, frozenset[str]] = {}  # members of records that no definition explains
        self._last: View | None = None

    def open(self, wait: float = 0.0) -> None:
        """Open the file and make what it needs; a file of another layout is thrown away."""
        self.file.open(wait)
        if not self._is_ours():
            self.file.discard()
        with self.file.writing() as cursor:
            for statement in _MAKE:
                cursor.execute(statement)
            cursor.execute(_FIRST, [SCHEMA])

    def _is_ours(self) -> bool:
        with self.file.reading() as cursor:
            tables = {name for (name,) in cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            if "state" not in tables:
                return not tables
            row = cursor.execute("SELECT schema FROM state").fetchone()
            return row is not None and row[0] == SCHEMA

    # -- looking -----------------------------------------------------------------------------------

    def view(self) -> View:
        """The state and the objects that questions may be about."""
        with self.file.reading() as cursor:
            return self.view_on(cursor)

    def view_on(self, cursor: duckdb.DuckDBPyConnection) -> View:
        """The same on the snapshot of a cursor."""
        state, last = _read_state(cursor), self._last
        known = last is not None and last.state.shape == state.shape
        base = last.base if known else read_base(cursor, state.generation) or USUAL_BASE
        view = View(state, last.objects if known else _read_objects(cursor, state), base)
        self._last = view
        return view

    def find(self, name: str) -> ObjectModel | None:
        """An object that questions may be about."""
        return self.view().objects.get(name)

    def counts(self) -> dict[str, int]:
        """Object → records that stand."""
        with self.file.reading() as cursor:
            objects = self.view_on(cursor).objects
            return {name: cursor.execute(
                f'SELECT count(*) FROM "{model.table.name}" WHERE NOT deleted').fetchone()[0]  # noqa: S608
                for name, model in sorted(objects.items())}

    # -- following events --------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Any:
        """A transaction on the model: yields a `Writer`."""
        with self.file.writing() as cursor:
            writer = Writer(cursor)
            yield writer
            writer.finish()


class Writer:
    """The model inside one writing transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._reshaped = False
        self.state = _read_state(cursor)

    def finish(self) -> None:
        """Tell those who know the objects when they are no more what they were; called once, at the end."""
        if self._reshaped:
            self._cursor.execute("UPDATE state SET shape = uuid()")

    def models(self, name: str) -> list[ObjectModel]:
        """The object in every generation that events go into."""
        return _models(self._cursor, "object = ? AND generation IN (SELECT unnest(?::BIGINT[]))",
                       [name, list(self.state.live_generations)])

    def define(self, definition: Mapping[str, Any], generations: Sequence[int] | None = None) -> None:
        """Take in a definition; an older one than stands changes nothing."""
        for generation in self.state.live_generations if generations is None else generations:
            known = _models(self._cursor, "object = ? AND generation = ?", [definition["name"], generation])
            if not known:
                self._create(ObjectModel(definition, generation))
            elif known[0].version <= definition["version"]:
                self._alter(known[0], ObjectModel(definition, generation))

    def drop(self, name: str, generations: Sequence[int] | None = None) -> None:
        """Take an object away."""
        for generation in self.state.live_generations if generations is None else generations:
            self._reshaped = True
            self._cursor.execute(f'DROP TABLE IF EXISTS "o{int(generation)}_{name}"')
            self._cursor.execute("DELETE FROM catalog WHERE object = ? AND generation = ?", [name, generation])

    def put(self, name: str, rows: Sequence[RecordRow], generations: Sequence[int] | None = None) -> None:
        """Bring records into every generation that has the object, or into some."""
        for model in self.models(name):
            if generations is None or model.generation in generations:
                put_rows(self._cursor, model, rows)

    def share(self, shares: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]],
              generations: Sequence[int] | None = None) -> None:
        """Take in shares and sharing rules; an older version than stands changes nothing."""
        if not shares and not rules:
            return
        self._reshaped = True
        for generation in self.state.live_generations if generations is None else generations:
            put_sharing(self._cursor, generation, shares, rules)

    def convert(self, base: str, rates: Sequence[Mapping[str, Any]], *, by_event: bool = True,
                generations: Sequence[int] | None = None) -> None:
        """Take in the base currency and exchange rates; an older rate than stands changes nothing."""
        self._reshaped = True
        for generation in self.state.live_generations if generations is None else generations:
            put_base(self._cursor, generation, base, by_event=by_event)
            put_rates(self._cursor, generation, rates)

    def follow(self, last_event_at: datetime, taken_at: datetime) -> None:
        """Note up to which event the model has come."""
        self._cursor.execute("UPDATE state SET last_event_at = greatest(last_event_at, ?), taken_at = ?",
                             [last_event_at, taken_at])

    def want_rebuild(self) -> None:
        """Ask for a rebuild: something may be missing."""
        self._cursor.execute("UPDATE state SET wanted = true")

    # -- rebuilding --------------------------------------------------------------------------------

    def begin(self) -> int:
        """Open a new generation that events go into from now on; returns its number."""
        if self.state.building is not None:
            self._forget(self.state.building)
        number = max(self.state.live_generations) + 1
        self._cursor.execute("UPDATE state SET building = ?", [number])
        return number

    def switch(self, started_at: datetime) -> None:
        """Let the new generation answer and drop the old one."""
        if self.state.building is None:
            return
        self._reshaped = True
        self._forget(self.state.generation)
        self._cursor.execute("UPDATE state SET generation = building, building = NULL, complete = true, wanted = false,"
                             " last_event_at = greatest(last_event_at, ?)", [started_at])

    def keep_tombstones(self, name: str, generation: int) -> None:
        """Carry the memory of deleted records over into the new generation."""
        models = {model.generation: model for model in self.models(name)}
        old, new = models.get(self.state.generation), models.get(generation)
        if old is not None and new is not None and old is not new:
            self._cursor.execute(
                f'INSERT INTO "{new.table.name}" BY NAME SELECT id, version, deleted FROM "{old.table.name}" AS old '  # noqa: S608
                f'WHERE deleted AND NOT EXISTS (SELECT 1 FROM "{new.table.name}" AS new WHERE new.id = old.id)')

    # -- tables ------------------------------------------------------------------------------------

    def _create(self, model: ObjectModel) -> None:
        self._reshaped = True
        columns = ", ".join([*(f'"{plan.name}" {plan.duckdb}' for plan in model.plans), "deleted BOOLEAN"])
        self._cursor.execute(f'CREATE TABLE "{model.table.name}" ({columns})')
        self._cursor.execute("INSERT INTO catalog VALUES (?, ?, ?)",
                             [model.name, model.generation, json.dumps(model.definition)])

    def _alter(self, old: ObjectModel, new: ObjectModel) -> None:
        self._reshaped = True
        before = {plan.name: plan.duckdb for plan in old.plans}
        after = {plan.name: plan.duckdb for plan in new.plans}
        for name, kind in before.items():
            if after.get(name) != kind:
                self._cursor.execute(f'ALTER TABLE "{new.table.name}" DROP COLUMN "{name}"')
        for name, kind in after.items():
            if before.get(name) != kind:
                self._cursor.execute(f'ALTER TABLE "{new.table.name}" ADD COLUMN "{name}" {kind}')
        self._cursor.execute("UPDATE catalog SET definition = ? WHERE object = ? AND generation = ?",
                             [json.dumps(new.definition), new.name, new.generation])

    def _forget(self, generation: int) -> None:
        for model in _models(self._cursor, "generation = ?", [generation]):
            self.drop(model.name, [generation])
        forget_sharing(self._cursor, generation)
        forget_rates(self._cursor, generation)


def _read_objects(cursor: duckdb.DuckDBPyConnection, state: State) -> Mapping[str, ObjectModel]:
    objects = {model.name: model for model in _models(cursor, "generation = ?", [state.generation])}
    rules, any_share = read_sharing_rules(cursor, state.generation), any_shares(cursor, state.generation)
    for model in objects.values():
        model.sharing = Sharing(tuple(rules.get(model.name, ())), state.generation, any_share, objects)
    return objects


def _models(cursor: duckdb.DuckDBPyConnection, condition: str, values: Sequence[Any]) -> list[ObjectModel]:
    rows: Iterable[Any] = cursor.execute(
        f"SELECT definition, generation FROM catalog WHERE {condition} ORDER BY generation, object",  # noqa: S608
        list(values)).fetchall()
    return [ObjectModel(json.loads(definition), generation) for definition, generation in rows]


def _read_state(cursor: duckdb.DuckDBPyConnection) -> State:
    row = cursor.execute("SELECT schema, generation, building, complete, wanted, shape, "
                         "timezone('UTC', last_event_at), timezone('UTC', taken_at) FROM state").fetchone()
    assert row is not None
    *first, last_event_at, taken_at = row
    return State(*first, _aware(last_event_at), _aware(taken_at))


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)

"""Judging ahead: while the database takes a chunk in, the next one is read and judged by the thread that reads ahead.

It asks what is committed, and knows of the chunk that is on its way by the keys of its rows. That holds as long as the
rows of that chunk become records as expected and no other import is at work; else the chunk is judged
again, in its own unit of work and in the import's turn. What people enter between the two is found as little as what
they enter while a chunk is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.mapping.rules import CREATE, UPDATING
from services.customer.store.imports.runs import any_other
from services.customer.usecases.imports.doubles import Judge, Keys, Pair, Verdict, keys_of
from services.customer.usecases.imports.keys import check_keys, held_by
from services.customer.usecases.imports.passes import Rows
from services.customer.usecases.imports.plan import Plan
from services.customer.usecases.imports.rows import PartReader, ReadRow, SheetReader
from services.customer.usecases.imports.states import IMPORTING

if TYPE_CHECKING:
    from chassis.service import Service

Read = Sequence[tuple[ReadRow, Keys]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are read, with their match keys; `verdicts` are those of `judged_at`, where one can judge ahead."""

    read: Read
    judged_at: datetime
    verdicts: list[Verdict] | None


class JudgingAhead:
    """Reads chunks, and judges those of imports that only create; `read` is called by another thread."""

    def __init__(self, service: Service, plan: Plan, reader: SheetReader) -> None:
        self._service, self._plan, self._reader = service, plan, reader
        self._can = not (service.db.is_sqlite or plan.related or reader.looks_back or plan.run.key is not None
                         or plan.run.duplicates in UPDATING)
        self._earlier: dict[Pair, int] = {}
        self._expected, self._as_expected = 0, True

    def read(self, rows: Rows) -> Chunk:
        """Read the next chunk; called once `expect` has told what becomes of the one before it."""
        judged_at = utcnow()
        with self._service.db.read() as connection:
            found = self._reader.read(connection, rows)
            keys = keys_of(self._plan.record_type.definition, found, self._plan.run)
            read = list(zip(found, keys, strict=True))
            verdicts = judge(connection, self._plan, self._reader.main, read, self._earlier) if self._can else None
        return Chunk(read, judged_at, verdicts)

    def verdicts(self, uow: UnitOfWork, chunk: Chunk) -> list[Verdict] | None:
        """What was found ahead, if it still holds; asked in the import's turn."""
        holds = chunk.verdicts is not None and self._as_expected and not any_other(
            uow.connection, self._plan.run.id, IMPORTING, chunk.judged_at)
        return chunk.verdicts if holds else None

    def expect(self, verdicts: Sequence[Verdict]) -> None:
        """Tell what is about to be written."""
        self._expected = _creations(verdicts)
        self._earlier = {pair: verdict.row.number for verdict in reversed(verdicts) if verdict.action == CREATE
                         for pair in verdict.keys.items()}  # backwards, so that the first row with a key stays

    def written(self, verdicts: Sequence[Verdict]) -> None:
        """Tell what was written of it."""
        self._as_expected = self._expected == _creations(verdicts)


def _creations(verdicts: Sequence[Verdict]) -> int:
    return sum(verdict.action == CREATE for verdict in verdicts)


def judge(connection: Connection, plan: Plan, reader: PartReader, read: Read,
          earlier: dict[Pair, int] | None = None) -> list[Verdict]:
    """The verdicts on the imported object's rows; `earlier` are keys of rows that are on their way."""
    keys = [some for _, some in read]
    held = held_by(connection, plan, keys)
    check_keys(plan, reader, [row for row, _ in read], keys, held)
    one = Judge(plan.run.duplicates, held, earlier or {}, reader.complain_of_lacks)
    return [one.judge(row, some) for row, some in read]

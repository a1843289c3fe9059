"""Which rows are new and which are there already: by the object's duplicate rules, in the database and in the sheet.

Rules are asked in their order; the first that finds something decides. A row that repeats an earlier row of its own
chunk is melted into it when records are to be updated, so one unit of work never touches a record twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.customer.model.mapping.rules import CREATE, SKIP, UPDATE
from services.customer.model.matching import match_keys
from services.customer.model.objects import ObjectDef
from services.customer.usecases.imports.rows import ReadRow, Values

FAILED = "failed"
OUTCOMES = (CREATE, UPDATE, SKIP, FAILED)
Holders = Mapping[tuple[str, str], Sequence[str]]
Pair = tuple[str, str]


@dataclass(slots=True)
class Verdict:
    """What shall become of a row; `into` is the earlier row that writes for this one, too."""

    row: ReadRow
    action: str
    values: Values = field(default_factory=dict)
    record_id: str | None = None
    into: Verdict | None = None

    def refuse(self, errors: list[dict[str, Any]]) -> None:
        """Count the row among the wrong ones after all."""
        self.action = FAILED
        self.row.errors += errors


def keys_of(definition: ObjectDef, rows: Sequence[ReadRow], duplicates: str) -> list[list[Pair]]:
    """The match keys of each row in the order of the rules; none when every row shall become a record."""
    if duplicates == CREATE:
        return [[] for _ in rows]
    return [list(match_keys(definition, row.values).items()) for row in rows]


class Judge:
    """Judges the good rows of one chunk, in their order."""

    def __init__(self, duplicates: str, holders: Holders, earlier: set[Pair],
                 lacking: Callable[[ReadRow], None]) -> None:
        self._duplicates, self._holders, self._earlier, self._lacking = duplicates, holders, earlier, lacking
        self._in_chunk: dict[Pair, Verdict] = {}
        self._by_record: dict[str, Verdict] = {}
        self.fresh: dict[Pair, int] = {}

    def judge(self, row: ReadRow, keys: list[Pair]) -> Verdict:
        """The verdict on the next row; what it writes is found by the rows after it."""
        if row.errors:
            return Verdict(row, FAILED)
        verdict = self._matched(row, keys) or self._new(row)
        if verdict.action in (CREATE, UPDATE):
            for key in keys:
                self._in_chunk.setdefault(key, verdict.into or verdict)
                self.fresh.setdefault(key, row.number)
        return verdict

    def _matched(self, row: ReadRow, keys: list[Pair]) -> Verdict | None:
        for key in keys:
            held = self._holders.get(key)
            if not held and key not in self._in_chunk and key not in self._earlier:
                continue
            if self._duplicates == SKIP:
                return Verdict(row, SKIP)
            return self._update(row, held[0] if held else None, self._in_chunk.get(key))
        return None

    def _update(self, row: ReadRow, record_id: str | None, in_chunk: Verdict | None) -> Verdict:
        writer = self._by_record.get(record_id) if record_id else in_chunk
        if writer is not None:
            writer.values.update(row.values)
            return Verdict(row, UPDATE, into=writer)
        verdict = Verdict(row, UPDATE, dict(row.values), record_id)
        if record_id:
            self._by_record[record_id] = verdict
        return verdict

    def _new(self, row: ReadRow) -> Verdict:
        if row.lacks:
            self._lacking(row)
            return Verdict(row, FAILED)
        return Verdict(row, CREATE, dict(row.values))

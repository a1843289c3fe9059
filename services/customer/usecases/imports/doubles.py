"""Which rows are new and which are there already: by the object's duplicate rules, in the database and in the sheet.

An import may go by one key instead (`keys`). Rules are asked in their order; the first that finds something decides. A
row that repeats an earlier row of its own chunk is melted into it when records are to be updated, so one unit of work
never touches a record twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.customer.model.mapping.rules import CREATE, SKIP, UPDATE, UPDATE_ONLY
from services.customer.model.matching import match_keys
from services.customer.model.objects import ObjectDef
from services.customer.usecases.imports.rows import ReadRow, Values

if TYPE_CHECKING:
    from services.customer.usecases.imports.pieces import Piece

FAILED = "failed"
KEY = "="  # stands for a rule where an import goes by a chosen key
OUTCOMES = (CREATE, UPDATE, SKIP, FAILED)
Holders = Mapping[tuple[str, str], Sequence[str]]
Pair = tuple[str, str]
Keys = dict[str, str]


@dataclass(slots=True)
class Verdict:
    """What shall become of a row; `into` is the earlier row that writes for this one; `keys` are its match keys.

    In a dry run the record may be one that row number `earlier` would make. `pieces` are the row's records of other
    objects.
    """

    row: ReadRow
    action: str
    values: Values = field(default_factory=dict)
    record_id: str | None = None
    into: Verdict | None = None
    keys: Keys = field(default_factory=dict)
    earlier: int | None = None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """What the row counts as: who gets new records that point at him is brought up to date."""
        adds = self.action == SKIP and any(one.verdict.action in (CREATE, UPDATE) for one in self.pieces)
        return UPDATE if adds else self.action

    @property
    def root(self) -> Verdict:
        """The row that writes the record."""
        return self.into or self

    def refuse(self, errors: list[dict[str, Any]]) -> None:
        """Count the row among the wrong ones after all."""
        self.action = FAILED
        self.row.errors += errors


def keys_of(definition: ObjectDef, rows: Sequence[ReadRow], run: Any) -> list[Keys]:
    """The match keys of each row in the order of the rules; none when every row shall become a record.

    An import may go by some of the object's rules only.
    """
    if run.key is not None:
        return [{} if run.duplicates == CREATE or row.errors or row.key is None else {KEY: str(row.key)}
                for row in rows]
    found = [{} if run.duplicates == CREATE or row.errors else match_keys(definition, row.values) for row in rows]
    if run.match_by is None:
        return found
    return [{rule: key for rule, key in keys.items() if rule in run.match_by} for keys in found]


def final_keys(definition: ObjectDef, run: Any, verdicts: Sequence[Verdict]) -> list[Keys] | None:
    """The keys of new records, where those of their rows are all of theirs; else None."""
    matched = {name for matcher in definition.matchers for name in matcher.names}
    added = any(definition.ready[name].default is not None or not definition.ready[name].row.given for name in matched)
    if added or run.duplicates != SKIP or run.match_by is not None or run.key is not None:
        return None
    return [verdict.keys for verdict in verdicts]


class Judge:
    """Judges the good rows of one chunk, in their order."""

    def __init__(self, duplicates: str, holders: Holders, earlier: Mapping[Pair, int],
                 lacking: Callable[[ReadRow], None]) -> None:
        self._duplicates, self._holders, self._earlier, self._lacking = duplicates, holders, earlier, lacking
        self._in_chunk: dict[Pair, Verdict] = {}
        self._by_record: dict[str, Verdict] = {}

    @property
    def fresh(self) -> dict[Pair, int]:
        """The keys that rows of the chunk have, with the row that had each first."""
        return {key: verdict.earlier or verdict.row.number for key, verdict in self._in_chunk.items()}

    def judge(self, row: ReadRow, keys: Keys) -> Verdict:
        """The verdict on the next row; what it writes is found by the rows after it."""
        if row.errors:
            return Verdict(row, FAILED)
        verdict = self._matched(row, keys) or self._new(row, keys)
        if verdict.action in (CREATE, UPDATE):
            root, add = verdict.into or verdict, self._in_chunk.setdefault
            for key in keys.items():
                add(key, root)
        return verdict

    def _matched(self, row: ReadRow, keys: Keys) -> Verdict | None:
        pairs = keys.items()
        if self._in_chunk.keys().isdisjoint(pairs) and self._holders.keys().isdisjoint(pairs) and (
                self._earlier.keys().isdisjoint(pairs)):
            return None
        for key in keys.items():
            held = self._holders.get(key)
            if not held and key not in self._in_chunk and key not in self._earlier:
                continue
            record_id, in_chunk = held[0] if held else None, self._in_chunk.get(key)
            if self._duplicates == SKIP:
                return Verdict(row, SKIP, record_id=record_id, into=in_chunk, earlier=self._earlier.get(key))
            return self._update(row, record_id, in_chunk, self._earlier.get(key))
        return None

    def _update(self, row: ReadRow, record_id: str | None, in_chunk: Verdict | None, earlier: int | None) -> Verdict:
        writer = self._by_record.get(record_id) if record_id else in_chunk
        if writer is not None:
            writer.values.update(row.values)
            return Verdict(row, UPDATE, into=writer)
        verdict = Verdict(row, UPDATE, dict(row.values), record_id, earlier=earlier)
        if record_id:
            self._by_record[record_id] = verdict
        return verdict

    def _new(self, row: ReadRow, keys: Keys) -> Verdict:
        if self._duplicates == UPDATE_ONLY:
            return Verdict(row, SKIP)
        if row.lacks:
            self._lacking(row)
            return Verdict(row, FAILED)
        if self._duplicates == UPDATE:  # a later row may add to it
            return Verdict(row, CREATE, dict(row.values))
        return Verdict(row, CREATE, row.values, keys=keys)

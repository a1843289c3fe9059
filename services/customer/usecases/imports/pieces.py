"""The records of other objects that a row brings: whom they belong to, whether they are there already, writing them.

A piece is judged by the duplicate rules of its own object. One that no rule says anything about is there already when a
record that says the same belongs to the same record. When a piece is refused, so is its whole row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.db import UnitOfWork
from chassis.jsonio import dump_bytes
from services.customer.model.mapping.rules import CREATE, SKIP, UPDATE
from services.customer.model.matching import match_keys
from services.customer.store.match_keys import holders
from services.customer.store.record_type import Record
from services.customer.usecases.create_records import create_records
from services.customer.usecases.imports.doubles import FAILED, Judge, Keys, Pair, Verdict
from services.customer.usecases.imports.plan import Part, Plan
from services.customer.usecases.imports.rows import ReadRow, SheetReader
from services.customer.usecases.links import visible_ids
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

SAME = "=same"  # stands for a rule where none of the object's says anything
_ASKED_AT_ONCE, _MOST_COMPARED = 400, 20_000
Owner = Verdict | str | int  # who writes the record it belongs to, its id, or the row of a dry run that would make it
Seen = Callable[[Part, Sequence[Keys]], Mapping[Pair, int]]


@dataclass(slots=True)
class Piece:
    """One record of another object: the row that brings it, what it belongs to, what shall become of it."""

    part: Part
    row: Verdict
    owner: Owner
    verdict: Verdict

    @property
    def values(self) -> Record:
        """What is written, with the link to the record that it belongs to."""
        owner = self.owner.record_id if isinstance(self.owner, Verdict) else self.owner
        return {**self.verdict.values, self.part.link: owner}

    def refuse(self, errors: list[dict[str, Any]]) -> None:
        """The row is refused with its piece."""
        self.verdict.action = FAILED
        self.row.refuse(errors)


@dataclass
class Judged:
    """The pieces of a chunk by part, with the keys that they would be found by."""

    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    fresh: dict[tuple[str, Pair], int] = field(default_factory=dict)


def judge_pieces(connection: Connection, plan: Plan, reader: SheetReader, verdicts: Sequence[Verdict],
                 seen: Seen = lambda part, keys: {}) -> Judged:
    """Judge the pieces of rows that have been judged; `seen` knows keys of rows before these in a dry run."""
    judged = Judged()
    for part in plan.related:
        brought = [(verdict, row, owner) for verdict in verdicts if verdict.action != FAILED
                   and (row := verdict.row.parts.get(part.name)) and (owner := _owner(verdict)) is not None]
        keys = [_keys_of(plan, part, row, owner) for _, row, owner in brought]
        held = holders(connection, part.record_type.definition, [
            {rule: key for rule, key in some.items() if rule != SAME} for some in keys])
        held |= _saying_the_same(connection, part, brought, keys)
        judge = Judge(plan.run.duplicates, held, seen(part, keys), reader.of[part.name].complain_of_lacks)
        found = [Piece(part, verdict, owner, judge.judge(row, some))
                 for (verdict, row, owner), some in zip(brought, keys, strict=True)]
        judged.pieces[part.name] = found
        judged.fresh |= {(part.name, pair): number for pair, number in judge.fresh.items()}
        for piece in found:
            piece.row.pieces.append(piece)
            if piece.verdict.action == FAILED:
                piece.refuse(piece.verdict.row.errors)
    return judged


def refuse_unseen_pieces(connection: Connection, plan: Plan, reader: SheetReader, judged: Judged) -> None:
    """Records that the importer does not see are not his to add to, nor to update."""
    for part in plan.related:
        pieces = judged.pieces[part.name]
        for where, of in ((plan.record_type, _owner_id), (part.record_type, _updated_id)):
            wanted = {id for piece in pieces if (id := of(piece))}
            visible = visible_ids(connection, plan.principal, where, wanted) if wanted else set()
            for piece in pieces:
                if (id := of(piece)) and id not in visible and piece.verdict.action != FAILED:
                    piece.refuse([reader.of[part.name].error(None, "double_not_yours", {})])


def write_pieces(service: Service, uow: UnitOfWork, plan: Plan, verdicts: Iterable[Verdict],
                 settle: Callable[[Part, Sequence[Piece], Sequence[Any]], None]) -> None:
    """Write the pieces of rows whose records stand; `settle` takes in the results."""
    pieces = [piece for verdict in verdicts if verdict.action != FAILED for piece in verdict.pieces]
    for part in plan.related:
        mine = [piece for piece in pieces if piece.part is part and piece.verdict.into is None]
        new = [piece for piece in mine if piece.verdict.action == CREATE]
        old = [piece for piece in mine if piece.verdict.action == UPDATE]
        if new:
            settle(part, new, create_records(service, uow, plan.principal, part.record_type, [
                piece.values for piece in new], action="import", canonical=True))
        if old:
            settle(part, old, update_records(service, uow, plan.principal, part.record_type, [
                Patch(piece.verdict.record_id or "", piece.verdict.values) for piece in old]))


def _owner(verdict: Verdict) -> Owner | None:
    """What the pieces of a row belong to; None where no such record is, nor is to be."""
    root = verdict.root
    if root.record_id is not None:
        return root.record_id
    if root.earlier is not None:
        return root.earlier
    return None if root.action == SKIP else root


def _owner_id(piece: Piece) -> str | None:
    return piece.owner if isinstance(piece.owner, str) and piece.verdict.action == CREATE else None


def _updated_id(piece: Piece) -> str | None:
    return piece.verdict.record_id if piece.verdict.action == UPDATE else None


def _keys_of(plan: Plan, part: Part, row: ReadRow, owner: Owner) -> Keys:
    if plan.run.duplicates == CREATE:
        return {}
    whose = owner if isinstance(owner, str) else f"row {owner.row.number if isinstance(owner, Verdict) else owner}"
    keys = match_keys(part.record_type.definition, row.values | {part.link: whose})
    return keys or {SAME: hashlib.sha256(dump_bytes([whose, sorted(row.values.items())])).hexdigest()}


def _saying_the_same(connection: Connection, part: Part, brought: Sequence[tuple[Verdict, ReadRow, Owner]],
                     keys: Sequence[Keys]) -> dict[Pair, list[str]]:
    """Records that belong to the same record and have all values of a piece."""
    asked = [(row, owner, some[SAME]) for (_, row, owner), some in zip(brought, keys, strict=True)
             if SAME in some and isinstance(owner, str)]
    standing = _standing(connection, part, sorted({owner for _, owner, _ in asked}))
    found: dict[Pair, list[str]] = {}
    for row, owner, key in asked:
        for record in standing.get(owner, ()):
            if all(record[name] == value for name, value in row.values.items()):
                found.setdefault((SAME, key), []).append(record["id"])
    return found


def _standing(connection: Connection, part: Part, owners: Sequence[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    record_type = part.record_type
    link = record_type.columns[part.link]
    for start in range(0, len(owners), _ASKED_AT_ONCE):
        query = select(*record_type.table.c).where(link.in_(owners[start:start + _ASKED_AT_ONCE]))
        for row in connection.execute(query.order_by(record_type.table.c.id.desc()).limit(_MOST_COMPARED)):
            record = record_type.load(row)
            found.setdefault(record[part.link], []).append(record)
    return found

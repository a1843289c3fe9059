"""The dry run: what an import would do with each row, without touching a record.

Rows before the present chunk have written nothing, so the match keys and unique values that they would have written
are kept in the staging file and asked there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.db import UnitOfWork
from chassis.jobs import Job, JobCancelled
from services.customer.model.mapping.rules import UPDATE
from services.customer.store.imports.runs import add_errors, change_run, forget_errors, lock_run
from services.customer.store.imports.staging import Staging
from services.customer.usecases.imports.doubles import FAILED, Judge, Keys, Pair, Verdict, keys_of
from services.customer.usecases.imports.keys import check_keys, held_by
from services.customer.usecases.imports.passes import (
    Rows,
    chunks,
    record_chunk,
    run_pass,
    wrong_rows,
)
from services.customer.usecases.imports.pieces import judge_pieces, refuse_unseen_pieces
from services.customer.usecases.imports.plan import Part, Plan
from services.customer.usecases.imports.rows import PartReader, ReadRow, SheetReader
from services.customer.usecases.imports.states import CHECKED, CHECKING
from services.customer.usecases.imports.uniqueness import refuse_taken
from services.customer.usecases.links import visible_ids

if TYPE_CHECKING:
    from chassis.service import Service

PREVIEWED = 50


def check_job(service: Service, job: Job) -> None:
    """Judge every row of the sheet."""
    run_pass(service, job, CHECKING, lambda plan, staging: _check(service, job, plan, staging))


def _check(service: Service, job: Job, plan: Plan, staging: Staging) -> None:
    reader = SheetReader(service, plan)
    if "after" not in job.progress:
        staging.forget_seen()
    for rows in chunks(job, plan, staging):
        with service.db.read() as connection:
            verdicts = _judge(connection, plan, staging, reader, rows)
        with service.db.unit_of_work() as uow:
            _keep(uow, job, plan, rows, verdicts)
    with service.db.unit_of_work() as uow:
        if _still_checking(uow, plan.run.id):
            change_run(uow, plan.run.id, state=CHECKED)


def _judge(connection: Connection, plan: Plan, staging: Staging, reader: SheetReader, rows: Rows) -> list[Verdict]:
    """Judge a chunk; as often as rows are refused for one of their parts, for others may have built on them."""
    start, read = rows[0][0], reader.read(connection, rows)
    while True:
        verdicts, words = _judge_main(connection, plan, staging, reader.main, read, start)
        refused = sum(verdict.action == FAILED for verdict in verdicts)
        words |= _judge_related(connection, plan, staging, reader, verdicts, start)
        if refused == sum(verdict.action == FAILED for verdict in verdicts):
            staging.remember(words)
            return verdicts


def _judge_main(connection: Connection, plan: Plan, staging: Staging, reader: PartReader, read: Sequence[ReadRow],
                start: int) -> tuple[list[Verdict], dict[str, int]]:
    keys = keys_of(plan.record_type.definition, read, plan.run)
    held = held_by(connection, plan, keys)
    check_keys(plan, reader, read, keys, held)
    judge = Judge(plan.run.duplicates, held, _seen(staging, plan.main, keys, start), reader.complain_of_lacks)
    verdicts = [judge.judge(*one) for one in zip(read, keys, strict=True)]
    _refuse_unseen(connection, plan, reader, verdicts)
    taken = refuse_taken(connection, staging, plan.main, reader, verdicts, start)
    return verdicts, {_word("", key): number for key, number in judge.fresh.items()} | taken


def _judge_related(connection: Connection, plan: Plan, staging: Staging, reader: SheetReader,
                   verdicts: Sequence[Verdict], start: int) -> dict[str, int]:
    """Judge the records of other objects; returns the words by which later rows know them."""
    judged = judge_pieces(connection, plan, reader, verdicts, lambda part, keys: _seen(staging, part, keys, start))
    refuse_unseen_pieces(connection, plan, reader, judged)
    words = {_word(name, pair): number for (name, pair), number in judged.fresh.items()}
    for part in plan.related:
        pieces = judged.pieces[part.name]
        words |= refuse_taken(connection, staging, part, reader.of[part.name],
                              [piece.verdict for piece in pieces], start)
        for piece in pieces:
            if piece.verdict.action == FAILED and piece.row.action != FAILED:
                piece.refuse(piece.verdict.row.errors)
    return words


def _seen(staging: Staging, part: Part, keys: Sequence[Keys], start: int) -> dict[Pair, int]:
    words = {_word(part.name, pair): pair for some in keys for pair in some.items()}
    return {words[word]: number for word, number in staging.seen(list(words), start).items()}


def _word(part: str, pair: Pair) -> str:
    return f"{part}{pair[0]}\x1f{pair[1]}"


def _refuse_unseen(connection: Connection, plan: Plan, reader: PartReader, verdicts: Sequence[Verdict]) -> None:
    """A record that the importer does not see is not his to update."""
    ids = {verdict.record_id for verdict in verdicts if verdict.action == UPDATE and verdict.record_id}
    if not ids:
        return
    visible = visible_ids(connection, plan.principal, plan.record_type, ids)
    for verdict in verdicts:
        if verdict.record_id and verdict.record_id not in visible:
            verdict.refuse([reader.error(None, "double_not_yours", {})])


def _keep(uow: UnitOfWork, job: Job, plan: Plan, rows: Rows, verdicts: Sequence[Verdict]) -> None:
    run = lock_run(uow, plan.run.id)
    if run is None or run.state != CHECKING:
        raise JobCancelled(job.id)
    if "after" not in job.progress:
        forget_errors(uow, run.id)
    add_errors(uow, run.id, wrong_rows(verdicts))
    room = PREVIEWED - len(run.preview)
    shown = [_preview(verdict) for verdict in verdicts[:room]] if room > 0 else []
    record_chunk(uow, job, run, rows, verdicts, **({"preview": [*run.preview, *shown]} if shown else {}))


def _preview(verdict: Verdict) -> dict[str, Any]:
    row: ReadRow = verdict.row
    parts = [(f"{name}.", part) for name, part in row.parts.items()]
    labels = row.labels | {prefix + name: label for prefix, part in parts for name, label in part.labels.items()}
    shown = {"row": row.number, "action": verdict.outcome,
             "values": row.values | {prefix + name: value for prefix, part in parts
                                     for name, value in part.values.items()}}
    if labels:
        shown["labels"] = labels
    return shown | ({"errors": row.errors} if verdict.action == FAILED else {})


def _still_checking(uow: UnitOfWork, id: str) -> bool:
    run = lock_run(uow, id)
    return run is not None and run.state == CHECKING

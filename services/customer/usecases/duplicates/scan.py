"""The scan of one object for records that are alike: a job in two passes, each in pieces, resumed where it was.

The first pass writes down the block keys of every record; the second goes through the blocks in the order of their
keys, compares the records of each and keeps the pairs that reach the threshold. A block of more than `WINDOW` records
is not compared all with all: its records, in the order of their titles, are compared with their next neighbours. So
the work grows with the number of records, not with its square.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, select, update

from chassis.ahead import ReadingAhead
from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import Problem
from chassis.ids import new_id
from chassis.jobs import Job, JobCancelled, enqueue
from services.customer.model.likeness.scoring import blocks_of, forms_of, score
from services.customer.model.likeness.setup import Setup, read_setup, suggested
from services.customer.store.duplicates.pairs import Found, forget_unfound, keep_pairs
from services.customer.store.duplicates.tables import duplicate_block, duplicate_pair, duplicate_scan, duplicate_setup
from services.customer.store.record_type import Record, RecordType

if TYPE_CHECKING:
    from chassis.service import Service

SCAN = "customer.duplicates"
RUNNING, FINISHED, FAILED = "running", "finished", "failed"
WINDOW = 40
_NEIGHBOURS = 12
_PIECE = 1000
_LINES = 4000
_LOAD = 500


def start_scan(uow: UnitOfWork, record_type: RecordType) -> str:
    """Begin a scan; raises 409 while one of the same object runs. Returns its id."""
    if _is_running(uow, record_type.name):
        raise Problem(409, "scan_running")
    return _begin(uow, record_type.name)


def scan_soon(uow: UnitOfWork, object_name: str) -> None:
    """Have the object scanned: now, or behind the scan that runs, which may have passed what has just come."""
    if _is_running(uow, object_name):
        uow.execute(update(duplicate_scan).where(duplicate_scan.c.object == object_name).values(again=True))
    else:
        _begin(uow, object_name)


def _is_running(uow: UnitOfWork, object_name: str) -> bool:
    standing = uow.execute(select(duplicate_scan).where(duplicate_scan.c.object == object_name)
                           .with_for_update()).first()
    return standing is not None and standing.state == RUNNING


def _begin(uow: UnitOfWork, object_name: str) -> str:
    id = new_id()
    job_id = enqueue(uow, SCAN, {"object": object_name, "scan_id": id})
    row = {"object": object_name, "id": id, "job_id": job_id, "state": RUNNING, "records": 0, "pairs": 0,
           "started_at": utcnow(), "finished_at": None, "again": False}
    uow.execute(insert_or(uow, duplicate_scan).values(row).on_conflict_do_update(
        index_elements=["object"], set_={name: value for name, value in row.items() if name != "object"}))
    return id


def setup_of(connection: Any, record_type: RecordType) -> Setup:
    """What an administrator chose, as far as its fields are still there, or what the fields suggest."""
    body = connection.execute(select(duplicate_setup.c.body).where(
        duplicate_setup.c.object == record_type.name)).scalar()
    if body is None:
        return suggested(record_type.definition)
    fields = [one for one in body["fields"] if one["field"] in record_type.fields]
    if not fields:
        return suggested(record_type.definition)
    return read_setup(record_type.definition, body | {"fields": fields})


def scan_job(service: Service, job: Job) -> None:
    """Find the pairs of one object."""
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    if record_type is None:
        return
    with service.db.read() as connection:
        setup = setup_of(connection, record_type)
    compared = record_type.narrowed({*setup.fields, record_type.definition.title_field})
    if not job.progress.get("collected"):
        pieces = _pieces(service, compared, job.progress.get("after"))
        with closing(ReadingAhead(pieces, partial(_lines, job, setup))) as found:
            for records, lines in found:
                found.go_on()
                _collect(service, job, records, lines)
    if not job.progress.get("compared"):
        with closing(ReadingAhead(_blocks(service, job), partial(_load, service, compared))) as found:
            for piece, records in found:
                found.go_on()
                _compare(service, job, setup, compared, piece, records)
    with service.db.unit_of_work() as uow:
        _finish(uow, job, record_type)


def scan_given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Say that a scan has failed, and forget its scratch; the one that shall follow it is begun all the same."""
    uow.execute(update(duplicate_scan).where(duplicate_scan.c.id == job.payload["scan_id"]).values(
        state=FAILED, finished_at=utcnow()))
    _forget_blocks(uow, job)
    _begin_next(uow, job)


def _pieces(service: Service, record_type: RecordType, after: str | None) -> Iterator[list[Record]]:
    """The records behind one, in the order of their ids; the last piece is not full."""
    while True:
        query = record_type.selection.order_by(record_type.table.c.id).limit(_PIECE)
        if after is not None:
            query = query.where(record_type.table.c.id > after)
        with service.db.read() as connection:
            records = [record_type.load(row) for row in connection.execute(query)]
        yield records
        if len(records) < _PIECE:
            return
        after = records[-1]["id"]


def _lines(job: Job, setup: Setup, records: Sequence[Record]) -> list[dict[str, Any]]:
    """A line for each block of each record."""
    return [{"scan_id": job.payload["scan_id"], "key": key, "record_id": record["id"]}
            for record in records for key in {_number(one) for one in blocks_of(setup, forms_of(setup, record))}]


def _collect(service: Service, job: Job, records: Sequence[Record], lines: Sequence[dict[str, Any]]) -> None:
    with service.db.unit_of_work() as uow:
        if lines:
            uow.insert_many(duplicate_block, lines)
        seen = job.progress.get("records", 0) + len(records)
        _show_progress(uow, job, records=seen)
        job.save(uow, after=records[-1]["id"] if records else None, records=seen, collected=len(records) < _PIECE)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


class _Piece(NamedTuple):
    """Some blocks of two and more records, the key of the last line behind them, whether they are the last."""

    blocks: list[tuple[int, list[str]]]
    key: int | None
    is_last: bool


def _blocks(service: Service, job: Job) -> Iterator[_Piece]:
    """The blocks that are still to be compared, in the order of their keys."""
    lines = duplicate_block.c
    key, is_last = job.progress.get("key"), False
    while not is_last:
        query = select(lines.key, lines.record_id).where(lines.scan_id == job.payload["scan_id"])
        if key is not None:
            query = query.where(lines.key > key)
        with service.db.read() as connection:
            rows = connection.execute(query.order_by(lines.key, lines.record_id).limit(_LINES)).all()
        key, is_last = _last_key(rows, key), len(rows) < _LINES
        yield _Piece(_whole_blocks(rows), key, is_last)


def _compare(service: Service, job: Job, setup: Setup, record_type: RecordType, piece: _Piece,
             records: Mapping[str, Record]) -> None:
    found = _pairs(setup, record_type, piece.blocks, records)
    with service.db.unit_of_work() as uow:
        keep_pairs(uow, record_type.name, job.payload["scan_id"], found)
        job.save(uow, key=piece.key, compared=piece.is_last)


def _whole_blocks(rows: Sequence[Any]) -> list[tuple[int, list[str]]]:
    """Blocks of two and more; the last one may be cut off, so it waits for the next piece unless it is all there is."""
    last = rows[-1].key if len(rows) == _LINES and rows[0].key != rows[-1].key else None
    grouped = ((key, [row.record_id for row in group]) for key, group in groupby(rows, key=lambda row: row.key))
    return [(key, ids) for key, ids in grouped if key != last and len(ids) > 1]


def _last_key(rows: Sequence[Any], before: int | None) -> int | None:
    if not rows:
        return before
    if len(rows) < _LINES or rows[0].key == rows[-1].key:
        return rows[-1].key
    return next(row.key for row in reversed(rows) if row.key != rows[-1].key)


def _load(service: Service, record_type: RecordType, piece: _Piece) -> dict[str, Record]:
    """The records of some blocks by their ids, as far as they are still there."""
    records, ids = {}, sorted({id for _, ids in piece.blocks for id in ids})
    with service.db.read() as connection:
        for start in range(0, len(ids), _LOAD):
            query = record_type.selection.where(record_type.table.c.id.in_(ids[start:start + _LOAD]))
            for row in connection.execute(query):
                record = record_type.load(row)
                records[record["id"]] = record
    return records


def _pairs(setup: Setup, record_type: RecordType, blocks: Sequence[tuple[int, list[str]]],
           records: Mapping[str, Record]) -> list[Found]:
    forms = {id: forms_of(setup, record) for id, record in records.items()}
    title = record_type.definition.title_field
    wanted: set[tuple[str, str]] = set()
    for _, ids in blocks:
        known = [id for id in ids if id in records]
        wanted.update(_neighbours(known, lambda id: str(records[id].get(title) or "")))
    found: list[Found] = []
    for one, other in sorted(wanted):
        judged = score(setup, forms[one], forms[other], setup.threshold)
        if judged.value >= setup.threshold:
            reasons = [[name, reason, round(share * 100)] for name, reason, share in judged.reasons]
            found.append((one, other, round(judged.value * 1000), reasons))
    return found


def _neighbours(ids: list[str], title: Any) -> Iterator[tuple[str, str]]:
    reach = len(ids)
    if len(ids) > WINDOW:
        ids, reach = sorted(ids, key=title), _NEIGHBOURS
    for place, one in enumerate(ids):
        for other in ids[place + 1:place + 1 + reach]:
            yield (one, other) if one < other else (other, one)


def _show_progress(uow: UnitOfWork, job: Job, **values: Any) -> None:
    shown = uow.execute(update(duplicate_scan).where(duplicate_scan.c.id == job.payload["scan_id"]).values(values))
    if shown.rowcount != 1:
        raise JobCancelled(job.id)


def _finish(uow: UnitOfWork, job: Job, record_type: RecordType) -> None:
    forget_unfound(uow, record_type.name, job.payload["scan_id"])
    _forget_blocks(uow, job)
    pairs = uow.execute(select(func.count()).select_from(duplicate_pair).where(
        duplicate_pair.c.scan_id == job.payload["scan_id"])).scalar_one()
    _show_progress(uow, job, state=FINISHED, pairs=pairs, finished_at=utcnow())
    _begin_next(uow, job)


def _begin_next(uow: UnitOfWork, job: Job) -> None:
    """Begin the scan that was wished for while this one ran."""
    scan = duplicate_scan.c
    wished = uow.execute(select(scan.object).where(scan.id == job.payload["scan_id"], scan.again.is_(True))).scalar()
    if wished is not None:
        _begin(uow, wished)


def _forget_blocks(uow: UnitOfWork, job: Job) -> None:
    uow.execute(delete(duplicate_block).where(duplicate_block.c.scan_id == job.payload["scan_id"]))

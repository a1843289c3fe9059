"""Analyses are trained: read what there is, learn, score every record, and let the new version answer.

A version's scores are written in pieces while the version before goes on answering; only the last transaction makes the
new one answer. A job that is killed writes the scores of its version again from the start, so nothing stands twice.
What does not fit (a field is gone) and too little data are outcomes that are told, not errors that are tried again.
Versions before the last few are forgotten.

Each node has a file of its own. The node that trains a version writes its scores; every other one finds them missing
and learns the same from its own copy of the records, to write them under the same version.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, outerjoin, select, update

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.db.tables import job as job_table
from chassis.http.problem import Problem
from chassis.jobs import Job, enqueue
from chassis.service import of_node
from services.report.events import publish_trained
from services.report.metrics import TRAINED_AT, TRAINING_SECONDS, TRAININGS
from services.report.model.analysis.mapping import TRAINED, read_mapping
from services.report.queries.analysis.shown import find_analysis
from services.report.queries.answering import Asking, asking
from services.report.store.read_model.scores import Score, counted_scores, forget_scores, put_scores
from services.report.store.tables import analysis, analysis_model
from services.report.usecases.analysis.define import next_time
from services.report.usecases.analysis.learning import LEARNERS, Learned

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

TRAIN = "report.train_analysis"
TRAINING, READY, TOO_LITTLE, MISFIT, FAILED = "training", "ready", "too_little", "misfit", "failed"
SECONDS = 300.0
_AT_ONCE, _PIECE, _KEPT_VERSIONS = 10, 5000, 10
_OPEN = ("queued", "running")


def train_due(service: Service) -> None:
    """Begin what is due; it waits while the read model is built."""
    if not service.parts["read_model"].view().state.complete:
        return
    now = utcnow()
    due = (select(analysis).where(analysis.c.enabled.is_(True), analysis.c.kind.in_(TRAINED), analysis.c.next_at <= now)
           .order_by(analysis.c.next_at).limit(_AT_ONCE).with_for_update(skip_locked=True))
    with service.db.unit_of_work() as uow:
        for row in uow.execute(due).mappings().all():
            train_now(service, uow, row["id"])
            uow.execute(update(analysis).where(analysis.c.id == row["id"]).values(
                next_at=next_time(service, row["every"], now)))


def score_here(service: Service) -> None:
    """Begin to write the scores of versions that this node's file lacks: another node has trained them, or the file
    was lost. What is there of analyses that are gone is taken away."""
    model = service.parts["read_model"]
    if not model.view().state.complete:
        return
    with model.file.reading() as cursor:
        counts = counted_scores(cursor)
    answers = (analysis_model.c.analysis_id == analysis.c.id) & (analysis_model.c.number == analysis.c.model_number)
    with service.db.unit_of_work() as uow:
        rows = uow.execute(select(analysis.c.id, analysis.c.model_number, analysis_model.c.scored).select_from(
            outerjoin(analysis, analysis_model, answers)).where(analysis.c.kind.in_(TRAINED))).all()
        for id, number, scored in rows:
            if scored and (id, number) not in counts:
                train_now(service, uow, id, number)
    gone = {id for id, _ in counts} - {row.id for row in rows}
    if gone:
        with model.file.writing() as cursor:
            for id in gone:
                forget_scores(cursor, id)


def train_now(service: Service, uow: UnitOfWork, id: str, number: int | None = None) -> str:
    """Begin a training on this node unless one is under way; with `number` only to write the scores of that version.

    Returns the job's id either way.
    """
    kind = of_node(TRAIN, service.settings.node)
    under_way = uow.execute(select(job_table.c.id, job_table.c.payload).where(
        job_table.c.kind == kind, job_table.c.state.in_(_OPEN))).all()
    found = next((job for job, payload in under_way if payload["analysis_id"] == id
                  and (number is not None or payload.get("number") is None)), None)
    return found or enqueue(uow, kind, {"analysis_id": id, "number": number})


@dataclass
class Outcome:
    """How a training ended."""

    state: str
    card: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None
    scores: Iterable[Score] = field(default_factory=tuple)


def train(service: Service, job: Job) -> None:
    """The job."""
    started = time.monotonic()
    row = _begin(service, job)
    if row is None:
        return
    try:
        principal = Principal("service", service.name, timezone=service.settings.default_timezone)
        with asking(service, principal, "analysis", seconds=SECONDS) as at:
            outcome = _outcome(at, row)
            scored = _write(service, job, row["id"], outcome.scores)
    except Problem as problem:
        if problem.status >= 500:
            raise
        outcome, scored = Outcome(MISFIT, card={"misfit": misfit(problem)}), 0
    _end(service, job, row, outcome, scored, time.monotonic() - started)


def training_failed(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """Tell that a training was given up; the version before goes on answering. Where only this node's scores could not
    be written, the version is as good as it was."""
    if job.payload.get("number") is not None:
        return
    id, number = job.payload["analysis_id"], job.progress.get("number")
    uow.execute(update(analysis_model).where(
        analysis_model.c.analysis_id == id, analysis_model.c.number == number).values(state=FAILED))
    uow.execute(update(analysis).where(analysis.c.id == id, analysis.c.model_number.is_(None)).values(
        model_number=number))
    kind = uow.execute(select(analysis.c.kind).where(analysis.c.id == id)).scalar()
    if kind is not None:
        TRAININGS.labels(kind, FAILED).inc()


def misfit(problem: Problem) -> dict[str, Any]:
    """What does not fit, kept so that it can be told in any language."""
    return {"code": problem.code, "params": problem.params,
            "errors": [{"pointer": one.pointer, "code": one.code, "params": dict(one.params)}
                       for one in problem.errors]}


def _begin(service: Service, job: Job) -> Mapping[str, Any] | None:
    """The analysis, with a version of its own for this job; None when it was taken away."""
    id, now = job.payload["analysis_id"], utcnow()
    with service.db.unit_of_work() as uow:
        row = uow.execute(select(analysis).where(analysis.c.id == id).with_for_update()).mappings().one_or_none()
        if row is None:
            return None
        number = job.payload.get("number") or job.progress.get("number")
        if number is None:
            last = select(func.max(analysis_model.c.number)).where(analysis_model.c.analysis_id == id)
            number = (uow.execute(last).scalar() or 0) + 1
            uow.execute(analysis_model.insert().values(
                analysis_id=id, number=number, state=TRAINING, mapping=row["mapping"], scored=0, seconds=0.0,
                trained_at=now))
        job.save(uow, number=number)
    return row


def _outcome(at: Asking, row: Mapping[str, Any]) -> Outcome:
    mapping = read_mapping(row["kind"], row["mapping"], at.access)
    learned: Learned = LEARNERS[row["kind"]](at, mapping)
    if learned.too_little is not None:
        return Outcome(TOO_LITTLE, card={"too_little": learned.too_little})
    return Outcome(READY, learned.card, learned.parameters, learned.scores)


def _write(service: Service, job: Job, id: str, scores: Iterable[Score]) -> int:
    """Write the scores of this job's version in pieces; what a killed run has left of them is taken away first."""
    file, number, written = service.parts["read_model"].file, job.progress["number"], 0
    with file.writing() as cursor:
        forget_scores(cursor, id, number=number)
    for piece in _pieces(scores):
        with file.writing() as cursor:
            put_scores(cursor, id, number, piece)
        written += len(piece)
        with service.db.unit_of_work() as uow:
            job.save(uow, written=written)
    return written


def _pieces(scores: Iterable[Score]) -> Iterator[list[Score]]:
    waiting = iter(scores)
    while piece := list(islice(waiting, _PIECE)):
        yield piece


def _end(service: Service, job: Job, row: Mapping[str, Any], outcome: Outcome, scored: int, seconds: float) -> None:
    id, number, now = row["id"], job.progress["number"], utcnow()
    with service.db.unit_of_work() as uow:
        job.save(uow, written=scored)
        if job.payload.get("number") is None:
            _tell(uow, row, number, outcome, scored, seconds, now)
    with service.parts["read_model"].file.writing() as cursor:
        forget_scores(cursor, id, but=number)
    TRAININGS.labels(row["kind"], outcome.state).inc()
    TRAINING_SECONDS.labels(row["kind"]).observe(seconds)
    TRAINED_AT.labels(row["kind"]).set(now.timestamp())


def _tell(uow: UnitOfWork, row: Mapping[str, Any], number: int, outcome: Outcome, scored: int, seconds: float,
          now: datetime) -> None:
    """Let the new version answer. What was asked to look at something else meanwhile is trained again at once."""
    id = row["id"]
    uow.execute(update(analysis_model).where(
        analysis_model.c.analysis_id == id, analysis_model.c.number == number).values(
        state=outcome.state, card=outcome.card, parameters=outcome.parameters, scored=scored, seconds=seconds,
        trained_at=now))
    asked = uow.execute(select(analysis.c.mapping).where(analysis.c.id == id).with_for_update()).scalar()
    again = {} if asked == row["mapping"] else {"next_at": now}
    uow.execute(update(analysis).where(analysis.c.id == id).values(model_number=number, **again))
    uow.execute(delete(analysis_model).where(
        analysis_model.c.analysis_id == id, analysis_model.c.number <= number - _KEPT_VERSIONS))
    publish_trained(uow, find_analysis(uow.connection, id), number, outcome.state, scored, now)

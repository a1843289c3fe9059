"""What a dry run and an import have in common: going through the staged rows in chunks, and how they end.

A pass starts behind the row that its job saved last. A problem that no second try can help (the file is gone, a right
was taken away) ends the import as `failed` with a readable reason.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job
from services.customer.store.imports.files import files_of
from services.customer.store.imports.runs import change_run, find_run, lock_run
from services.customer.store.imports.staging import Staging, open_staging
from services.customer.usecases.imports import CHUNK
from services.customer.usecases.imports.doubles import OUTCOMES, Verdict
from services.customer.usecases.imports.metrics import IMPORT_SECONDS, IMPORTS_ENDED
from services.customer.usecases.imports.plan import Plan, plan_of
from services.customer.usecases.imports.states import FAILED, RUNNING

if TYPE_CHECKING:
    from chassis.service import Service

Rows = Sequence[tuple[int, list[Any]]]
Body = Callable[["Plan", "Staging"], None]
_TURN_SECONDS = 0.0005


def run_pass(service: Service, job: Job, state: str, body: Body) -> None:
    """Run `body` over an import that is in `state`; ends it as failed when it cannot be done."""
    with service.db.read() as connection:
        run = find_run(connection, job.payload["import_id"])
    if run is None or run.state != state:
        return
    started = perf_counter()
    try:
        with open_staging(files_of(service.settings.home, run.id).staging) as staging, taking_turns():
            body(plan_of(service, run), staging)
    except (Problem, FileNotFoundError) as error:
        problem = error if isinstance(error, Problem) else Problem(410, "import_file_gone")
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            fail(uow, run.id, problem.code, problem.params)
        return
    IMPORT_SECONDS.labels(state).observe(perf_counter() - started)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Let threads take turns more often: who hears from the database shall not wait long for who reads rows ahead."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def chunks(job: Job, plan: Plan, staging: Staging) -> Iterator[Rows]:
    """The rows that are still to be done, in chunks; each chunk's end must be saved as the job's `after`."""
    after = job.progress.get("after", plan.run.header_row)
    while rows := staging.rows(after, CHUNK):
        yield rows
        after = rows[-1][0]


def record_chunk(uow: UnitOfWork, job: Job, run: Row[Any], rows: Rows, verdicts: Sequence[Verdict],
                 **more: Any) -> None:
    """Add a chunk to the counts of an import, together with the job's progress."""
    counts = add_counts(run.counts, verdicts)
    change_run(uow, run.id, counts=counts, done=run.done + len(rows), **more)
    job.save(uow, after=rows[-1][0])


def add_counts(counts: Mapping[str, int], verdicts: Iterable[Verdict]) -> dict[str, int]:
    """The counts of an import with some verdicts more."""
    found = Counter(verdict.outcome for verdict in verdicts)
    return {outcome: counts.get(outcome, 0) + found[outcome] for outcome in OUTCOMES}


def wrong_rows(verdicts: Iterable[Verdict]) -> list[tuple[int, list[dict[str, Any]]]]:
    """What is to be kept of wrong rows."""
    return [(verdict.row.number, verdict.row.errors) for verdict in verdicts if verdict.row.errors]


def fail(uow: UnitOfWork, id: str, code: str, params: Mapping[str, Any] | None = None) -> None:
    """End an import that is under way as failed."""
    run = lock_run(uow, id)
    if run is not None and run.state in RUNNING:
        change_run(uow, id, state=FAILED, problem={"code": code, "params": dict(params or {})}, finished_at=utcnow())
        uow.after_commit(lambda: IMPORTS_ENDED.labels(run.object, FAILED).inc())


def given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success."""
    fail(uow, job.payload["import_id"], "import_given_up")

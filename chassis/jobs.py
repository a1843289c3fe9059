"""Long jobs that survive a kill: rows with a lease, worked by any worker of the service, resumed from saved progress.

A runner claims a waiting job (or one whose lease ran out), renews the lease while it works, and the job's function
saves its progress in the same unit of work as each piece of its effect. So a second run starts exactly where the
committed work ended.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, or_, select, update

from chassis.clock import utcnow
from chassis.context import Cause, Origin, current_cause, with_cause
from chassis.db.prepared import Prepared
from chassis.db.tables import job as job_table
from chassis.db.unit_of_work import UnitOfWork
from chassis.ids import new_id
from chassis.metrics import JOBS

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_LEASE = timedelta(seconds=12)
_RENEW_SECONDS = 3.0
_MAX_ATTEMPTS = 5


class JobCancelled(Exception):
    """Raised inside a job's function when somebody cancelled it, or another worker has taken it over."""


@dataclass(frozen=True)
class JobKind:
    """A kind of job; `run` may be called again after a crash and must continue from `job.progress`.

    `failed` tells the domain that the job was given up, in a unit of work of its own. With `each_node` it works on a
    store that each server has for itself, so every server takes its own alone.
    """

    name: str
    run: Callable[[Service, Job], None]
    failed: Callable[[Service, UnitOfWork, Job, str], None] | None = None
    each_node: bool = False


@dataclass
class Job:
    """One job in the hands of a runner."""

    id: str
    kind: str
    payload: dict[str, Any]
    progress: dict[str, Any]
    attempts: int
    lease_owner: str

    def save(self, uow: UnitOfWork, **progress: Any) -> None:
        """Record progress with the present transaction; raises JobCancelled when the job is no longer ours."""
        self.progress = self.progress | progress
        mine = and_(job_table.c.id == self.id, job_table.c.lease_owner == self.lease_owner,
                    job_table.c.state == "running")
        saved = uow.execute(update(job_table).where(mine).values(
            progress=self.progress, lease_until=utcnow() + _LEASE, updated_at=utcnow()))
        if saved.rowcount != 1:
            raise JobCancelled(self.id)


def enqueue(uow: UnitOfWork, kind: str, payload: dict[str, Any], progress: dict[str, Any] | None = None) -> str:
    """Add a job to the present transaction; returns its id."""
    cause, now, id = current_cause(), utcnow(), new_id()
    uow.execute(job_table.insert().values(
        id=id, kind=kind, state="queued", payload=payload, progress=progress or {}, attempts=0, created_at=now,
        updated_at=now, cause={"request_id": cause.request_id, "origin": [cause.origin.kind, cause.origin.id,
                                                                         cause.origin.name]}))
    return id


def cancel(uow: UnitOfWork, id: str) -> None:
    """Stop a job at its next save."""
    uow.execute(update(job_table).where(job_table.c.id == id, job_table.c.state.in_(("queued", "running")))
                .values(state="cancelled", updated_at=utcnow()))


class JobRunner:
    """Works the jobs of one service; `run` is the body of a thread."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kinds = {kind.name: kind for kind in service.jobs}
        self._name = new_id()
        self._oldest = _oldest_of(self._kinds)
        self._any = Prepared(self._oldest.with_only_columns(job_table.c.id))

    def run(self, stop: threading.Event) -> None:
        """Claim and run jobs until `stop`."""
        while not stop.is_set():
            try:
                found = self.run_one()
            except Exception as error:  # the runner outlives trouble with the database
                log.warning("the job runner pauses: %s", type(error).__name__)
                found = False
            if not found:
                stop.wait(0.5)

    def run_one(self) -> bool:
        """Claim and run one job; False when none waits."""
        claimed = self._claim()
        if claimed is None:
            return False
        job, cause = claimed
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(job, ended), name=f"lease-{job.kind}", daemon=True)
        keeper.start()
        try:
            with with_cause(cause):
                self._work(job)
        finally:
            ended.set()
        return True

    def _work(self, job: Job) -> None:
        try:
            self._kinds[job.kind].run(self._service, job)
        except JobCancelled:
            log.info("job %s was cancelled or taken over", job.id)
        except Exception as error:  # a job may fail in any way; it is tried again a few times
            log.exception("job %s of kind %s failed", job.id, job.kind)
            self._failed(job, f"{type(error).__name__}: {error}"[:2000])
        else:
            self._end(job, "done", None)

    def _claim(self) -> tuple[Job, Cause] | None:
        """The oldest job that waits, ours for a while; mostly there is none, which costs one question."""
        now = utcnow()
        with self._service.db.read() as connection:
            if not self._any.rows(connection, {"now": now}):
                return None
        with self._service.db.unit_of_work() as uow:
            row = uow.execute(self._oldest.with_for_update(skip_locked=True), {"now": now}).one_or_none()
            if row is None:
                return None
            uow.execute(update(job_table).where(job_table.c.id == row.id).values(
                state="running", attempts=row.attempts + 1, lease_owner=self._name, lease_until=now + _LEASE,
                updated_at=now))
        job = Job(row.id, row.kind, row.payload, row.progress or {}, row.attempts + 1, self._name)
        return job, Cause(request_id=row.cause["request_id"], origin=Origin(*row.cause["origin"]))

    def _keep(self, job: Job, ended: threading.Event) -> None:
        while not ended.wait(_RENEW_SECONDS):
            try:
                with self._service.db.unit_of_work() as uow:
                    uow.execute(update(job_table).where(
                        job_table.c.id == job.id, job_table.c.lease_owner == self._name,
                        job_table.c.state == "running").values(lease_until=utcnow() + _LEASE))
            except Exception as error:  # the next renewal may work; else the lease runs out, which is safe
                log.warning("could not renew the lease of job %s: %s", job.id, type(error).__name__)

    def _failed(self, job: Job, error: str) -> None:
        if job.attempts < _MAX_ATTEMPTS:
            self._end(job, "queued", error, wait=timedelta(seconds=2 ** job.attempts))
            return
        self._end(job, "failed", error)
        failed = self._kinds[job.kind].failed
        if failed is not None:
            with self._service.db.unit_of_work() as uow:
                failed(self._service, uow, job, error)

    def _end(self, job: Job, state: str, error: str | None, wait: timedelta | None = None) -> None:
        JOBS.labels(self._service.name, job.kind, state).inc()
        with self._service.db.unit_of_work() as uow:
            uow.execute(update(job_table).where(
                job_table.c.id == job.id, job_table.c.lease_owner == self._name, job_table.c.state == "running")
                .values(state=state, error=error, lease_until=utcnow() + wait if wait else None, updated_at=utcnow()))


def _oldest_of(kinds: Iterable[str]) -> Select[Any]:
    """The oldest job of these kinds that waits, or whose lease ran out."""
    table, now = job_table.c, bindparam("now")
    waiting = or_(table.state == "queued", and_(table.state == "running", table.lease_until < now))
    due = or_(table.lease_until.is_(None), table.lease_until < now)
    return select(job_table).where(waiting, table.kind.in_(list(kinds)), due).order_by(
        table.created_at, table.id).limit(1)

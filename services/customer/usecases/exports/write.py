"""Write an export in the background, with what its person may see now, in bounded memory.

A worker that dies leaves a part that nobody can download; the next one writes the file anew from the beginning, for
rows that were read long ago would not fit to those that are read now. Files go after some hours.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from chassis.jobs import Job
from services.customer.metrics import EXPORTS_STARTED
from services.customer.queries.export import FORMATS, ExportRequest, Sheet, prepare_export
from services.customer.store.exports.files import folder_of, remove_file, write_file
from services.customer.store.exports.tables import export_run
from services.customer.usecases.exports.ask import EXPIRED, FAILED, FINISHED, WRITING
from services.customer.usecases.imports.importer import importer

if TYPE_CHECKING:
    from chassis.service import Service

_SAVED_EVERY = 1.0
_PURGED_AT_ONCE = 100
_ORPHAN_SECONDS = 24 * 3600


def export_job(service: Service, job: Job) -> None:
    """Write the file of an export."""
    id = job.payload["export_id"]
    with service.db.read() as connection:
        run = connection.execute(select(export_run).where(export_run.c.id == id)).one_or_none()
    if run is None or run.state != WRITING:
        return
    try:
        principal = importer(service, run)
        sheet = prepare_export(service, principal, service.parts["types"].get(run.object),
                               ExportRequest(**run.asked, for_import=run.for_import))
    except Problem as problem:
        if problem.status >= 500:
            raise
        with service.db.unit_of_work() as uow:
            _end(uow, id, state=FAILED, problem={"code": problem.code, "params": dict(problem.params)})
        return
    _write(service, job, run, sheet)


def _write(service: Service, job: Job, run: Row[Any], sheet: Sheet) -> None:
    counted = _counted(service, job, run.id, sheet.rows)
    size = write_file(service.settings.home, run.id, FORMATS[run.format].write(
        Sheet(sheet.name, sheet.heads, counted, sheet.count)))
    with service.db.unit_of_work() as uow:
        job.save(uow, written=True)
        _end(uow, run.id, state=FINISHED, size=size, done=sheet.count,
             expires_at=utcnow() + timedelta(hours=service.settings.export_keep_hours))
    EXPORTS_STARTED.labels(run.object, run.format).inc()


def _counted(service: Service, job: Job, id: str, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows, with what is done saved every second; ends with JobCancelled when somebody has stopped the export."""
    saved = time.monotonic()
    for done, row in enumerate(rows, 1):
        if done % 500 == 0 and time.monotonic() - saved >= _SAVED_EVERY:
            saved = time.monotonic()
            with service.db.unit_of_work() as uow:
                job.save(uow, done=done)
                uow.execute(update(export_run).where(export_run.c.id == id).values(done=done))
        yield row


def export_given_up(service: Service, uow: UnitOfWork, job: Job, error: str) -> None:
    """The job was tried several times without success."""
    _end(uow, job.payload["export_id"], state=FAILED, problem={"code": "export_given_up", "params": {}})


def purge_exports(service: Service) -> None:
    """Remove files whose time is over, and what attempts have left of exports that nobody knows."""
    table = export_run.c
    with service.db.unit_of_work() as uow:
        old = uow.execute(select(table.id).where(table.expires_at < utcnow(), table.state == FINISHED)
                          .limit(_PURGED_AT_ONCE)).scalars().all()
        for id in old:
            uow.execute(update(export_run).where(table.id == id).values(state=EXPIRED))
    for id in old:
        remove_file(service.settings.home, id)
    _remove_orphans(service)


def _remove_orphans(service: Service) -> None:
    folder = folder_of(service.settings.home)
    for path in folder.glob("*.*") if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime < _ORPHAN_SECONDS:
            continue
        with service.db.read() as connection:
            state = connection.execute(select(export_run.c.state).where(export_run.c.id == path.stem)).scalar()
        if state not in (WRITING, FINISHED):
            path.unlink(missing_ok=True)


def _end(uow: UnitOfWork, id: str, **values: Any) -> None:
    uow.execute(update(export_run).where(export_run.c.id == id, export_run.c.state == WRITING)
                .values(**values, finished_at=utcnow()))

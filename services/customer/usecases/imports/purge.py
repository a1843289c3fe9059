"""Forget old sheets: they hold personal data, so files and wrong rows go some days after their import."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from chassis.clock import utcnow
from services.customer.store.imports.files import files_of
from services.customer.store.imports.runs import change_run, find_run, forget_errors, forget_written, lock_run
from services.customer.store.imports.tables import import_run
from services.customer.usecases.imports.states import CANCELLED, READY, RUNNING

if TYPE_CHECKING:
    from chassis.service import Service

_AT_ONCE = 100
_ORPHAN_SECONDS = 24 * 3600


def purge_imports(service: Service) -> None:
    """Remove the files and the wrong rows of imports that are older than the setting says, and files of none."""
    limit = utcnow() - timedelta(days=service.settings.import_keep_days)
    query = select(import_run.c.id).where(import_run.c.files_removed.is_(False), import_run.c.created_at < limit,
                                          import_run.c.state.not_in(RUNNING)).order_by(import_run.c.created_at)
    with service.db.read() as connection:
        old = list(connection.execute(query.limit(_AT_ONCE)).scalars())
    for id in old:
        _forget(service, id)
    _remove_orphans(service)


def _forget(service: Service, id: str) -> None:
    with service.db.unit_of_work() as uow:
        run = lock_run(uow, id)
        if run is None or run.state in RUNNING:
            return
        forget_errors(uow, id)
        forget_written(uow, id)
        columns = [column | {"samples": []} for column in run.columns]
        change_run(uow, id, files_removed=True, preview=[], columns=columns,
                   state=CANCELLED if run.state in READY else run.state)
    files_of(service.settings.home, id).remove()


def _remove_orphans(service: Service) -> None:
    """Remove what an upload left behind whose process died before it was kept."""
    folder = Path(service.settings.home) / "imports"
    for path in folder.glob("*.*") if folder.is_dir() else ():
        if path.suffix == ".part" or time.time() - path.stat().st_mtime < _ORPHAN_SECONDS:
            continue
        with service.db.read() as connection:
            run = find_run(connection, path.stem)
        if run is None or run.files_removed:
            path.unlink(missing_ok=True)

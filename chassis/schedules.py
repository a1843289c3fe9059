"""Schedules: work at intervals, run by one worker of the service at a time.

The worker that holds the lock runs what is due; the time of the last run is in the database, so a restart neither
skips nor repeats.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from chassis.clock import utcnow
from chassis.context import Cause, Origin, with_cause
from chassis.db import insert_or
from chassis.db.tables import schedule_state
from chassis.ids import new_id
from chassis.metrics import SCHEDULE_RUNS

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_LOCK = 7_301_552_003
_TICK = 1.0


@dataclass(frozen=True)
class Schedule:
    """`run` is called when `every` has passed since the last run began."""

    name: str
    every: timedelta
    run: Callable[[Service], None]


class Scheduler:
    """Runs the schedules of one service; `run` is the body of a thread."""

    def __init__(self, service: Service, schedules: tuple[Schedule, ...]) -> None:
        self._service, self._schedules = service, schedules

    def run(self, stop: threading.Event) -> None:
        """Look every second what is due, while this worker is the active one."""
        while not stop.is_set():
            try:
                with self._leadership() as leading:
                    while leading and not stop.wait(_TICK):
                        self.run_due()
            except Exception as error:  # the scheduler outlives trouble with the database
                log.warning("schedules pause: %s", type(error).__name__)
            stop.wait(_TICK)

    def run_due(self) -> None:
        """Run everything that is due now."""
        now = utcnow()
        with self._service.db.read() as connection:
            last = dict(connection.execute(select(schedule_state.c.name, schedule_state.c.last_run_at)).all())
        for schedule in self._schedules:
            if schedule.name not in last or now - last[schedule.name] >= schedule.every:
                self._run_one(schedule, now)

    def _run_one(self, schedule: Schedule, now: datetime) -> None:
        error = None
        self._record(schedule, now, None)
        try:
            with with_cause(Cause(request_id=new_id(), origin=Origin("system", None, schedule.name))):
                schedule.run(self._service)
        except Exception as failure:  # one schedule's trouble is not another's
            log.exception("schedule %s failed", schedule.name)
            error = f"{type(failure).__name__}: {failure}"[:1000]
            self._record(schedule, now, error)
        SCHEDULE_RUNS.labels(self._service.name, schedule.name, "failed" if error else "done").inc()

    def _record(self, schedule: Schedule, now: datetime, error: str | None) -> None:
        row = {"name": schedule.name, "last_run_at": now, "error": error}
        with self._service.db.unit_of_work() as uow:
            uow.execute(insert_or(uow, schedule_state).values(row).on_conflict_do_update(
                index_elements=["name"], set_={"last_run_at": now, "error": error}))

    @contextmanager
    def _leadership(self) -> Iterator[bool]:
        if self._service.db.is_sqlite:
            yield True
            return
        with self._service.db.engine.connect() as connection:
            leading = bool(connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar())
            try:
                yield leading
            finally:
                if leading:
                    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})

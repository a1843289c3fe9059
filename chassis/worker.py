"""The worker of a service: relay, consumers, dead letters, schedules, jobs and loops, each in a thread.

`stop` lets each thread finish what it holds: the batch in hand is committed and acknowledged, the job in hand keeps
its saved progress.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from chassis.clock import utcnow
from chassis.db.tables import dead_letter, outbox
from chassis.events.consumers import Consumer
from chassis.events.dead_letters import Clerk
from chassis.events.relay import Relay
from chassis.jobs import JobRunner
from chassis.loops import LoopRunner
from chassis.metrics import DEAD_LETTERS_WAITING, OUTBOX_DEPTH, OUTBOX_LAG, POOL_IN_USE, POOL_SIZE
from chassis.schedules import Scheduler

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_SAMPLE_SECONDS = 5.0


class Worker:
    """The background threads of one service in one process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start all threads."""
        service = self._service
        self._spawn("relay", Relay(service.db, service.broker).run)
        for subscription in service.subscriptions:
            self._spawn(subscription.queue, Consumer(service, subscription, service.retry_delays).run)
            self._spawn(f"{subscription.queue}.dead", Clerk(service, subscription.queue).run)
        self._spawn("schedules", Scheduler(service, service.schedules).run)
        if service.jobs:
            self._spawn("jobs", JobRunner(service).run)
        for loop in service.spec.loops:
            self._spawn(loop.name, LoopRunner(service, loop).run)
        self._spawn("gauges", self._sample)

    def stop(self, seconds: float) -> bool:
        """Ask all threads to finish and wait, for all of them together at most so long; tells whether they all did."""
        self.request_stop()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def request_stop(self) -> None:
        """Ask all threads to finish, without waiting."""
        self._stop.set()
        self._service.db.waker.local.set()
        for loop in self._service.spec.loops:
            self._service.wake(loop.name)

    def alive(self) -> bool:
        """Tell whether all threads run."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def _spawn(self, name: str, body: Callable[[threading.Event], None]) -> None:
        thread = threading.Thread(target=body, args=(self._stop,), name=f"{self._service.name}:{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _sample(self, stop: threading.Event) -> None:
        while not stop.wait(_SAMPLE_SECONDS):
            try:
                sample_gauges(self._service)
            except Exception as error:  # gauges are missing for a moment, the worker goes on
                log.debug("gauges not sampled: %s", type(error).__name__)


def sample_gauges(service: Service) -> None:
    """Set the gauges that are read from the database."""
    with service.db.read() as connection:
        depth, oldest = connection.execute(select(func.count(), func.min(outbox.c.created_at))).one()
        waiting = connection.execute(
            select(func.count()).select_from(dead_letter).where(dead_letter.c.replayed_at.is_(None))).scalar()
    OUTBOX_DEPTH.labels(service.name).set(depth)
    OUTBOX_LAG.labels(service.name).set((utcnow() - oldest).total_seconds() if oldest else 0)
    DEAD_LETTERS_WAITING.labels(service.name).set(waiting or 0)
    pool = service.db.engine.pool
    POOL_IN_USE.labels(service.name).set(getattr(pool, "checkedout", lambda: 0)())
    POOL_SIZE.labels(service.name).set(service.settings.database_pool)

"""Loops: a service's own background work in its worker, woken at once and else looking at intervals.

A loop does one piece of work after the other until there is none. It is woken in the same process by
`service.wake(name)`, usually after a commit; what another process committed, or what was lost with a crash, is found
by the slow look. Several workers may run the same loop: its work claims rows in the database.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_MAX_PAUSE = 5.0


@dataclass(frozen=True)
class Loop:
    """`work` does one piece and tells whether there may be more: it is called again at once, else after `every` s."""

    name: str
    work: Callable[[Service], bool]
    every: float = 1.0


class LoopRunner:
    """Runs one loop of one service; `run` is the body of a thread."""

    def __init__(self, service: Service, loop: Loop) -> None:
        self._service, self._loop = service, loop
        self._alarm = service.alarm(loop.name)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`; the piece in hand is finished first. Trouble is waited out with growing pauses."""
        pause = 0.2
        while not stop.is_set():
            self._alarm.clear()
            try:
                while not stop.is_set() and self._loop.work(self._service):
                    pause = 0.2
                self._alarm.wait(self._loop.every)
            except Exception as error:  # the loop outlives trouble with the database or a neighbour
                log.warning("%s pauses: %s", self._loop.name, type(error).__name__, exc_info=error)
                stop.wait(pause)
                pause = min(pause * 2, _MAX_PAUSE)

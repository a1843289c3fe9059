"""How much somebody has to do: the number of his open tasks, with those that this batch of changes adds.

Counted when it is first asked for. Two batches that run at the same time do not see each other's tasks, so shares are
nearly even, not exactly; who wants exact turns lets people take turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from chassis.db import UnitOfWork
from services.workflow.store.tables import task

_OPEN = select(task.c.assignee_id, func.count()).where(
    task.c.assignee_id.in_(bindparam("people", expanding=True)), task.c.state == "open").group_by(task.c.assignee_id)


class Load:
    """The load of the people of one batch."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: set[str] = set()
        self._open: Counter[str] = Counter()

    def least(self, people: Sequence[str]) -> str:
        """Return who of them, who are some, has least to do; of several the first."""
        unknown = sorted(set(people) - self._known)
        if unknown:
            self._known.update(unknown)
            for person, count in self._uow.execute(_OPEN, {"people": unknown}):
                self._open[person] += count
        return min(people, key=lambda person: (self._open[person], person))

    def add(self, person: str) -> None:
        """Somebody gets one thing more to do."""
        self._open[person] += 1

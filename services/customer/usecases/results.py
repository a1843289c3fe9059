"""What became of one operation on one record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.http.problem import Problem
from services.customer.store.record_type import Record


@dataclass(slots=True)
class Result:
    """The record in wire form after the operation, or the problem that refused it."""

    status: int
    record: Record | None = None
    problem: Problem | None = None
    changed: bool = True  # False: everything stood already as it was wished

    @classmethod
    def refused(cls, problem: Problem) -> Result:
        """An operation that was not done."""
        return cls(problem.status, problem=problem)

    def unwrap(self) -> Record:
        """The record; raises the problem when there is one."""
        if self.problem is not None:
            raise self.problem
        assert self.record is not None
        return self.record


def raise_first(results: Iterable[Result]) -> None:
    """Raise the first problem, if any."""
    for result in results:
        if result.problem is not None:
            raise result.problem

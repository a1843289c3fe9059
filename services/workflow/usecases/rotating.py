"""Round-robin: whose turn it is among the people of a department and of those below it, or among those with a role.

The pointer of each rule and department (or role) is a row that is locked while a batch of changes is worked, so the
turns of two workers never collide. People stand in the order of their ids; who has left is passed over, who is new
gets his turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, or_, select, update

from chassis.db import UnitOfWork, insert_or
from services.workflow.store.tables import rotation

Key = tuple[str, str]  # rule, and department or role
NOBODY = "00000000-0000-0000-0000-000000000000"
_ADVANCE = update(rotation).where(
    rotation.c.rule_id == bindparam("rule"), rotation.c.department_id == bindparam("department")
).values(last_user_id=bindparam("last"))


class Rotation:
    """The turns of one batch of changes."""

    def __init__(self, uow: UnitOfWork, keys: Iterable[Key]) -> None:
        """Lock the pointers of `keys`, in one order, so that two batches never wait for each other."""
        self._uow = uow
        self._last = self._lock(sorted(set(keys)))
        self._moved: set[Key] = set()

    def next(self, key: Key, people: Sequence[str]) -> str:
        """Return whose turn it is among these people, who are some and stand in the order of their ids."""
        after = bisect_right(people, self._last[key])
        self._last[key] = people[after % len(people)]
        self._moved.add(key)
        return self._last[key]

    def save(self) -> None:
        """Write the pointers that have moved."""
        if self._moved:
            self._uow.execute(_ADVANCE, [{"rule": key[0], "department": key[1], "last": self._last[key]}
                                         for key in sorted(self._moved)])

    def _lock(self, keys: list[Key]) -> dict[Key, str]:
        known = self._read(keys)
        new = [key for key in keys if key not in known]
        if not new:
            return known
        self._uow.execute(insert_or(self._uow, rotation).on_conflict_do_nothing(), [
            {"rule_id": rule, "department_id": department, "last_user_id": NOBODY} for rule, department in new])
        return self._read(keys)

    def _read(self, keys: list[Key]) -> dict[Key, str]:
        if not keys:
            return {}
        wanted = or_(*(and_(rotation.c.rule_id == rule, rotation.c.department_id == department)
                       for rule, department in keys))
        rows = self._uow.execute(select(rotation).where(wanted).order_by(
            rotation.c.rule_id, rotation.c.department_id).with_for_update())
        return {(row.rule_id, row.department_id): row.last_user_id for row in rows}

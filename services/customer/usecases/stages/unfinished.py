"""What of the work of a stage is still to do before a record may move on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from services.customer.model.gates import Gate
from services.customer.model.stages import CHECKS, TASKS
from services.customer.store.stage_work import LIVING, tasks_of, ticks_of

Label = Mapping[str, str]


class Unfinished:
    """The work of these records, read once."""

    def __init__(self, connection: Connection, ids: Collection[str]) -> None:
        self._tasks = tasks_of(connection, ids) if ids else {}
        self._ticks = ticks_of(connection, ids) if ids else {}

    def of(self, record_id: str, field: str, gate: Gate) -> dict[str, Sequence[Label]]:
        """What is still to do by its names, as `tasks` and `checks`; nothing when the gate is open."""
        work, at = gate.work, (field, gate.stage.value)
        mine = [row for row in self._tasks.get(record_id, ()) if (row.field, row.stage) == at]
        left = {TASKS: self._tasks_left(mine, work.get(TASKS, ()), gate.is_passed),
                CHECKS: self._points_left(record_id, at, work.get(CHECKS, ()))}
        return {kind: some for kind, some in left.items() if some}

    def _tasks_left(self, rows: Sequence[Any], asked: Sequence[Mapping[str, Any]], is_passed: bool) -> list[Label]:
        if not asked:
            return []
        if is_passed and not rows:
            return [one["title"] for one in asked]
        return [row.title for row in rows if row.state in LIVING]

    def _points_left(self, record_id: str, at: tuple[str, str], asked: Sequence[Mapping[str, Any]]) -> list[Label]:
        ticked = {row.key for row in self._ticks.get(record_id, ()) if (row.field, row.stage) == at}
        return [one["label"] for one in asked if one["key"] not in ticked]

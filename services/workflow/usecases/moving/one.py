"""One instance moves, in one unit of work: its state, its tasks, what it waits for, and a line of its history.

A task stays with whoever has it, with its comments and its due time: he was told so. It takes the name of its step, and
whether it decides, from the new version, because those are how it can be answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, tuple_, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.workflow.model.processes.definition import Node
from services.workflow.model.processes.moving.plan import Obstacle, Plan
from services.workflow.model.processes.moving.positions import move
from services.workflow.model.processes.moving.waits import Place, Turned, turned
from services.workflow.model.processes.state import State, state_from_json
from services.workflow.model.processes.stimuli import CannotGoOn
from services.workflow.model.processes.waiting import MESSAGE, NEVER, Wait, work_of
from services.workflow.store.tables import process_instance, process_wait, task
from services.workflow.store.waits import this_wait
from services.workflow.usecases.moving.words import reason_of
from services.workflow.usecases.processes.faults import why
from services.workflow.usecases.processes.history import Deed, write_history
from services.workflow.usecases.processes.messages import look_again
from services.workflow.usecases.processes.signals import CLOCK
from services.workflow.usecases.processes.steps import Step
from services.workflow.usecases.processes.timing import counted_by, due_of
from services.workflow.usecases.processes.turns import Doing

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
Reasons = Sequence[Mapping[str, Any]]
_WAIT = process_wait.c


class Mover:
    """A running instance, locked, on its way to another version."""

    def __init__(self, service: Service, uow: UnitOfWork, plan: Plan, instance: Row, version: int) -> None:
        self.service, self.uow, self.plan, self.instance, self.now = service, uow, plan, instance, utcnow()
        self.version, self.before = version, state_from_json(instance["body"])
        self._step: Step | None = None

    def go(self, deed: Deed) -> Reasons:
        """Move it; returns why it stays, nothing when it has moved."""
        moved = move(self.plan, self.before)
        if moved.obstacles:
            return [reason_of(self.plan, one) for one in moved.obstacles]
        turn, rows = turned(self.plan, self.before, moved.state), self._rows()
        arrived = [place for place in turn.renamed if rows[place].due_at is not None]
        if arrived:
            return [reason_of(self.plan, Obstacle("arrived", arrived[0][1]))]
        try:
            with self.uow.savepoint():
                self._waits(turn, rows, moved.state)
        except CannotGoOn as blocked:
            node = self.plan.target.nodes.get(blocked.node)
            return [{"node": None, "words": why(blocked, node.name if node else "")}]
        self._tasks(moved.state)
        self._keep(moved.state, rows, deed)
        return []

    # what is waited for

    def _rows(self) -> dict[Place, Any]:
        """The waits, which nobody else changes now: a message that comes finds them afterwards."""
        found = self.uow.execute(select(process_wait).where(_WAIT.instance_id == self.instance["id"]).order_by(
            _WAIT.token, _WAIT.node).with_for_update()).all()
        return {(row.token, row.node): row for row in found}

    def _waits(self, turn: Turned, rows: Mapping[Place, Any], after: State) -> None:
        gone = [*((wait.token, wait.node) for wait in turn.ended), *turn.renamed]
        if gone:
            self.uow.execute(delete(process_wait).where(
                _WAIT.instance_id == self.instance["id"], tuple_(_WAIT.token, _WAIT.node).in_(gone)))
        self._go_on(turn, rows, after)
        fresh = [self._arrive().wait_row(wait, after) for wait in (*turn.begun, *turn.renamed.values())]
        if fresh:
            self.uow.execute(process_wait.insert(), fresh)
        self._listen(fresh, [rows[place] for place in turn.kept])
        self.uow.after_commit(lambda: self.service.wake(CLOCK))

    def _go_on(self, turn: Turned, rows: Mapping[Place, Any], after: State) -> None:
        """Rows keep what they know under the new name of their node; one that has failed is tried again at once. A
        node that takes the name of another waits until that one has left it."""
        changed = [(rows[place], {"node": wait.node, **self._again(rows[place])}) for place, wait in turn.kept.items()]
        changed += [(rows[place], {"node": wait.node, "attempts": 0, **self._recounted(rows[place], wait, after)})
                    for place, wait in turn.recounted.items()]
        for row, _ in changed:
            self.uow.execute(update(process_wait).where(*this_wait(row)).values(node=_aside(row.node)))
        for row, values in changed:
            aside = _WAIT.instance_id == row.instance_id, _WAIT.token == row.token, _WAIT.node == _aside(row.node)
            self.uow.execute(update(process_wait).where(*aside).values(**values))

    def _again(self, row: Any) -> dict[str, Any]:
        return {"due_at": self.now, "attempts": 0} if row.attempts else {}

    def _recounted(self, row: Any, wait: Wait, after: State) -> Row:
        step, timer = self._arrive(), self.plan.target.nodes[wait.node].timer
        assert timer is not None
        since = replace(step.scope, now=row.since)
        return {"due_at": due_of(timer, wait.node, step.record, since, after.variables),
                **counted_by(timer, step.record)}

    def _listen(self, fresh: Iterable[Row], kept: Iterable[Any]) -> None:
        """Messages that came meanwhile, or before, are looked at again."""
        waits = {(row["correlation"], row["key"]) for row in fresh if row["kind"] == MESSAGE}
        waits |= {(row.correlation, row.key) for row in kept if row.kind == MESSAGE and row.due_at is None}
        look_again(self.service, self.uow, waits, self.now)

    def _arrive(self) -> Step:
        """The instance as it is in the new version, with its record. Raises CannotGoOn."""
        if self._step is None:
            self._step = Step(self.service, self.uow, dict(self.instance) | {"process_version": self.version})
        return self._step

    # tasks

    def _tasks(self, after: State) -> None:
        nodes = {key: self.plan.target.nodes[work.node] for key, work in work_of(self.plan.target, after).items()}
        rows = self.uow.execute(select(task).where(
            task.c.instance_id == self.instance["id"], task.c.state == "open").order_by(task.c.id).with_for_update()
        ).mappings().all()
        told = [row for one in rows if (node := nodes.get((one["step"]["token"], one["step"]["turn"])))
                if (row := self._task(one, node)) is not None]
        Doing(self.service, self.uow, self.instance, self.now).publish("updated", told)

    def _task(self, row: Row, node: Node) -> Row | None:
        """Change a task; None when nobody has to see that: whoever is just answering it has seen all there is."""
        step = row["step"] | {"node": node.id, "decision": node.decision}
        title = dict(node.names) or {self.service.settings.default_locale: node.name}
        seen = (row["title"], row["step"]["decision"]) != (title, node.decision)
        values = {"step": step, "title": title} | (
            {"version": row["version"] + 1, "updated_at": self.now} if seen else {})
        if seen or step != row["step"]:
            self.uow.execute(update(task).where(task.c.id == row["id"]).values(**values))
        return dict(row) | values if seen else None

    # the instance

    def _keep(self, after: State, rows: Mapping[Place, Any], deed: Deed) -> None:
        refused = any(row.key == NEVER for row in rows.values())
        self.uow.execute(update(process_instance).where(process_instance.c.id == self.instance["id"]).values(
            body=after.to_json(), process_version=self.version, version=self.instance["version"] + 1,
            problem=self.instance["problem"] if refused else None))
        write_history(self.uow, self.instance["id"], self.now, deed)


def _aside(node: str) -> str:
    return f"\u0001{node}"

"""From firings to effects: what the rules that fire on one batch of messages do, worked out before anything is written.

All rules that fire on one change share a plan: each sees the owner that those before it decided, and what they write
to the record becomes one change of it (the later rule wins a field that both set). So a record is written once however
many rules speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chassis.auth.directory import Snapshot
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.model.results import failure_in, outcome_of
from services.workflow.usecases.acting import RECORD_ACTIONS, act
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.guarding import Guard
from services.workflow.usecases.judging import Firing
from services.workflow.usecases.load import Load
from services.workflow.usecases.plans import Circumstances, Effects, RecordPlan, Row, RunPlan
from services.workflow.usecases.rotating import Key, Rotation
from services.workflow.usecases.whom import group_of

if TYPE_CHECKING:
    from chassis.service import Service


class Planner:
    """Works out the effects of one batch."""

    def __init__(self, service: Service, uow: UnitOfWork, firings: Sequence[Firing], now: datetime) -> None:
        directory = service.directory.snapshot()
        today = now.astimezone(ZoneInfo(service.settings.default_timezone)).date()
        self._now = now
        self._circumstances = Circumstances(now, today, directory, Rotation(uow, rotation_keys(firings, directory)),
                                            Deputies(uow, directory, now), Load(uow))
        self._guard = Guard(uow, firings, now, service.settings.storm_runs)
        self._firings = firings

    def plan(self) -> list[Effects]:
        """Return the effects, by message, in the order of the messages."""
        by_message: dict[str, Effects] = {}
        records: dict[tuple[str, str, int], RecordPlan] = {}
        for firing in self._firings:
            effects = by_message.setdefault(firing.message.id, Effects(firing.message))
            key = firing.message.id, firing.record_id, firing.change["version"]
            if key not in records:
                records[key] = RecordPlan(firing)
                effects.changes.append(records[key])
            effects.runs.append(self._run(RunPlan(new_id(), firing.rule.rule, firing, records[key], effects,
                                                  self._circumstances)))
        self._circumstances.rotation.save()
        return list(by_message.values())

    def _run(self, run: RunPlan) -> Row:
        objection = self._guard.objection(run.firing)
        if objection is not None:
            results = [{"type": action["type"], "result": "skipped", "detail": None} for action in run.rule.actions]
            return self._row(run, results, "stopped", objection)
        results = act_all(run)
        return self._row(run, results, outcome_of(results), failure_in(results))

    def _row(self, run: RunPlan, results: list[Row], outcome: str, error: Mapping[str, str] | None) -> Row:
        message, record = run.firing.message, run.record
        return {
            "id": run.id, "rule_id": run.rule.id, "rule_version": run.rule.version, "rule_name": run.rule.name,
            "object": record.object.name, "record_id": record.id, "record_version": record.version,
            "record_title": record.title, "outcome": outcome, "actions": results, "error": error,
            "reason": run.firing.rule.reason(run.firing.judged, run.firing.scope), "depth": message.depth,
            "request_id": message.request_id, "bulk_id": message.data.get("bulk"),
            "intent_id": record.intent_id if outcome == "pending" else None, "at": self._now,
            "settled_at": None if outcome == "pending" else self._now}


def act_all(run: RunPlan) -> list[Row]:
    """What changes the record comes first, so that tasks and messages go to the owner whom the run has chosen."""
    ordered = sorted(enumerate(run.rule.actions), key=lambda numbered: numbered[1]["type"] not in RECORD_ACTIONS)
    results = {position: act(run, action, position) for position, action in ordered}
    return [results[position] for position in sorted(results)]


def rotation_keys(firings: Sequence[Firing], directory: Snapshot) -> set[Key]:
    """Whose turns the rules that fire may move."""
    return {(firing.rule.rule.id, group) for firing in firings for action in firing.rule.rule.actions
            if action["type"] == "assign" and (group := group_of(action["to"], firing, directory))}

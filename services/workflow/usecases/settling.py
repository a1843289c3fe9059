"""Settling runs: what became of the changes and the new records that they ordered.

A run that ordered several waits until the last is settled. Its row is locked meanwhile, for two workers may bring the
news of two of them at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from chassis.clock import utcnow
from chassis.context import Cause, with_cause
from chassis.db import UnitOfWork
from services.workflow.events import publish_runs
from services.workflow.metrics import RUNS
from services.workflow.model.results import failure_in, outcome_of
from services.workflow.model.texts import said
from services.workflow.store.tables import rule_run
from services.workflow.usecases.telling_authors import tell_authors

FAILED = "failed"
_SLICE = 500
CREATE_RECORD = "create_record"  # the action whose outcome is its own; the others are one change together
_CHANGED = ("outcome", "actions", "error", "settled_at", "intent_id")
_WAITING = select(rule_run).where(
    or_(rule_run.c.intent_id.in_(bindparam("intents", expanding=True)),
        rule_run.c.id.in_(bindparam("runs", expanding=True))), rule_run.c.outcome == "pending"
).order_by(rule_run.c.id).with_for_update()
_END = update(rule_run).where(rule_run.c.id == bindparam("run")).values(
    {name: bindparam(name) for name in _CHANGED})


@dataclass(frozen=True)
class Fate:
    """What became of one intent; `passing` trouble is worth another try, `created` is the new record's id."""

    result: str
    detail: Mapping[str, str] | None = None
    passing: bool = False
    created: str | None = None


@dataclass(frozen=True)
class Settled:
    """An intent's row, what became of it, and the cause that its run has."""

    intent: Row[Any]
    fate: Fate
    cause: Cause


def refusal(status: int, problem: Any, action: str | None = None) -> Fate:
    """Return the fate of an intent that the customer service answered with an error."""
    key = "failed.not_created" if action else "failed.refused"
    return Fate(FAILED, said(key, detail=_sentence(problem) or str(status)), passing=status >= 500 or status == 429)


def unanswered() -> Fate:
    """Return the fate of an intent that was given up."""
    return Fate(FAILED, said("failed.unanswered"))


def settle_runs(uow: UnitOfWork, settled: Sequence[Settled]) -> None:
    """Note in the runs what became of their intents; publish those that have ended with it, and tell their authors."""
    ended: dict[Cause, list[dict[str, Any]]] = {}
    for start in range(0, len(settled), _SLICE):
        some = settled[start:start + _SLICE]
        changes = {one.intent.id: one for one in some if one.intent.run_id is None}
        new: dict[str, list[Settled]] = {}
        for one in some:
            if one.intent.run_id is not None:
                new.setdefault(one.intent.run_id, []).append(one)
        rows = uow.execute(_WAITING, {"intents": list(changes), "runs": list(new)}).mappings().all()
        for run in _note(uow, rows, changes, new):
            cause = next(one.cause for one in (*new.get(run["id"], ()), changes.get(run["waited_for"])) if one)
            ended.setdefault(cause, []).append(run)
    runs = [run for its_runs in ended.values() for run in its_runs]
    for cause, its_runs in ended.items():
        with with_cause(cause):
            publish_runs(uow, its_runs)
            tell_authors(uow, its_runs)
    uow.after_commit(lambda: _count(runs))


def _note(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]], changes: Mapping[str, Settled],
          new: Mapping[str, Sequence[Settled]]) -> list[dict[str, Any]]:
    """Write the runs anew; returns those that have ended."""
    runs = [_after(row, changes.get(row["intent_id"]), new.get(row["id"], ())) for row in rows]
    if runs:
        uow.execute(_END, [{"run": run["id"], **{name: run[name] for name in _CHANGED}} for run in runs])
    return [run for run in runs if run["outcome"] != "pending"]


def _after(row: Mapping[str, Any], change: Settled | None, new: Sequence[Settled]) -> dict[str, Any]:
    actions = [_changed(action, change.fate) for action in row["actions"]] if change else list(row["actions"])
    for one in new:
        actions[one.intent.place] = _created(actions[one.intent.place], one.fate)
    outcome = outcome_of(actions)
    rest = {"settled_at": None, "intent_id": row["intent_id"]} if outcome == "pending" else {
        "settled_at": utcnow(), "intent_id": None}
    return {**row, "actions": actions, "outcome": outcome, "error": failure_in(actions),
            "waited_for": row["intent_id"], **rest}


def _changed(action: dict[str, Any], fate: Fate) -> dict[str, Any]:
    if action["result"] != "pending" or action["type"] == CREATE_RECORD:
        return action
    return action | {"result": fate.result, "detail": fate.detail or action["detail"]}


def _created(action: dict[str, Any], fate: Fate) -> dict[str, Any]:
    record = {"record_id": fate.created} if fate.created else {}
    return action | {"result": fate.result, "detail": fate.detail or action["detail"], **record}


def _sentence(problem: Any) -> str:
    """A problem document in a line."""
    if not isinstance(problem, dict):
        return ""
    errors = [error for error in problem.get("errors") or () if isinstance(error, dict)]
    parts = [f"{error.get('pointer', '')} {error.get('detail', '')}".strip() for error in errors]
    return "; ".join([str(problem.get("detail") or problem.get("title") or ""), *parts])[:1000]


def _count(runs: Sequence[Mapping[str, Any]]) -> None:
    for outcome, count in Counter(run["outcome"] for run in runs).items():
        RUNS.labels(outcome).inc(count)

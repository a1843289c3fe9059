"""Settling runs: what became of the changes they ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from chassis.clock import utcnow
from chassis.context import Cause, with_cause
from chassis.db import UnitOfWork
from services.workflow.events import publish_runs
from services.workflow.metrics import RUNS
from services.workflow.model.results import failure_in, outcome_of
from services.workflow.model.texts import said
from services.workflow.store.tables import rule_run

FAILED = "failed"
_SLICE = 500
_CHANGED = ("outcome", "actions", "error", "settled_at", "intent_id")
_WAITING = select(rule_run).where(
    rule_run.c.intent_id.in_(bindparam("intents", expanding=True)), rule_run.c.outcome == "pending"
).order_by(rule_run.c.id)
_END = update(rule_run).where(rule_run.c.id == bindparam("run")).values(
    {name: bindparam(name) for name in _CHANGED})


@dataclass(frozen=True)
class Fate:
    """What became of one intent; `passing` trouble is worth another try."""

    result: str
    detail: Mapping[str, str] | None = None
    passing: bool = False


def refusal(status: int, problem: Any) -> Fate:
    """Return the fate of an intent that the customer service answered with an error."""
    return Fate(FAILED, said("failed.refused", detail=_sentence(problem) or str(status)),
                passing=status >= 500 or status == 429)


def unanswered() -> Fate:
    """Return the fate of an intent that was given up."""
    return Fate(FAILED, said("failed.unanswered"))


def settle_runs(uow: UnitOfWork, fates: Mapping[str, Fate], causes: Mapping[str, Cause]) -> None:
    """End the runs that waited for these intents (both by the intent's id), and publish them."""
    ended: dict[Cause, list[dict[str, Any]]] = {}
    for some in _slices(list(fates)):
        for row in uow.execute(_WAITING, {"intents": some}).mappings():
            ended.setdefault(causes[row["intent_id"]], []).append(_ended(row, fates[row["intent_id"]]))
    runs = [run for its_runs in ended.values() for run in its_runs]
    if runs:
        uow.execute(_END, [{"run": run["id"], **{name: run[name] for name in _CHANGED}} for run in runs])
    for cause, its_runs in ended.items():
        with with_cause(cause):
            publish_runs(uow, its_runs)
    uow.after_commit(lambda: _count(runs))


def _ended(row: Mapping[str, Any], fate: Fate) -> dict[str, Any]:
    actions = [_settled(action, fate) for action in row["actions"]]
    return dict(row) | {"actions": actions, "outcome": outcome_of(actions), "error": failure_in(actions),
                        "settled_at": utcnow(), "intent_id": None}


def _settled(action: dict[str, Any], fate: Fate) -> dict[str, Any]:
    if action["result"] != "pending":
        return action
    return action | {"result": fate.result, "detail": fate.detail or action["detail"]}


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


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _SLICE):
        yield ids[start:start + _SLICE]

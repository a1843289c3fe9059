"""What becomes of the events that an instance waits for: each is armed once, before and after.

A wait that the new version has as well goes on: a timer keeps its moment, a message that has just come is not lost. A
timer that is counted differently is counted anew from the moment at which it began. What the new version does not wait
for goes; what only it waits for begins now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.workflow.model.processes.moving.plan import Plan, same_about, same_timer
from services.workflow.model.processes.state import State
from services.workflow.model.processes.waiting import MESSAGE, SIGNAL, TIMER, Wait, waits_of

Place = tuple[int, str]  # token, node


@dataclass(frozen=True)
class Turned:
    """`kept`, `recounted` and `renamed` lead from the place of an old wait to the new one; the last waits for another
    message or signal. The rest is `ended` and `begun`."""

    kept: Mapping[Place, Wait]
    recounted: Mapping[Place, Wait]
    renamed: Mapping[Place, Wait]
    ended: frozenset[Wait]
    begun: frozenset[Wait]


def turned(plan: Plan, before: State, after: State) -> Turned:
    """Compare what is waited for in both versions."""
    fresh = {(wait.token, wait.node): wait for wait in waits_of(plan.target, after)}
    parts: dict[str, dict[Place, Wait]] = {"kept": {}, "recounted": {}, "renamed": {}}
    ended = set()
    for wait in waits_of(plan.source, before):
        now = fresh.pop((wait.token, _node(plan, wait, after) or ""), None)
        if now is None:
            ended.add(wait)
        else:
            parts[_turn(plan, wait, now)][wait.token, wait.node] = now
    return Turned(**parts, ended=frozenset(ended), begun=frozenset(fresh.values()))


def _node(plan: Plan, wait: Wait, after: State) -> str | None:
    """Where it is waited for in the new version."""
    at = plan.target.nodes[after.tokens[wait.token].node]
    if wait.kind not in (TIMER, MESSAGE, SIGNAL):
        return at.id
    event = plan.event(wait.node, at)
    return event.id if event is not None else None


def _turn(plan: Plan, wait: Wait, now: Wait) -> str:
    old, new = plan.source.nodes[wait.node], plan.target.nodes[now.node]
    if wait.kind == TIMER:
        return "kept" if same_timer(old.timer, new.timer) else "recounted"
    if wait.kind in (MESSAGE, SIGNAL):
        return "kept" if wait.key == now.key and same_about(old, new) else "renamed"
    return "kept"

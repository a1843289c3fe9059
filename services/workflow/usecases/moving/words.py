"""What keeps an instance where it is, and what changes for those that move, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.workflow.model.processes.definition import USER, Node
from services.workflow.model.processes.moving.plan import Obstacle, Plan, awaited, events_at, same_about, same_timer
from services.workflow.model.processes.waiting import TIMER
from services.workflow.model.texts import said

Words = Mapping[str, str]


def words_of(plan: Plan, obstacle: Obstacle) -> Words:
    """Why something cannot move, by language."""
    return said(f"move.{obstacle.code}", **_names(plan, obstacle), **obstacle.params)


def reason_of(plan: Plan, obstacle: Obstacle) -> dict[str, Any]:
    """The same as it is kept, with its place."""
    return {"node": obstacle.node or None, "words": dict(words_of(plan, obstacle))}


def notes_of(plan: Plan, node: str) -> list[Words]:
    """What changes for whoever stands at a node."""
    old, new = plan.source.nodes[node], plan.goes_to(node)
    if new is None or plan.faults(node):
        return []
    return [*_asked(old, new), *_events(plan, old, new)]


def _asked(old: Node, new: Node) -> Iterator[Words]:
    if old.kind == USER and old.decision != new.decision:
        yield said("moving.decides" if new.decision else "moving.decides_no_more", step=_name(new))


def _events(plan: Plan, old: Node, new: Node) -> Iterator[Words]:
    known = {}
    for event in events_at(plan.source, old):
        now = plan.event(event.id, new)
        if now is None:
            yield said("moving.ends", event=_name(event))
            continue
        known[now.id] = event
        if awaited(event) == TIMER and not same_timer(event.timer, now.timer):
            yield said("moving.recounted", event=_name(now))
        elif (event.message, event.signal) != (now.message, now.signal) or not same_about(event, now):
            yield said("moving.other_event", event=_name(now))
    for event in events_at(plan.target, new):
        if event.id not in known:
            yield said("moving.begins", event=_name(event))


def _names(plan: Plan, obstacle: Obstacle) -> dict[str, Any]:
    old, new = plan.source.nodes.get(obstacle.node), plan.target.nodes.get(obstacle.target)
    return {"step": _name(old), "target": _name(new)}


def _name(node: Node | None) -> Any:
    return "" if node is None else dict(node.names) or node.name

"""Which element of the new version stands for which of the old one: as somebody says, else the one with the same id.

What keeps an element from standing for another is a fact of the two, whatever instance comes by: `Plan.faults`. A node
for which nothing is said and whose id is gone has no target, and no instance that stands there moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.workflow.model.processes.definition import (
    BOUNDARY,
    CALL,
    CATCH,
    EVENT_GATEWAY,
    RECEIVE,
    Definition,
    Flow,
    Node,
    Timer,
)
from services.workflow.model.processes.moving.together import Together
from services.workflow.model.processes.waiting import MESSAGE, SIGNAL, TIMER

Mapped = Mapping[str, str | None]  # node → node; None: what stands there stays


@dataclass(frozen=True)
class Obstacle:
    """What keeps a position, or a whole instance (node ""), where it is; `target` is the place in the new version."""

    code: str
    node: str = ""
    target: str = ""
    params: Mapping[str, Any] = field(default_factory=dict, compare=False)


class Plan:
    """The move from one version to another."""

    def __init__(self, source: Definition, target: Definition, mapped: Mapped) -> None:
        self.source, self.target, self.mapped = source, target, mapped
        self._faults: dict[str, tuple[Obstacle, ...]] = {}

    @cached_property
    def together(self) -> Together:
        """Which places of the new version can be held at once."""
        return Together(self.target)

    def goes_to(self, node: str) -> Node | None:
        """What stands for a node in the new version."""
        named = self.mapped.get(node, node)
        return self.target.nodes.get(named) if named is not None else None

    def faults(self, node: str) -> tuple[Obstacle, ...]:
        """Why nothing that stands at a node can move."""
        if node not in self._faults:
            old, new = self.source.nodes[node], self.goes_to(node)
            stays = self.mapped.get(node, node) is None
            self._faults[node] = ((Obstacle("stays" if stays else "gone", node),) if new is None else tuple(
                Obstacle(code, node, new.id) for code in self._unlike(old, new)))
        return self._faults[node]

    def choices(self, node: str) -> list[Node]:
        """The nodes that may stand for one, in the order of the file."""
        old = self.source.nodes[node]
        return [new for new in self.target.nodes.values() if not any(self._unlike(old, new))]

    def event(self, event: str, at: Node) -> Node | None:
        """What stands for an event that is waited for at a node: one that `at` waits for as well, of the same kind."""
        old, new = self.source.nodes[event], self.goes_to(event)
        return new if new in events_at(self.target, at) and awaited(old) == awaited(new) else None

    def flow(self, id: str | None, join: Node) -> Flow | None:
        """The flow by which a token has come to a join: the same one, else the only one from the same place or by which
        its branch comes now: what was added to a branch that is done is not done any more."""
        same = self.target.flows.get(id or "")
        if same is not None and same.target == join.id:
            return same
        before = self.goes_to(self.source.flows[id].source) if id in self.source.flows else None
        if before is None:
            return None
        ways = self.target.incoming[join.id]
        found = [flow for flow in ways if flow.source == before.id] or [
            flow for flow in ways if before.id in self.target.upstream(flow, join.id)]
        return found[0] if len(found) == 1 else None

    def _unlike(self, old: Node, new: Node) -> Iterator[str]:
        """In what a node differs so that it cannot stand for another."""
        around = self.goes_to(old.parent) if old.parent is not None else None
        if old.kind != new.kind or (old.kind in (CATCH, BOUNDARY) and awaited(old) != awaited(new)):
            yield "other_kind"
        if new.parent != (around.id if around else None):
            yield "other_scope"
        if _times(old) != _times(new):
            yield "other_times"
        if old.kind == CALL and (old.called, old.about_field) != (new.called, new.about_field):
            yield "other_call"
        if old.kind == CALL and not {one[1:] for one in new.gets} <= {one[1:] for one in old.gets}:
            yield "other_result"


def awaited(node: Node | None) -> str | None:
    """The kind of event that a node waits for."""
    if node is None or node.raises:
        return None
    return TIMER if node.timer is not None else SIGNAL if node.signal else MESSAGE


def events_at(definition: Definition, node: Node) -> list[Node]:
    """The events that a token at a node waits for beside what the node itself does."""
    if node.kind == EVENT_GATEWAY:
        return [definition.nodes[flow.target] for flow in definition.outgoing[node.id]]
    own = [node] if node.kind in (CATCH, RECEIVE) else []
    return own + [event for event in definition.boundary[node.id] if not event.raises]


def same_timer(one: Timer | None, other: Timer | None) -> bool:
    """Whether two timers count the same."""
    return _timer(one) == _timer(other)


def same_about(one: Node, other: Node) -> bool:
    """Whether two nodes wait for a message about the same thing."""
    return _source(one.correlation) == _source(other.correlation)


def _timer(one: Timer | None) -> tuple[Any, ...] | None:
    return (one.after, str(one.works), one.at, _source(one.formula)) if one is not None else None


def _times(node: Node) -> tuple[bool, str] | None:
    """How often an activity is done; for how many people is asked when it begins."""
    return (node.many.sequential, _source(node.many.cardinality)) if node.many is not None else None


def _source(formula: Any) -> str:
    return formula.source if formula is not None else ""

"""An instance as it stands is moved: its tokens stand at nodes of the new version, and nothing else about it changes.

Ids of tokens stay, so tasks, called processes and ordered changes still find theirs. What the instance knows is kept:
who has agreed, what was decided. A decision is known by the id of its task, so it takes the new id where one is mapped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from services.workflow.model.processes.definition import JOINS, PARALLEL, Node
from services.workflow.model.processes.joins import open_inclusive
from services.workflow.model.processes.moving.plan import Obstacle, Plan
from services.workflow.model.processes.state import JOINED, State, Token
from services.workflow.model.processes.waiting import waits_of, work_of


@dataclass(frozen=True)
class Moved:
    """The state in the new version; with obstacles it stays as it was."""

    state: State
    obstacles: tuple[Obstacle, ...] = ()


def move(plan: Plan, state: State) -> Moved:
    """Move an instance."""
    found = [*_faults(plan, state), *_values(plan, state)]
    if not found:
        after = replace(state, tokens={token.id: _moved(plan, token) for token in state.tokens.values()},
                        variables=_renamed(plan, state.variables))
        found = [*_apart(plan, state, after), *_joins(plan, state, after)] or _stuck(plan, after)
        if not found:
            return Moved(after)
    return Moved(state, tuple(dict.fromkeys(found)))


def _faults(plan: Plan, state: State) -> Iterator[Obstacle]:
    for token in state.tokens.values():
        yield from plan.faults(token.node)
        join = plan.goes_to(token.node)
        if token.state == JOINED and join is not None and plan.flow(token.via, join) is None:
            yield Obstacle("other_way", token.node, join.id)


def _values(plan: Plan, state: State) -> Iterator[Obstacle]:
    """What an instance knows has the type that the new version counts on."""
    for name, type in plan.target.variables.items():
        known = plan.source.variables.get(name, type)
        if known != type and state.variables.get(name) is not None:
            yield Obstacle("other_type", params={"variable": name})


def _moved(plan: Plan, token: Token) -> Token:
    node = plan.goes_to(token.node)
    assert node is not None
    flow = plan.flow(token.via, node) if node.kind in JOINS else plan.target.flows.get(token.via or "")
    fired = (plan.event(event, node) for event in token.fired)
    return replace(token, node=node.id, via=flow.id if flow else None,
                   fired=tuple(event.id for event in fired if event is not None))


def _renamed(plan: Plan, variables: Mapping[str, Any]) -> dict[str, Any]:
    names = {old: new for old, new in plan.mapped.items() if new is not None and old != new and old in variables}
    kept = {name: value for name, value in variables.items() if name not in names}
    return kept | {new: variables[old] for old, new in names.items()}


def _apart(plan: Plan, state: State, after: State) -> Iterator[Obstacle]:
    """Two places that the new version never holds at once: what lies behind them would be done twice."""
    for one, other in combinations(after.tokens.values(), 2):
        if one.frame != other.frame or _place(state.tokens[one.id]) == _place(state.tokens[other.id]):
            continue
        if not plan.together.may(_place(one), _place(other)):
            yield Obstacle("not_together", state.tokens[other.id].node, other.node,
                           {"other": plan.target.nodes[one.node].name})


def _place(token: Token) -> str:
    return token.via if token.state == JOINED and token.via else token.node


def _joins(plan: Plan, state: State, after: State) -> Iterator[Obstacle]:
    """A parallel join that waits for a branch which never began, or that has all it waits for; nobody would open it."""
    for frame in after.frames.values():
        here = [] if frame.body else [token for token in after.tokens.values() if token.frame == frame.id]
        for join in plan.target.nodes.values():
            if join.kind == PARALLEL:
                yield from _at_join(plan, state, join, here)
    if open_inclusive(plan.target, after.tokens.values()) is not None:
        node = next(one for one in after.tokens.values() if one.state == JOINED)
        yield Obstacle("join_complete", state.tokens[node.id].node, node.node)


def _at_join(plan: Plan, state: State, join: Node, here: Sequence[Token]) -> Iterator[Obstacle]:
    arrived = {token.via for token in here if token.node == join.id}
    coming = [token for token in here if token.node != join.id and join.id in plan.target.downstream(token.node)]
    if not arrived and not coming:
        return
    first = next(token for token in here if token in coming or token.node == join.id)
    missing = [flow for flow in plan.target.incoming[join.id] if flow.id not in arrived and not any(
        token.node in plan.target.upstream(flow, join.id) for token in coming)]
    if missing:
        yield Obstacle("join_waits", state.tokens[first.id].node, join.id,
                       {"join": join.name, "branch": plan.target.nodes[missing[0].source].name})
    elif len(arrived) == len(plan.target.incoming[join.id]):
        yield Obstacle("join_complete", state.tokens[first.id].node, join.id)


def _stuck(plan: Plan, after: State) -> list[Obstacle]:
    waits = work_of(plan.target, after) or waits_of(plan.target, after)
    return [] if waits else [Obstacle("join_complete")]

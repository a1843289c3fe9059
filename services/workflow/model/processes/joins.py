"""Where tokens part and come together (BPMN 2.0.2, chapter 13.4).

An inclusive join opens when it holds a token and no token elsewhere can still come to an empty incoming flow, unless
that token could as well come to one that holds a token already; ways through the join itself do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chassis.formulas import Formula
from services.workflow.model.processes.condition import Condition
from services.workflow.model.processes.definition import INCLUSIVE, PARALLEL, USER, Definition, Flow, Node
from services.workflow.model.processes.state import JOINED, Token
from services.workflow.model.processes.stimuli import CannotGoOn

Value = Callable[[Formula | Condition], Any]
Choose = Callable[[Sequence[Flow], Node, Value], list[Flow]]


# ways out


def every(flows: Sequence[Flow], _: Node, __: Value) -> list[Flow]:
    """All flows: a parallel split."""
    return list(flows)


def first_open(flows: Sequence[Flow], node: Node, value: Value) -> list[Flow]:
    """The first flow whose condition holds, else the default one: an exclusive split."""
    open = next((flow for flow in flows if flow.id != node.default and _holds(flow, value)), None)
    return [open] if open else _default(flows, node)


def chosen(flows: Sequence[Flow], node: Node, value: Value) -> list[Flow]:
    """All flows whose conditions hold, else the default one: an inclusive split."""
    return [flow for flow in flows if flow.id != node.default and _holds(flow, value)] or _default(flows, node)


def from_activity(flows: Sequence[Flow], node: Node, value: Value) -> list[Flow]:
    """All flows without a condition and those whose condition holds; the default one when no condition holds."""
    plain = [flow for flow in flows if flow.condition is None and flow.id != node.default]
    held = [flow for flow in flows if flow.condition is not None and _holds(flow, value)]
    return plain + (held or [flow for flow in flows if flow.id == node.default])


def _holds(flow: Flow, value: Value) -> bool:
    return flow.condition is None or bool(value(flow.condition))


def _default(flows: Sequence[Flow], node: Node) -> list[Flow]:
    found = [flow for flow in flows if flow.id == node.default]
    if not found and flows:
        raise CannotGoOn("no_flow_open", node.id)
    return found


# ways together


def complete_parallel(definition: Definition, tokens: Iterable[Token], arrived: Token) -> list[Token]:
    """One token of each incoming flow of a parallel gateway, or nothing while one is missing."""
    by_flow = _at(tokens, arrived.frame, arrived.node)
    incoming = definition.incoming[arrived.node]
    return list(by_flow.values()) if len(by_flow) == len(incoming) else []


def open_inclusive(definition: Definition, tokens: Iterable[Token]) -> list[Token] | None:
    """The tokens of an inclusive join that need not wait any longer, one of each flow; None when there is none."""
    all = list(tokens)
    places = dict.fromkeys((one.frame, one.node) for one in all
                           if one.state == JOINED and definition.nodes[one.node].kind == INCLUSIVE)
    for frame, node in places:
        here = _at(all, frame, node)
        elsewhere = {one.node for one in all if one.frame == frame and one.node != node}
        if not _awaited(definition, node, set(here), elsewhere):
            return list(here.values())
    return None


def _awaited(definition: Definition, join: str, full: set[str], elsewhere: set[str]) -> bool:
    flows = definition.incoming[join]
    may_fill = {node for flow in flows if flow.id not in full for node in definition.upstream(flow, join)}
    may_add = {node for flow in flows if flow.id in full for node in definition.upstream(flow, join)}
    return bool(elsewhere & (may_fill - may_add))


def _at(tokens: Iterable[Token], frame: int, node: str) -> dict[str, Token]:
    """Incoming flow → the token that came first over it."""
    found: dict[str, Token] = {}
    for one in tokens:
        if one.frame == frame and one.node == node and one.state == JOINED:
            found.setdefault(one.via or "", one)
    return found


# ways back


def returns(definition: Definition, node: str) -> list[str]:
    """The user tasks before a node, in the same (sub-)process, that it can be sent back to without a parallel join
    in between waiting for a branch that is not run again."""
    own = definition.nodes[node]
    return [one.id for one in definition.nodes.values() if one.kind == USER and one.parent == own.parent
            and one.id != node and node in definition.downstream(one.id) and not _cut_off(definition, one.id, node)]


def _cut_off(definition: Definition, start: str, end: str) -> bool:
    reached = definition.downstream(start) | {start}
    return any(definition.nodes[join].kind == PARALLEL and end in definition.downstream(join)
               and not all(flow.source in reached for flow in definition.incoming[join]) for join in reached)

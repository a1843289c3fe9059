"""A process as the engine runs it: nodes and flows, checked and compiled; immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chassis.formulas import Formula
from chassis.working_time import Length
from services.workflow.model.texts import Texts

if TYPE_CHECKING:
    from services.workflow.model.processes.condition import Condition

START, END, TERMINATE, PASS, THROW = "start", "end", "terminate", "pass", "throw"
USER, SERVICE, FORMULA, SUB = "user", "service", "formula", "sub"
SEND, RECEIVE, TABLE, CALL = "send", "receive", "table", "call"
EXCLUSIVE, PARALLEL, INCLUSIVE, EVENT_GATEWAY = "exclusive", "parallel", "inclusive", "event_gateway"
CATCH, BOUNDARY = "catch", "boundary"
ESCALATION, ERROR = "escalation", "error"  # what is thrown to whatever is around
APPLICANT, AGREED = "applicant", "agreed"  # why a decision may pass by itself
ACTIVITIES = frozenset({USER, SERVICE, FORMULA, SUB, PASS, SEND, RECEIVE, TABLE, CALL})
JOINS = frozenset({PARALLEL, INCLUSIVE})


@dataclass(frozen=True)
class Timer:
    """When a timer is due: so long after it began to wait, by the clock or in working time, at a moment, or at the
    moment that a formula gives."""

    after: timedelta | None = None
    works: Length | None = None
    at: datetime | None = None
    formula: Formula | None = None


@dataclass(frozen=True)
class Many:
    """Several instances of an activity: as many as people, or as `cardinality` says, until `until` holds."""

    sequential: bool
    cardinality: Formula | None = None
    until: Formula | None = None


@dataclass(frozen=True)
class Who:
    """Somebody who has to act: a `person`, a `role` (in the applicant's department `up` levels up, or anywhere), the
    person in a `field` of the record, or the `applicant`."""

    way: str
    value: str = ""
    up: int | None = None


@dataclass(frozen=True)
class Node:
    """One flow node. What is only for some kinds stands below the line."""

    id: str
    kind: str
    name: str
    parent: str | None  # the sub-process that it is in
    default: str | None = None
    names: Texts = field(default_factory=dict)  # in the languages that its author wrote it in

    people: tuple[Who, ...] = ()
    decision: bool = False
    due: Length | None = None
    many: Many | None = None
    actions: tuple[Mapping[str, Any], ...] = ()
    automatic: tuple[str, ...] = ()  # of the start: why decisions pass by themselves
    withdrawn: tuple[Mapping[str, Any], ...] = ()  # done when the instance is taken back
    formula: Formula | None = None
    variable: str = ""
    timer: Timer | None = None
    rows: tuple[tuple[Formula | Condition | None, Formula | None], ...] = ()  # of a decision table
    called: str = ""  # another process: its key or its id
    about_field: str = ""  # which refers to the record that it is about; "": the same one
    gives: tuple[tuple[str, str, Formula | None], ...] = ()  # to the called process: variable, type, value
    gets: tuple[tuple[str, str, str], ...] = ()  # from it: variable, type, its variable
    takes: tuple[tuple[str, str], ...] = ()  # of the start: what a caller gives
    message: str = ""
    correlation: Formula | None = None  # what the message is about; None: the record
    signal: str = ""
    raises: str = ""  # escalation or error
    code: str = ""  # of it; at a boundary event "" means any
    attached_to: str = ""
    interrupting: bool = True
    condition: Condition | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Flow:
    """A sequence flow; without a condition it is always open."""

    id: str
    source: str
    target: str
    condition: Formula | Condition | None = None
    names: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A whole process: nodes and flows by id, in the order of the file."""

    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    variables: Mapping[str, str] = field(default_factory=dict)  # name → type of a field

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """Node → the flows that leave it."""
        return {id: tuple(flow for flow in self.flows.values() if flow.source == id) for id in self.nodes}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """Node → the flows that lead to it."""
        return {id: tuple(flow for flow in self.flows.values() if flow.target == id) for id in self.nodes}

    @cached_property
    def boundary(self) -> Mapping[str, tuple[Node, ...]]:
        """Activity → the events at its boundary."""
        return {id: tuple(node for node in self.nodes.values() if node.attached_to == id) for id in self.nodes}

    @cached_property
    def starts(self) -> Mapping[str | None, Node]:
        """Sub-process (None: the process itself) → its start."""
        return {node.parent: node for node in self.nodes.values() if node.kind == START}

    @cached_property
    def _upstream(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    def upstream(self, flow: Flow, apart: str) -> frozenset[str]:
        """The nodes from which a token can come to `flow` without visiting the node `apart`."""
        key = flow.id, apart
        if key not in self._upstream:
            self._upstream[key] = self._reaching(flow.source, apart)
        return self._upstream[key]

    def _reaching(self, node: str, apart: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one != apart and one not in found:
                found.add(one)
                waiting += [flow.source for flow in self.incoming[one]]
                if self.nodes[one].attached_to:
                    waiting.append(self.nodes[one].attached_to)
        return frozenset(found)

    @cached_property
    def _downstream(self) -> dict[str, frozenset[str]]:
        return {}

    def downstream(self, node: str) -> frozenset[str]:
        """The nodes that a token at `node` can come to, that one itself only in a circle."""
        if node not in self._downstream:
            self._downstream[node] = self._reached(node)
        return self._downstream[node]

    def _reached(self, node: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            following = [flow.target for flow in self.outgoing[one]] + [event.id for event in self.boundary[one]]
            fresh = [id for id in following if id not in found]
            found.update(fresh)
            waiting += fresh
        return frozenset(found)

"""Random processes, played to their end by random people: tokens are neither lost nor made.

A process is built from blocks (sequence, choice, parallel, inclusive, sub-process, loop, several instances), so it is
known to end; the engine must agree, whatever happens in whatever order.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.criteria import Scope
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.engine import advance
from services.workflow.model.processes.state import READY, State, state_from_json
from services.workflow.model.processes.stimuli import Begin, Decided, Noted, Occurred, Surroundings
from services.workflow.model.processes.waiting import waits_of, work_of
from tests.support.bpmn import definition, end, links, many, node, start, sub, timer, user

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cid")


@dataclass
class Author:
    """Draws blocks; each has one way in and one way out."""

    dice: random.Random
    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    count: int = 0

    def id(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def add(self, name: str, **attributes: str) -> str:
        id = self.id()
        self.nodes.append(node(name, id, **attributes))
        return id

    def block(self, depth: int) -> tuple[str, str]:
        kinds = [self.task, self.several, self.late]
        if depth:
            kinds += [self.sequence, self.choice, self.parallel, self.inclusive, self.inner, self.loop] * 2
        return self.dice.choice(kinds)(depth - 1)

    def task(self, _: int) -> tuple[str, str]:
        id = self.id()
        self.nodes.append(user(id) if self.dice.random() < 0.6 else node("task", id))
        return id, id

    def several(self, _: int) -> tuple[str, str]:
        id = self.id()
        until = self.dice.choice(["", "process.completed >= 2"])
        self.nodes.append(user(id, many=many(until, self.dice.random() < 0.5)))
        return id, id

    def late(self, _: int) -> tuple[str, str]:
        """A task with a timer that takes it away, both leading to the same place."""
        id, join = self.id(), self.id()
        self.nodes += [user(id), node("exclusiveGateway", join),
                       node("boundaryEvent", f"{id}t", timer(), attachedToRef=id)]
        self.flows += [f"{id}>{join}", f"{id}t>{join}"]
        return id, join

    def sequence(self, depth: int) -> tuple[str, str]:
        first, second = self.block(depth), self.block(depth)
        self.flows.append(f"{first[1]}>{second[0]}")
        return first[0], second[1]

    def _gate(self, kind: str, depth: int, condition: str) -> tuple[str, str]:
        split, join, plain = self.id(), self.id(), self.id()
        self.nodes += [node(kind, split, **({"default": plain} if condition else {})), node(kind, join),
                       node("task", plain)]
        self.flows += [f"{split}>{plain}", f"{plain}>{join}"]
        for _ in range(self.dice.randrange(1, 4)):
            way_in, way_out = self.block(depth)
            self.flows += [f"{split}>{way_in}{condition.format(self.dice.randrange(10))}", f"{way_out}>{join}"]
        return split, join

    def choice(self, depth: int) -> tuple[str, str]:
        return self._gate("exclusiveGateway", depth, "?amount>{}")

    def inclusive(self, depth: int) -> tuple[str, str]:
        return self._gate("inclusiveGateway", depth, "?amount>{}")

    def parallel(self, depth: int) -> tuple[str, str]:
        return self._gate("parallelGateway", depth, "")

    def inner(self, depth: int) -> tuple[str, str]:
        inside = Author(self.dice, count=self.count)
        way_in, way_out = inside.block(depth)
        self.count = inside.count
        id = self.id()
        self.nodes.append(sub(id, start(f"{id}s"), *inside.nodes, end(f"{id}e"), links(" ".join(
            [f"{id}s>{way_in}", *inside.flows, f"{way_out}>{id}e"]))))
        return id, id

    def loop(self, depth: int) -> tuple[str, str]:
        """Again when the last task was refused, at most as often as the game lets it."""
        merge, ask, gate, after = self.id(), self.id(), self.id(), self.id()
        way_in, way_out = self.block(depth)
        self.nodes += [node("exclusiveGateway", merge), user(ask), node("exclusiveGateway", gate, default=after),
                       node("task", after)]
        self.flows += [f"{merge}>{way_in}", f"{way_out}>{ask}", f"{ask}>{gate}", f"{gate}>{after}",
                       f'{gate}>{merge}?process.{ask}="rejected"']
        return merge, after


def drawn(seed: int) -> Definition:
    author = Author(random.Random(seed))
    way_in, way_out = author.block(3)
    flows = " ".join([f"Start>{way_in}", *author.flows, f"{way_out}>End"])
    return definition(start(), *author.nodes, end(), flows=flows)


@dataclass
class Play:
    """One instance, moved by dice."""

    definition: Definition
    dice: random.Random
    state: State = field(default_factory=State)
    noted: list[Noted] = field(default_factory=list)
    refusals: int = 3

    def step(self, stimulus: Any) -> None:
        around = Surroundings({"amount": self.dice.randrange(10)}, Scope(NOW), lambda _: PEOPLE, lambda _: None)
        step = advance(self.definition, self.state, stimulus, around)
        again = advance(self.definition, self.state, stimulus, around)
        assert again == step, "the engine is a function"
        self.state = state_from_json(step.state.to_json())
        assert self.state == step.state, "a state survives being kept"
        self.noted += step.noted
        self.check()

    def check(self) -> None:
        """Nothing runs on, every frame has its owner, and nobody waits for nothing."""
        tokens, frames = self.state.tokens, self.state.frames
        assert all(token.state != READY and token.frame in frames for token in tokens.values())
        assert all(frame.token is None or frame.token in tokens for frame in frames.values())
        assert all(any(token.frame == id for token in tokens.values()) for id in frames)

    def choices(self) -> Sequence[Any]:
        work = [Decided(one.token, self._outcome()) for one in work_of(self.definition, self.state).values()]
        return [*work, *(Occurred(wait.token, wait.node) for wait in waits_of(self.definition, self.state))]

    def _outcome(self) -> str:
        refused = self.refusals > 0 and self.dice.random() < 0.3
        self.refusals -= refused
        return "rejected" if refused else "approved"

    def to_its_end(self) -> int:
        self.step(Begin())
        steps = 0
        while not self.state.ended:
            choices = sorted(self.choices(), key=repr)
            assert choices, "an instance that has not ended waits for something"
            self.step(self.dice.choice(choices))
            steps += 1
            assert steps < 2_000
        return steps


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_every_well_structured_process_ends_whatever_happens(drawing: int, playing: int) -> None:
    play = Play(drawn(drawing), random.Random(playing))
    play.to_its_end()
    assert play.state.frames == {}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_what_flows_into_a_node_comes_out_of_it(drawing: int, playing: int) -> None:
    """Each node other than a join or an activity that an event took away is left as often as it is entered."""
    play = Play(drawn(drawing), random.Random(playing))
    play.to_its_end()
    taken = Counter(flow for one in play.noted if one.what == "left" for flow in (one.detail or {})["flows"])
    left = Counter(one.node for one in play.noted if one.what == "left")
    for node_ in play.definition.nodes.values():
        arrived = sum(taken[flow.id] for flow in play.definition.incoming[node_.id])
        if node_.kind == "exclusive":
            assert left[node_.id] == arrived
        if node_.kind == "parallel" and len(play.definition.incoming[node_.id]) > 1:
            counts = {taken[flow.id] for flow in play.definition.incoming[node_.id]}
            assert counts == {left[node_.id]}, "a parallel join takes one token from every flow"
    assert sum(one.what == "ended" and one.node == "End" for one in play.noted) == 1

"""An instance while a stimulus takes effect: tokens that are put, moved and taken away, frames that end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.formulas import EvaluationError, Formula
from services.workflow.model.processes import joins
from services.workflow.model.processes.condition import Condition
from services.workflow.model.processes.definition import CALL, USER, Definition, Node
from services.workflow.model.processes.many import after_one, begun, may_stop, outcome_of
from services.workflow.model.processes.state import DONE, READY, WAITING, Frame, State, Token
from services.workflow.model.processes.stimuli import CannotGoOn, Noted, Sent, Surroundings

MAX_STEPS = 1_000
MAX_TOKENS = 1_000
MAX_MANY = 200


class Run:
    """The state while it changes."""

    def __init__(self, definition: Definition, state: State, around: Surroundings) -> None:
        self.definition, self.around = definition, around
        self.tokens, self.frames = dict(state.tokens), dict(state.frames)
        self.variables, self.next_id, self.agreed = dict(state.variables), state.next_id, state.agreed
        self.noted: list[Noted] = []
        self.thrown: list[str] = []
        self.sent: list[Sent] = []
        self.raised: list[tuple[str, str]] = []
        self.called = False  # begun by another process
        self.ready: deque[int] = deque()
        self.steps = 0

    def state(self) -> State:
        """The state by now."""
        return State(self.tokens, self.frames, self.variables, self.next_id, self.agreed)

    # the loop

    def settle(self, enter: Mapping[str, Callable[[Run, Token], None]]) -> None:
        """Run until nothing can move by itself; `enter` says by the kind of a node what a token does there."""
        while self.ready or self._open_inclusive_join():
            token = self.tokens.get(self.ready.popleft()) if self.ready else None
            if token is not None and token.state == READY:
                self._count(token)
                enter[self.definition.nodes[token.node].kind](self, token)

    def _count(self, token: Token) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS or len(self.tokens) > MAX_TOKENS:
            raise CannotGoOn("endless", token.node, limit=MAX_STEPS)

    def _open_inclusive_join(self) -> bool:
        found = joins.open_inclusive(self.definition, self.tokens.values())
        if found is not None:
            self.split(self.merged(found), joins.chosen)
        return found is not None

    # tokens

    def put(self, node: str, frame: int, **more: Any) -> Token:
        """A new token, ready to enter a node."""
        token = Token(self.new_id(), node, frame, **more)
        self.tokens[token.id] = token
        self.ready.append(token.id)
        return token

    def new_id(self) -> int:
        """The id of another token or frame."""
        self.next_id += 1
        return self.next_id - 1

    def wait(self, token: Token, **more: Any) -> None:
        """Leave a token where it is until something happens."""
        self.tokens[token.id] = replace(token, state=WAITING, **more)

    def note(self, node: str, what: str, **detail: Any) -> None:
        """Add a line to the history."""
        self.noted.append(Noted(node, what, detail or None))

    def take_away(self, token: Token) -> None:
        """Remove a token, and whatever lives in the frames that belong to it."""
        self.tokens.pop(token.id, None)
        for frame in [one for one in self.frames.values() if one.token == token.id]:
            self.empty(frame)
            del self.frames[frame.id]

    def empty(self, frame: Frame) -> None:
        """Remove all tokens of a frame."""
        for token in [one for one in self.tokens.values() if one.frame == frame.id]:
            self.take_away(token)

    def merged(self, arrived: Sequence[Token]) -> Token:
        """One token in place of those that came together."""
        for token in arrived[1:]:
            del self.tokens[token.id]
        return arrived[0]

    # moving on

    def leave(self, token: Token) -> None:
        """A node is done: the token goes out, or one of several instances has come to its end."""
        if token.inner:
            self.one_done(token, DONE)
        else:
            self.split(token, joins.from_activity)

    def split(self, token: Token, choose: joins.Choose) -> None:
        """Put a token on each chosen flow in place of this one; without a flow it ends here."""
        node = self.definition.nodes[token.node]
        flows = choose(self.definition.outgoing[node.id], node, lambda formula: self.value(formula, node))
        self.take_away(token)
        for flow in flows:
            self.put(flow.target, token.frame, via=flow.id)
        if flows:
            self.note(node.id, "left", flows=[flow.id for flow in flows])
        self.end_frame_if_empty(token.frame)

    def end_frame_if_empty(self, id: int) -> None:
        """A sub-process without tokens is complete; its token goes on."""
        if any(token.frame == id for token in self.tokens.values()):
            return
        frame = self.frames.pop(id)
        if frame.token is not None:
            self.leave(self.tokens[frame.token])

    def value(self, formula: Formula | Condition, node: Node, **more: Any) -> Any:
        """The value of a formula over the record and the variables; raises CannotGoOn."""
        try:
            return formula.evaluate(self.around.record, self.around.scope, {"process": {**self.variables, **more}})
        except EvaluationError as error:
            raise CannotGoOn("formula", node.id, error=error) from None
        except (ArithmeticError, ValueError):
            raise CannotGoOn("value", node.id) from None

    # several instances

    def many(self, token: Token, node: Node) -> bool:
        """Open the body of an activity with several instances; False for one with a single instance."""
        if node.many is None or token.inner:
            return False
        items = self._items(node)
        frame, first = begun(self.new_id(), token.id, items, node.many)
        self.frames[frame.id] = frame
        self.wait(token)
        self.note(node.id, "entered", instances=frame.total)
        for item in first:
            self.put(node.id, frame.id, inner=True, item=item)
        self.end_frame_if_empty(frame.id)
        return True

    def _items(self, node: Node) -> Sequence[str | None]:
        assert node.many is not None
        if node.many.cardinality is None:
            people = self.around.people(node)
            if len(people) > MAX_MANY:
                raise CannotGoOn("too_many_instances", node.id, limit=MAX_MANY)
            return people
        wanted = self.value(node.many.cardinality, node) or 0
        if not 0 <= wanted <= MAX_MANY:
            raise CannotGoOn("too_many_instances", node.id, limit=MAX_MANY)
        return [None] * int(wanted)

    def one_done(self, token: Token, outcome: str) -> None:
        """One of several instances has come to its end."""
        node = self.definition.nodes[token.node]
        frame = after_one(self.frames[token.frame], outcome)
        self.frames[frame.id] = frame
        self.take_away(token)
        assert node.many is not None
        counts = {"instances": frame.total, "completed": frame.done, "approved": frame.approved,
                  "rejected": frame.rejected}
        stops = node.many.until is not None and bool(self.value(node.many.until, node, **counts))
        if stops:
            self.empty(frame)
        elif frame.rest:
            self.frames[frame.id] = replace(frame, rest=frame.rest[1:])
            self.put(node.id, frame.id, inner=True, item=frame.rest[0])
        if node.kind in (USER, CALL) and may_stop(stops, frame):
            decides = node.decision or (node.kind == CALL and frame.approved + frame.rejected > 0)
            self.decide(node, outcome_of(frame, outcome, stops, decides))
        self.end_frame_if_empty(frame.id)

    def decided(self, token: Token, outcome: str) -> None:
        """A user task, or one of its instances, was decided: the token goes on."""
        node = self.definition.nodes[token.node]
        if token.inner:
            self.one_done(token, outcome)
        else:
            self.decide(node, outcome)
            self.leave(token)

    def decide(self, node: Node, outcome: str) -> None:
        """Keep how a user task ended, for the conditions behind it."""
        self.variables |= {"outcome": outcome, node.id: outcome}

    # what comes from outside

    def waiting(self, id: int) -> Token:
        """The token that something happened to; raises CannotGoOn when it does not wait any more."""
        token = self.tokens.get(id)
        if token is None or token.state != WAITING:
            raise CannotGoOn("gone", "")
        return token

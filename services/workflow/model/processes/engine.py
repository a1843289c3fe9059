"""The token engine: (definition, state, stimulus) → (new state, what is noted). A pure function.

A stimulus sets tokens free; they run until every one waits for something outside or has ended, but never more than
`MAX_STEPS` nodes. What is then waited for is a function of the state (`waiting`). An inclusive join is looked at when
nothing else can move, because what else moves may still reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes import joins
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.entering import ENTER
from services.workflow.model.processes.run import Run
from services.workflow.model.processes.state import APPROVED, DONE, READY, REJECTED, ROOT, Frame, State
from services.workflow.model.processes.stimuli import (
    Begin,
    CannotGoOn,
    Decided,
    Joined,
    Noted,
    Occurred,
    Raised,
    Returned,
    Sent,
    SentBack,
    Served,
    Stimulus,
    Surroundings,
    TriedAgain,
)
from services.workflow.model.processes.throwing import raise_at
from services.workflow.model.processes.waiting import waits_of, work_of

MAX_QUEUE = 20


@dataclass(frozen=True)
class Step:
    """What a stimulus led to."""

    state: State
    noted: Sequence[Noted]
    thrown: Sequence[str] = ()  # signals
    sent: Sequence[Sent] = ()  # messages
    raised: Sequence[tuple[str, str]] = ()  # what leaves the instance: escalations and errors by their codes


def advance(definition: Definition, state: State, stimulus: Stimulus, around: Surroundings) -> Step:
    """Let a stimulus take effect; raises CannotGoOn, and then nothing has changed."""
    run = Run(definition, state, around)
    _STIMULI[type(stimulus)](run, stimulus)
    run.settle(ENTER)
    after = run.state()
    if not after.ended and not work_of(definition, after) and not waits_of(definition, after):
        raise CannotGoOn("stuck", next(iter(after.tokens.values())).node)
    return Step(after, run.noted, run.thrown, run.sent, run.raised)


def _begin(run: Run, stimulus: Begin) -> None:
    run.called = stimulus.called
    run.frames[ROOT] = Frame(ROOT)
    run.put(run.definition.starts[None].id, ROOT)


def _decided(run: Run, stimulus: Decided) -> None:
    token = run.waiting(stimulus.token)
    node = run.definition.nodes[token.node]
    if stimulus.outcome == REJECTED:
        run.agreed = ()
    elif stimulus.outcome == APPROVED and stimulus.by and stimulus.by not in run.agreed:
        run.agreed = (*run.agreed, stimulus.by)
    if token.queue and stimulus.outcome in (APPROVED, DONE):
        run.note(node.id, "waiting", people=list(token.queue[0]))
        run.wait(token, people=token.queue[0], queue=token.queue[1:], turn=token.turn + 1)
    else:
        run.decided(token, stimulus.outcome)


def _occurred(run: Run, stimulus: Occurred) -> None:
    token, event = run.waiting(stimulus.token), run.definition.nodes[stimulus.event]
    run.note(event.id, "occurred")
    if event.id == token.node:
        run.leave(token)
    elif event.kind == bpmn.BOUNDARY and not event.interrupting:
        run.tokens[token.id] = replace(token, fired=(*token.fired, event.id))
        run.put(event.id, token.frame)
    else:
        moved = run.put(event.id, token.frame)
        run.take_away(token)
        if event.kind in (bpmn.CATCH, bpmn.RECEIVE):  # behind an event gateway
            run.ready.remove(moved.id)
            run.leave(moved)


def _served(run: Run, stimulus: Served) -> None:
    run.leave(run.waiting(stimulus.token))


def _tried_again(run: Run, stimulus: TriedAgain) -> None:
    token = run.waiting(stimulus.token)
    run.tokens[token.id] = replace(token, state=READY, ref=None)
    run.ready.append(token.id)


def _returned(run: Run, stimulus: Returned) -> None:
    token = run.waiting(stimulus.token)
    node = run.definition.nodes[token.node]
    run.variables |= {name: stimulus.variables.get(of) for name, _, of in node.gets}
    run.note(node.id, "returned", outcome=stimulus.outcome)
    run.decided(token, stimulus.outcome)


def _raised(run: Run, stimulus: Raised) -> None:
    raise_at(run, run.waiting(stimulus.token), stimulus.what, stimulus.code)


def _sent_back(run: Run, stimulus: SentBack) -> None:
    """The whole activity is left, with all its instances, and so is everything that came after the earlier task."""
    token = run.waiting(stimulus.token)
    if token.inner:
        token = run.tokens[_owner(run.frames[token.frame])]
    if stimulus.to not in run.variables or stimulus.to not in joins.returns(run.definition, token.node):
        raise CannotGoOn("no_way_back", token.node)
    after = run.definition.downstream(stimulus.to) | {stimulus.to}
    for one in [one for one in run.tokens.values() if one.frame == token.frame and one.node in after]:
        run.take_away(one)
    run.agreed = ()
    run.put(stimulus.to, token.frame)


def _owner(frame: Frame) -> int:
    assert frame.token is not None
    return frame.token


def _joined(run: Run, stimulus: Joined) -> None:
    token = run.waiting(stimulus.token)
    if len(token.queue) >= MAX_QUEUE:
        raise CannotGoOn("queue_full", token.node, limit=MAX_QUEUE)
    if stimulus.before:
        run.wait(token, people=(stimulus.person,), queue=(stimulus.holders, *token.queue), turn=token.turn + 1)
        run.note(token.node, "waiting", people=[stimulus.person])
    else:
        run.wait(token, queue=((stimulus.person,), *token.queue))


_STIMULI: Mapping[type, Callable[[Run, Any], None]] = {
    Begin: _begin, Decided: _decided, Occurred: _occurred, Served: _served, TriedAgain: _tried_again,
    SentBack: _sent_back, Joined: _joined, Returned: _returned, Raised: _raised,
}

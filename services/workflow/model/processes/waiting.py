"""What a state waits for: work of people, and events. Both are worked out from the state alone, so whoever keeps a
state compares what was waited for before with what is waited for now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.workflow.model.processes.definition import (
    ACTIVITIES,
    CATCH,
    EVENT_GATEWAY,
    RECEIVE,
    SERVICE,
    USER,
    Definition,
    Node,
)
from services.workflow.model.processes.definition import CALL as CALL_ACTIVITY
from services.workflow.model.processes.state import WAITING, State, Token

TIMER, MESSAGE, SIGNAL, CHANGE, CALL = "timer", "message", "signal", "change", "call"
NEVER = "failed"  # the key of a change that was refused: nobody settles it any more


@dataclass(frozen=True)
class Work:
    """A turn of a user task: one of these people has to act."""

    token: int
    turn: int
    node: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Wait:
    """A timer, a message or a signal by its name, the change of a record by what was ordered, a called process."""

    token: int
    node: str
    kind: str
    key: str = ""


def work_of(definition: Definition, state: State) -> dict[tuple[int, int], Work]:
    """The open turns of user tasks, by token and turn."""
    waiting = (one for one in state.tokens.values() if one.state == WAITING and one.turn
               and definition.nodes[one.node].kind == USER)
    return {(one.id, one.turn): Work(one.id, one.turn, one.node, one.people) for one in waiting}


def waits_of(definition: Definition, state: State) -> set[Wait]:
    """The events that are waited for."""
    return {wait for token in state.tokens.values() if token.state == WAITING for wait in _waits(definition, token)}


def _waits(definition: Definition, token: Token) -> Iterator[Wait]:
    node = definition.nodes[token.node]
    if node.kind == CATCH or (node.kind == RECEIVE and (token.inner or node.many is None)):
        yield _event(token, node)
    elif node.kind == EVENT_GATEWAY:
        yield from (_event(token, definition.nodes[flow.target]) for flow in definition.outgoing[node.id])
    elif node.kind == SERVICE and token.ref is not None:
        yield Wait(token.id, node.id, CHANGE, token.ref)
    elif node.kind == CALL_ACTIVITY and (token.inner or node.many is None):
        yield Wait(token.id, node.id, CALL)
    if node.kind in ACTIVITIES and not token.inner:
        yield from (_event(token, event) for event in definition.boundary[node.id]
                    if event.id not in token.fired and not event.raises)


def _event(token: Token, node: Node) -> Wait:
    if node.timer is not None:
        return Wait(token.id, node.id, TIMER)
    kind = SIGNAL if node.signal else MESSAGE
    return Wait(token.id, node.id, kind, node.signal or node.message)

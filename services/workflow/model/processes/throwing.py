"""What a node throws: a signal, a message, an escalation or an error (BPMN 2.0.2, chapters 10.5.1 and 13.5).

Signals and messages leave the instance. Escalations and errors look for a boundary event outwards, activity by
activity: an error always takes away what it finds around it, an escalation only at an interrupting event; else whoever
threw it goes on. What leaves the instance is heard by the process that has called it. Nobody has to hear an
escalation. An error that nobody catches ends the whole instance.
"""

from __future__ import annotations

from services.workflow.model.processes.definition import ERROR, Node
from services.workflow.model.processes.run import Run
from services.workflow.model.processes.state import ROOT, Frame, Token
from services.workflow.model.processes.stimuli import MAX_CORRELATION, CannotGoOn, Sent


def throw(run: Run, token: Token) -> None:
    """Throw what the node of a token says; the token may be gone afterwards."""
    node = run.definition.nodes[token.node]
    if node.signal:
        run.thrown.append(node.signal)
        run.note(node.id, "thrown", signal=node.signal)
    elif node.message:
        run.sent.append(Sent(node.message, _about(run, node)))
        run.note(node.id, "thrown", message=node.message)
    elif node.raises:
        run.note(node.id, "thrown", **{node.raises: node.code})
        _raise(run, run.frames[token.frame], node.raises, node.code)


def _about(run: Run, node: Node) -> str:
    """What a message is about: what the formula of its node gives, else the record."""
    value = run.value(node.correlation, node) if node.correlation else run.around.record.get("id", "")
    if value is None or len(str(value)) > MAX_CORRELATION:
        raise CannotGoOn("correlation", node.id)
    return str(value)


def raise_at(run: Run, holder: Token, what: str, code: str) -> None:
    """Look for who catches it at the activity of a token, then around it."""
    event = None if holder.inner else _catching(run, holder, what, code)
    if event is not None:
        _caught(run, holder, event)
    else:
        _raise(run, run.frames[holder.frame], what, code)


def _raise(run: Run, frame: Frame, what: str, code: str) -> None:
    if frame.token is not None:
        raise_at(run, run.tokens[frame.token], what, code)
        return
    run.raised.append((what, code))
    if what == ERROR:
        run.empty(run.frames[ROOT])
        run.end_frame_if_empty(ROOT)


def _catching(run: Run, holder: Token, what: str, code: str) -> Node | None:
    """The event at the activity of a token that catches it: the one of its code, else one of any code."""
    found = {event.code: event for event in run.definition.boundary[holder.node] if event.raises == what}
    return found.get(code) or found.get("")


def _caught(run: Run, holder: Token, event: Node) -> None:
    """Go on from an event at an activity, which an interrupting one takes away."""
    run.note(event.id, "occurred")
    run.put(event.id, holder.frame)
    if event.interrupting:
        run.take_away(holder)

"""What a token does when it enters a node, by the kind of the node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes import joins
from services.workflow.model.processes.automatic import passes
from services.workflow.model.processes.run import Run
from services.workflow.model.processes.state import APPROVED, JOINED, Frame, Token
from services.workflow.model.processes.stimuli import CannotGoOn
from services.workflow.model.processes.throwing import throw


def _pass(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if not run.many(token, node):
        run.note(node.id, "passed")
        run.leave(token)


def _begin_node(run: Run, token: Token) -> None:
    run.split(token, joins.every)


def _start(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if node.people and not run.called and run.variables.get("applicant") not in run.around.people(node):
        raise CannotGoOn("not_yours_to_start", node.id)
    if node.condition is not None and not run.value(node.condition, node):
        raise CannotGoOn("not_to_start", node.id)
    run.split(token, joins.every)


def _throw(run: Run, token: Token) -> None:
    throw(run, token)
    if token.id in run.tokens:
        run.leave(token)


def _end(run: Run, token: Token) -> None:
    outcome = run.definition.nodes[token.node].outcome
    if outcome:
        run.variables["outcome"] = outcome
    throw(run, token)
    run.note(token.node, "ended")
    if token.id in run.tokens:
        run.take_away(token)
        run.end_frame_if_empty(token.frame)


def _terminate(run: Run, token: Token) -> None:
    run.note(token.node, "terminated")
    run.empty(run.frames[token.frame])
    run.end_frame_if_empty(token.frame)


def _user(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if run.many(token, node):
        return
    people = (token.item,) if token.item is not None else run.around.people(node)
    passed = passes(run.definition, node, people, run.variables.get("applicant"), run.agreed)
    if passed is not None:
        run.note(node.id, "automatic", person=passed[0], reason=passed[1])
        run.decided(token, APPROVED)
        return
    run.note(node.id, "waiting", people=list(people))
    run.wait(token, people=people, turn=1)


def _service(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if run.many(token, node):
        return
    ref = run.around.act(node)
    run.note(node.id, "acted")
    if ref is None:
        run.leave(token)
    else:
        run.wait(token, ref=ref)


def _send(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if not run.many(token, node):
        throw(run, token)
        run.leave(token)


def _receive(run: Run, token: Token) -> None:
    if not run.many(token, run.definition.nodes[token.node]):
        _wait(run, token)


def _call(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if not run.many(token, node):
        run.note(node.id, "called")
        run.wait(token)


def _table(run: Run, token: Token) -> None:
    """The first row whose condition holds decides; none: there is no value."""
    node = run.definition.nodes[token.node]
    if run.many(token, node):
        return
    hit = next((number for number, (condition, _) in enumerate(node.rows, 1)
                if condition is None or run.value(condition, node)), None)
    value = node.rows[hit - 1][1] if hit else None
    run.variables[node.variable] = run.value(value, node) if value else None
    run.note(node.id, "computed", variable=node.variable, **({"row": hit} if hit else {}))
    run.leave(token)


def _formula(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if run.many(token, node):
        return
    assert node.formula is not None
    run.variables[node.variable] = run.value(node.formula, node)
    run.note(node.id, "computed", variable=node.variable)
    run.leave(token)


def _sub(run: Run, token: Token) -> None:
    node = run.definition.nodes[token.node]
    if run.many(token, node):
        return
    frame = Frame(run.new_id(), token.id)
    run.frames[frame.id] = frame
    run.wait(token)
    run.note(node.id, "entered")
    run.put(run.definition.starts[node.id].id, frame.id)


def _exclusive(run: Run, token: Token) -> None:
    run.split(token, joins.first_open)


def _parallel(run: Run, token: Token) -> None:
    run.tokens[token.id] = replace(token, state=JOINED)
    arrived = joins.complete_parallel(run.definition, run.tokens.values(), token)
    if arrived:
        run.split(run.merged(arrived), joins.every)


def _inclusive(run: Run, token: Token) -> None:
    if len(run.definition.incoming[token.node]) > 1:
        run.tokens[token.id] = replace(token, state=JOINED)
    else:
        run.split(token, joins.chosen)


def _wait(run: Run, token: Token) -> None:
    run.note(token.node, "waiting")
    run.wait(token)


ENTER: Mapping[str, Callable[[Run, Token], None]] = {
    bpmn.START: _start, bpmn.BOUNDARY: _begin_node, bpmn.END: _end, bpmn.TERMINATE: _terminate, bpmn.PASS: _pass,
    bpmn.THROW: _throw,
    bpmn.SEND: _send, bpmn.RECEIVE: _receive, bpmn.CALL: _call, bpmn.TABLE: _table,
    bpmn.USER: _user, bpmn.SERVICE: _service, bpmn.FORMULA: _formula, bpmn.SUB: _sub, bpmn.EXCLUSIVE: _exclusive,
    bpmn.PARALLEL: _parallel, bpmn.INCLUSIVE: _inclusive, bpmn.EVENT_GATEWAY: _wait, bpmn.CATCH: _wait,
}

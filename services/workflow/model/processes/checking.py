"""Whether the parts of a process fit together: what would leave a token nowhere to go is found before publishing."""

from __future__ import annotations

from collections.abc import Iterator

from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.definition import Definition, Flow, Node
from services.workflow.model.processes.reader import PROCESS, Reader

_SPLITS = frozenset({bpmn.EXCLUSIVE, bpmn.INCLUSIVE})
_UNCONDITIONAL = frozenset({bpmn.PARALLEL, bpmn.EVENT_GATEWAY, bpmn.START, bpmn.BOUNDARY, bpmn.CATCH})
_AT_BOUNDARY = frozenset({bpmn.USER, bpmn.SUB, bpmn.SERVICE, bpmn.RECEIVE, bpmn.CALL})
_AROUND = frozenset({bpmn.SUB, bpmn.CALL})  # what may throw from within


def check(reader: Reader) -> None:
    """Note what does not fit together."""
    _check_ends(reader)
    if reader.faults:
        return
    definition = Definition(reader.nodes, reader.flows)
    _check_starts(reader, definition)
    for node in reader.nodes.values():
        for code in _node_faults(definition, node):
            reader.wrong(reader.elements[node.id], code)
    _check_outcomes(reader)


def _check_ends(reader: Reader) -> None:
    """Flows and boundary events lead to nodes of the same (sub-)process."""
    for flow in reader.flows.values():
        source, target = reader.nodes.get(flow.source), reader.nodes.get(flow.target)
        if source is None or target is None or source.parent != target.parent:
            reader.wrong(reader.elements[flow.id], "flow_ends")
    for node in reader.nodes.values():
        if node.kind == bpmn.BOUNDARY:
            at = reader.nodes.get(node.attached_to)
            if at is None or at.parent != node.parent or at.kind not in _AT_BOUNDARY:
                reader.wrong(reader.elements[node.id], "boundary_nowhere")
            elif node.raises and at.kind not in _AROUND:
                reader.wrong(reader.elements[node.id], "raised_nowhere")


def _check_starts(reader: Reader, definition: Definition) -> None:
    for scope in [None, *(node.id for node in reader.nodes.values() if node.kind == bpmn.SUB)]:
        starts = [node for node in reader.nodes.values() if node.kind == bpmn.START and node.parent == scope]
        if len(starts) != 1:
            reader.wrong(reader.elements[scope or ""], "one_start")


def _node_faults(definition: Definition, node: Node) -> Iterator[str]:
    incoming, outgoing = definition.incoming[node.id], definition.outgoing[node.id]
    if node.kind in (bpmn.START, bpmn.BOUNDARY) and incoming:
        yield "way_in"
    if node.kind not in (bpmn.START, bpmn.BOUNDARY) and not incoming:
        yield "no_way_in"
    if node.kind in (bpmn.END, bpmn.TERMINATE) and outgoing:
        yield "way_out"
    if node.kind in (bpmn.START, bpmn.BOUNDARY, bpmn.EVENT_GATEWAY) and not outgoing:
        yield "no_way_out"
    if node.default is not None and node.default not in {flow.id for flow in outgoing}:
        yield "default_nowhere"
    if any(flow.id == node.default and flow.condition for flow in outgoing):
        yield "default_condition"
    yield from _condition_faults(node, outgoing)
    if node.kind == bpmn.EVENT_GATEWAY and any(_not_an_event(definition, flow) for flow in outgoing):
        yield "events_must_follow"


def _not_an_event(definition: Definition, flow: Flow) -> bool:
    node = definition.nodes[flow.target]
    is_bare = node.kind == bpmn.RECEIVE and not node.many and not definition.boundary[node.id]
    return not (node.kind == bpmn.CATCH or is_bare) or len(definition.incoming[node.id]) > 1


def _condition_faults(node: Node, outgoing: tuple[Flow, ...]) -> Iterator[str]:
    if node.kind in _UNCONDITIONAL and any(flow.condition for flow in outgoing):
        yield "condition_ignored"
    open = [flow for flow in outgoing if flow.condition is None and flow.id != node.default]
    if node.kind == bpmn.EXCLUSIVE and len(outgoing) > 1 and open:
        yield "condition_missing"
    if node.kind in _SPLITS and outgoing and not open and node.default is None:
        yield "default_missing"


def _check_outcomes(reader: Reader) -> None:
    """A decision that nothing asks about would let what was rejected go on as if it were approved."""
    formulas = [flow.condition for flow in reader.flows.values()] + [
        formula for node in reader.nodes.values() for formula in (
            node.formula, node.correlation, *(given for _, _, given in node.gives), *sum(node.rows, ()))]
    asked = {path[1] for formula in formulas if formula for path in formula.reads if path[0] == PROCESS and path[1:]}
    for node in reader.nodes.values():
        if node.decision and not asked & {"outcome", node.id}:
            reader.wrong(reader.elements[node.id], "outcome_unasked")

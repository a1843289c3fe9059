"""Which nodes of a (sub-)process can hold tokens at the same time.

The concurrency relation of a net (Kovalyov and Esparza, 1996): what leaves a split together is concurrent; who is
concurrent to all that a step takes is concurrent to all that it gives. Nodes and flows are the places of the net. It
is worked out with one integer for each place, whose bits are the places beside it. An inclusive join takes what has
come once nothing can come any more, so it is not beside what is still on its way to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.workflow.model.processes.definition import (
    EVENT_GATEWAY,
    EXCLUSIVE,
    INCLUSIVE,
    PARALLEL,
    Definition,
    Flow,
    Node,
)

Step = tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]  # what it takes, what it gives, what it waits for
_NOTHING: frozenset[str] = frozenset()


class Together:
    """The relation over one definition; flows stand for tokens that wait at a join."""

    def __init__(self, definition: Definition) -> None:
        self._place = {id: number for number, id in enumerate((*definition.nodes, *definition.flows))}
        self._steps = [(self._numbers(takes), self._numbers(gives), self._bits(apart))
                       for node in definition.nodes.values() for takes, gives, apart in _steps(definition, node)]
        self._beside = [0] * len(self._place)
        self._spread()

    def may(self, one: str, other: str) -> bool:
        """Whether two places can be held at once."""
        return bool(self._beside[self._place[one]] >> self._place[other] & 1)

    def _numbers(self, places: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self._place[place] for place in places)

    def _bits(self, places: frozenset[str]) -> int:
        return sum(1 << self._place[place] for place in places)

    def _spread(self) -> None:
        for _, gives, _ in self._steps:
            for one in gives:
                for other in gives:
                    if one != other:
                        self._join(one, 1 << other)
        while self._again():
            pass

    def _again(self) -> bool:
        grown = False
        for takes, gives, apart in self._steps:
            common = ~apart
            for one in takes:
                common &= self._beside[one]
            for one in gives:
                grown |= self._join(one, common)
        return grown

    def _join(self, place: int, others: int) -> bool:
        fresh = others & ~self._beside[place]
        self._beside[place] |= fresh
        bit, rest = 1 << place, fresh
        while rest:
            low = rest & -rest
            self._beside[low.bit_length() - 1] |= bit
            rest ^= low
        return bool(fresh)


def _steps(definition: Definition, node: Node) -> Iterator[Step]:
    """What a token does at a node: it comes over a flow, or over all of them, and goes out."""
    incoming, outgoing = definition.incoming[node.id], tuple(flow.id for flow in definition.outgoing[node.id])
    if node.kind == PARALLEL and incoming:
        yield tuple(flow.id for flow in incoming), (node.id,), _NOTHING
    else:
        waits = node.kind == INCLUSIVE and len(incoming) > 1
        yield from (((flow.id,), (node.id,), _coming(definition, node, flow) if waits else _NOTHING)
                    for flow in incoming)
    if node.kind in (EXCLUSIVE, EVENT_GATEWAY):
        yield from (((node.id,), (flow,), _NOTHING) for flow in outgoing)
    elif outgoing:
        yield (node.id,), outgoing, _NOTHING
    for event in definition.boundary[node.id]:
        yield (node.id,), (event.id,) if event.interrupting else (node.id, event.id), _NOTHING


def _coming(definition: Definition, join: Node, arrived: Flow) -> frozenset[str]:
    """What an inclusive join that holds a token of one flow waits for: what can come over the others alone."""
    others = [flow for flow in definition.incoming[join.id] if flow.id != arrived.id]
    nodes = {node for flow in others for node in definition.upstream(flow, join.id)} - definition.upstream(
        arrived, join.id)
    flows = {flow.id for node in nodes for flow in (*definition.outgoing[node], *definition.incoming[node])}
    return frozenset(nodes | flows | {flow.id for flow in others})

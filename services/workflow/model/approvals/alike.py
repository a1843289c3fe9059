"""Whether two BPMN files say the same: the same nodes and flows in the same relation, whatever their ids are, their
order in the file and their diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.jsonio import loads
from services.workflow.model.processes.iso import read_length
from services.workflow.model.processes.vocabulary import BPMN
from services.workflow.model.processes.xml import Element

_REFERENCES = frozenset({"sourceRef", "targetRef", "default", "attachedToRef"})
_JSON = frozenset({"actions", "when", "withdrawn", "conditionExpression"})
_PLAIN = {"cancelActivity": "true", "isSequential": "false"}


def same(one: Element, other: Element) -> bool:
    """Compare the files of these roots."""
    return _said(one) == _said(other)


def _said(root: Element) -> list[Any]:
    around = [child.name for child in root.of(BPMN) if child.name != "process"]
    processes = list(root.of(BPMN, "process"))
    if len(processes) != 1:
        return [around, len(processes), root]
    graph = _Graph(processes[0])
    return [around, *(graph.said(id) for id in graph.order)]


class _Graph:
    def __init__(self, process: Element) -> None:
        self._parts = {one.id: one for one in process.children}
        self._flows = [one for one in process.children if one.name == "sequenceFlow"]
        self._events = [one for one in process.children if "attachedToRef" in one.attributes]
        self.order = self._ordered()
        self._numbers = {id: str(number) for number, id in enumerate(self.order)}

    def _ordered(self) -> list[str]:
        """From the start on: a node, the events at it, its flows; the default one last. At the end what is left."""
        waiting = [id for id, one in reversed(self._parts.items()) if one.name == "startEvent"]
        found: dict[str, None] = {}
        while waiting:
            id = waiting.pop()
            if id in self._parts and id not in found:
                found[id] = None
                waiting += reversed(list(self._next(self._parts[id])))
        return [*found, *(id for id in self._parts if id not in found)]

    def _next(self, part: Element) -> Iterator[str]:
        if part.name == "sequenceFlow":
            yield part.attributes.get("targetRef", "")
            return
        yield from (event.id for event in self._events if event.attributes["attachedToRef"] == part.id)
        flows = [flow.id for flow in self._flows if flow.attributes.get("sourceRef") == part.id]
        default = part.attributes.get("default")
        yield from sorted(flows, key=lambda id: id == default)

    def said(self, id: str) -> Any:
        """A part without its id, and without what its flows say anyway."""
        return self._element(self._parts[id])

    def _element(self, one: Element) -> Any:
        attributes = {key: self._numbers.get(value, value) if key in _REFERENCES else value
                      for key, value in one.attributes.items()
                      if ":" not in key and _PLAIN.get(key) != value and (key != "id" or one.name == "person")}
        children = [self._element(child) for child in one.children if child.name not in ("incoming", "outgoing")]
        return one.space, one.name, attributes, dict(one.foreign), children, _text(one)


def _text(one: Element) -> Any:
    if one.name == "timeDuration":
        return read_length(one.text)
    if one.name in _JSON:
        try:
            return loads(one.text)
        except ValueError:
            pass
    return " ".join(one.text.split())

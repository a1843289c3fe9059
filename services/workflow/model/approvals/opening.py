"""From a BPMN file back to the approval that it stands for.

What is read may be more than an approval says. So the approval is written again, and only when both files say the same
(whatever their ids and their diagrams) the file is one that can be shown; nothing of another one is lost by saving it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from chassis.jsonio import loads
from services.workflow.model.approvals.alike import same
from services.workflow.model.approvals.checking import ApprovalFaults, read_approval
from services.workflow.model.approvals.form import ALL, ANY, APPROVE, ESCALATE, REJECT, REMIND, TURN, Approval
from services.workflow.model.approvals.writing import write_approval
from services.workflow.model.processes.iso import read_length, read_working
from services.workflow.model.processes.reader import extension
from services.workflow.model.processes.vocabulary import BPMN, OURS, TIME, WORKING
from services.workflow.model.processes.xml import Element, Unreadable, read_xml

Json = dict[str, Any]
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


class _NotOne(Exception):
    """The file is no approval."""


def open_approval(xml: str) -> Approval | None:
    """Return the approval that a file stands for; None for a file that says something else."""
    try:
        root = read_xml(xml)
        approval = read_approval(_Opening(root).approval())
    except (Unreadable, _NotOne, ApprovalFaults, ValueError, TypeError, KeyError, RecursionError):
        return None
    return approval if same(root, write_approval(approval).root) else None


class _Opening:
    def __init__(self, root: Element) -> None:
        process = root.first(BPMN, "process")
        if process is None:
            raise _NotOne
        self.nodes = {one.id: one for one in process.of(BPMN) if one.id and one.name != "sequenceFlow"}
        self.flows = list(process.of(BPMN, "sequenceFlow"))
        self.seen: set[str] = set()
        self.after: dict[str, list[Json]] = {"approved": [], "rejected": []}

    def approval(self) -> Json:
        start = next((one for one in self.nodes.values() if one.name == "startEvent"), None)
        if start is None:
            raise _NotOne
        when, back, passing = (extension(start, name) for name in ("when", "withdrawn", "automatic"))
        steps, end = self.sequence(self._only(start))
        if self._node(end).name != "endEvent":
            raise _NotOne
        return {"start": {"people": _people(start, optional=True), "criteria": loads(when.text) if when else None},
                "steps": steps, **self.after, "withdrawn": loads(back.text) if back else [],
                "automatic": passing.attributes["when"].split() if passing else []}

    def sequence(self, at: str) -> tuple[list[Json], str]:
        """The steps from a node on, and the node at which they end: a join or an end."""
        steps: list[Json] = []
        while not self._ends(at):
            if at in self.seen:
                raise _NotOne
            self.seen.add(at)
            step, at = self._step(self._node(at))
            if step is not None:
                steps.append(step)
        return steps, at

    def _ends(self, at: str) -> bool:
        node = self._node(at)
        return node.name == "endEvent" or (node.name == "exclusiveGateway" and len(self._out(node)) == 1)

    def _step(self, node: Element) -> tuple[Json | None, str]:
        if node.name == "userTask":
            return self._approve(node)
        if node.name == "exclusiveGateway":
            return self._choose(node)
        return self._act(node), self._only(node)

    def _act(self, node: Element) -> Json | None:
        actions = extension(node, "actions")
        if actions is None:
            raise _NotOne
        if "after" in actions.attributes:
            self.after[actions.attributes["after"]] = loads(actions.text)
            return None
        return {"type": "act", "name": _names(node), "actions": loads(actions.text)}

    def _approve(self, node: Element) -> tuple[Json, str]:
        gateway = self._node(self._only(node))
        following, rejected = self._decided(gateway)
        due = extension(node, "due")
        return {"type": "approve", "name": _names(node), "people": _people(node), "mode": _mode(node),
                "due_in": due.attributes.get("in") if due else None,
                "late": self._late(node, following, rejected)}, following

    def _decided(self, gateway: Element) -> tuple[str, str]:
        """Where a decision leads to when it was approved, and when it was rejected."""
        default = gateway.attributes.get("default")
        flows = self._out(gateway)
        on = [flow.attributes["targetRef"] for flow in flows if flow.id == default]
        off = [flow.attributes["targetRef"] for flow in flows if flow.id != default]
        if len(on) != 1 or len(off) != 1:
            raise _NotOne
        self._rejection(off[0])
        return on[0], off[0]

    def _rejection(self, at: str) -> None:
        """What happens after a rejection."""
        node = self._node(at)
        if node.name == "serviceTask":
            self._act(node)

    def _late(self, node: Element, following: str, rejected: str) -> Json | None:
        timers = [one for one in self.nodes.values() if one.attributes.get("attachedToRef") == node.id]
        if not timers:
            return None
        target = self._node(self._only(timers[0]))
        definition = timers[0].first(BPMN, "timerEventDefinition")
        length = definition.first(BPMN, "timeDuration") if definition else None
        late = {"after": _after(definition, length)}
        if timers[0].attributes.get("cancelActivity") == "false":
            actions = extension(target, "actions")
            return {**late, "do": REMIND, "message": loads(actions.text)[0]["message"] if actions else None}
        if target.id == following:
            return {**late, "do": APPROVE}
        if target.id == rejected:
            return {**late, "do": REJECT}
        return {**late, "do": ESCALATE, "people": _people(target)}

    def _choose(self, node: Element) -> tuple[Json, str]:
        default, ways, otherwise, ends = node.attributes.get("default"), [], None, set()
        for flow in self._out(node):
            steps, end = self.sequence(flow.attributes["targetRef"])
            ends.add(end)
            way = {"name": _names(flow), "steps": steps}
            if flow.id == default:
                otherwise = way
            else:
                condition = flow.first(BPMN, "conditionExpression")
                ways.append({**way, "criteria": loads(condition.text) if condition else None})
        if len(ends) != 1:
            raise _NotOne
        return {"type": "choose", "name": _names(node), "ways": ways, "otherwise": otherwise}, self._only(
            self._node(ends.pop()))

    def _node(self, id: str) -> Element:
        if id not in self.nodes:
            raise _NotOne
        return self.nodes[id]

    def _out(self, node: Element) -> Sequence[Element]:
        return [flow for flow in self.flows if flow.attributes.get("sourceRef") == node.id]

    def _only(self, node: Element) -> str:
        flows = self._out(node)
        if len(flows) != 1:
            raise _NotOne
        return flows[0].attributes["targetRef"]


def _names(one: Element) -> Mapping[str, str]:
    extensions = one.first(BPMN, "extensionElements")
    names = {name.attributes["locale"]: name.text for name in (extensions.of(OURS, "name") if extensions else ())}
    return names or {"en": one.attributes["name"]}


def _people(one: Element, optional: bool = False) -> list[Json]:
    people = extension(one, "people")
    if people is None and optional:
        return []
    if people is None:
        raise _NotOne
    return [_who(who) for who in people.children]


def _who(who: Element) -> Json:
    if who.name == "role":
        up = who.attributes.get("up")
        return {"role": who.attributes["key"], **({} if up is None else {"up": int(up)})}
    if who.name == "person":
        return {"person": who.attributes["id"]}
    return {"field": who.attributes["name"]} if who.name == "field" else {"applicant": True}


def _mode(task: Element) -> str:
    many = task.first(BPMN, "multiInstanceLoopCharacteristics")
    if many is None:
        return ANY
    return TURN if many.attributes.get("isSequential") == "true" else ALL


def _after(definition: Element | None, length: Element | None) -> str:
    if definition is None or length is None or definition.foreign.get(TIME) != WORKING:
        return _short(read_length(length.text) if length else None)
    works = read_working(length.text)
    if works is None:
        raise _NotOne
    return str(works)


def _short(length: timedelta | None) -> str:
    """A length of time in one unit."""
    if length is None:
        raise _NotOne
    unit, size = next((one for one in _UNITS if not length % one[1]), _UNITS[-1])
    return f"{length // size}{unit}"

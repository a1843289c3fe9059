"""From an approval to a BPMN file with its diagram.

Each step leaves loose ends; the next one ties them to itself. Whatever is rejected is tied to the one end for that.
`places` says which part of the form an element stands for, so that what is wrong with it is told there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.jsonio import dumps
from chassis.working_time import MOST, UNITS, read_length
from services.workflow.model.approvals.drawing import (
    COLUMN,
    GAP,
    Box,
    Point,
    aside,
    box,
    columns,
    down,
    label_along,
    label_of,
    reach_below,
)
from services.workflow.model.approvals.form import (
    ANY,
    APPROVE,
    REJECT,
    REMIND,
    TURN,
    Act,
    Approval,
    Approve,
    Choose,
    Json,
    Late,
    Step,
    Way,
)
from services.workflow.model.approvals.markup import BPMNDI, DC, DI, FORMAL, element, write_xml
from services.workflow.model.processes.condition import CRITERIA_LANGUAGE
from services.workflow.model.processes.state import APPROVED, REJECTED
from services.workflow.model.processes.vocabulary import BPMN, OURS, TIME, WORKING
from services.workflow.model.processes.xml import Element
from services.workflow.model.texts import Texts, pick

FIRST_LANGUAGE = "en"
WAS_REJECTED = 'process.outcome = "rejected"'
ONE_REJECTED = "process.rejected > 0"
START = {"en": "Application", "zh-CN": "发起申请"}
NAMES: dict[str, Texts] = {APPROVED: {"en": "Approved", "zh-CN": "已同意"},
                           REJECTED: {"en": "Rejected", "zh-CN": "已驳回"}}
AFTERWARDS: dict[str, Texts] = {APPROVED: {"en": "After approval", "zh-CN": "同意后执行"},
                                REJECTED: {"en": "After rejection", "zh-CN": "驳回后执行"}}
WORKING_UNITS = tuple(MOST)
_TOP = 60


@dataclass(frozen=True)
class Loose:
    """An end of a flow that leads nowhere yet."""

    source: str
    name: Texts | None = None
    condition: Element | None = None
    default: bool = False
    lane: int | None = None
    aside: bool = False
    flow: Element | None = None  # it stands in the file already, since the order of ways counts


@dataclass(frozen=True)
class Written:
    """A file, its elements, and the pointers of its elements into the form."""

    xml: str
    root: Element
    places: dict[str, str]


def write_approval(approval: Approval) -> Written:
    """Return the BPMN file of an approval."""
    return _File(approval).written()


class _File:
    def __init__(self, approval: Approval) -> None:
        self.nodes: list[Element] = []
        self.flows: list[Element] = []
        self.boxes: dict[str, Box] = {}
        self.bends: dict[str, list[Point]] = {}
        self.places: dict[str, str] = {}
        self.numbers: Counter[str] = Counter()
        self.rejects: list[Loose] = []
        self.y = _TOP
        self._all(approval)

    def written(self) -> Written:
        self._directions()
        process = element(BPMN, "process", *self.nodes, *self.flows, id="approval", isExecutable="true")
        root = element(BPMN, "definitions", process, self._diagram(), id="definitions",
                       targetNamespace="urn:freehold:approval")
        return Written(write_xml(root), root, self.places)

    # the whole

    def _all(self, approval: Approval) -> None:
        middle = columns(approval.steps) * COLUMN // 2
        when = [] if approval.criteria is None else [element(OURS, "when", text=dumps(approval.criteria))]
        back = [element(OURS, "withdrawn", text=dumps(approval.withdrawn))] if approval.withdrawn else []
        passing = [element(OURS, "automatic", when=" ".join(approval.automatic))] if approval.automatic else []
        start = self._node("startEvent", "start", START, "/start", middle,
                           *(_people(approval.people) if approval.people else []), *when, *back, *passing)
        ends = self._sequence(approval.steps, [Loose(start)], "/steps", middle)
        self._end(APPROVED, ends, approval.approved, middle)
        below, self.y = self.y, self.boxes["end_approved"].top - (130 if approval.approved else 0)
        if self.rejects:
            self._end(REJECTED, self.rejects, approval.rejected, (columns(approval.steps) + 1) * COLUMN - 40)
        self.y = max(below, self.y)

    def _end(self, outcome: str, ends: Sequence[Loose], actions: tuple[Json, ...], middle: int) -> None:
        if actions:
            service = self._node("serviceTask", f"after_{outcome}", AFTERWARDS[outcome], f"/{outcome}", middle,
                                 element(OURS, "actions", text=dumps(actions), after=outcome))
            self._tie(ends, service)
            ends = [Loose(service)]
        end = self._node("endEvent", f"end_{outcome}", NAMES[outcome], f"/{outcome}", middle,
                         element(OURS, "outcome", value=outcome))
        self._tie(ends, end)

    def _sequence(self, steps: Sequence[Step], ends: list[Loose], place: str, middle: int) -> list[Loose]:
        for index, step in enumerate(steps):
            ends = self._step(step, ends, f"{place}/{index}", middle)
        return ends

    def _step(self, step: Step, ends: list[Loose], place: str, middle: int) -> list[Loose]:
        if isinstance(step, Approve):
            return self._approve(step, ends, place, middle)
        if isinstance(step, Act):
            return self._act(step, ends, place, middle)
        return self._choose(step, ends, place, middle)

    # steps

    def _approve(self, step: Approve, ends: list[Loose], place: str, middle: int) -> list[Loose]:
        middle -= COLUMN // 2 * (columns([step]) - 1)
        user = self._user(step, place, middle)
        self._tie(ends, user)
        here = self.y
        self.y += reach_below(step)
        decided = self._decided(user, place, middle)
        return [decided, *(self._late(step, step.late, user, place, middle, here) if step.late else ())]

    def _user(self, step: Approve, place: str, middle: int) -> str:
        due = [] if step.due_in is None else [element(OURS, "due", in_=step.due_in)]
        user = self._node("userTask", self._id("approve"), step.name, place, middle,
                          element(OURS, "decision"), *due, *_people(step.people))
        if step.mode != ANY:
            sequential = {"isSequential": "true"} if step.mode == TURN else {}
            until = Element(BPMN, "completionCondition", FORMAL, 0, texts=[ONE_REJECTED])
            self.nodes[-1].children.append(element(BPMN, "multiInstanceLoopCharacteristics", until, **sequential))
        return user

    def _decided(self, user: str, place: str, middle: int) -> Loose:
        """The gateway behind a decision; returns the way on."""
        gateway = self._node("exclusiveGateway", self._id("decided"), None, place, middle)
        self._tie([Loose(user)], gateway)
        condition = Element(BPMN, "conditionExpression", FORMAL, 0, texts=[WAS_REJECTED])
        self.rejects.append(Loose(gateway, NAMES[REJECTED], condition, aside=True))
        return Loose(gateway, NAMES[APPROVED], default=True)

    def _late(self, step: Approve, late: Late, user: str, place: str, middle: int, below: int) -> list[Loose]:
        timer = self._timer(user, late, place)
        beside = middle + COLUMN
        if late.do == APPROVE:
            return [Loose(timer, lane=self.boxes[timer].middle)]
        if late.do == REJECT:
            self.rejects.append(Loose(timer, aside=True))
            return []
        after, self.y = self.y, below
        if late.do == REMIND:
            self._remind(late, timer, place, beside)
            ends = []
        else:
            other = self._user(replace(step, people=late.people, mode=ANY, due_in=None), f"{place}/late", beside)
            self._tie([Loose(timer, lane=self.boxes[timer].middle)], other)
            ends = [replace(self._decided(other, f"{place}/late", beside), lane=beside)]
        self.y = max(self.y, after)
        return ends

    def _timer(self, user: str, late: Late, place: str) -> str:
        at = self.boxes[user]
        cancels = {} if late.do != REMIND else {"cancelActivity": "false"}
        length = Element(BPMN, "timeDuration", FORMAL, 0, texts=[_iso(late.after)])
        y = self.y
        timer = self._node("boundaryEvent", self._id("late"), None, f"{place}/late", at.middle)
        self.y = y
        self.nodes[-1].attributes = {**self.nodes[-1].attributes, "attachedToRef": user, **cancels}
        counted = element(BPMN, "timerEventDefinition", length)
        if late.after.endswith(WORKING_UNITS):
            counted.foreign = {TIME: WORKING}
        self.nodes[-1].children.append(counted)
        self.boxes[timer] = Box(at.right - 30, at.bottom - 18, 36, 36)
        return timer

    def _remind(self, late: Late, timer: str, place: str, middle: int) -> None:
        action = {"type": "notify", "to": "waiting", "message": dict(late.message)}
        service = self._node("serviceTask", self._id("remind"), {"en": "Remind", "zh-CN": "提醒"}, f"{place}/late",
                             middle, element(OURS, "actions", text=dumps([action])))
        self._tie([Loose(timer, lane=self.boxes[timer].middle)], service)
        end = self._node("endEvent", self._id("reminded"), None, f"{place}/late", middle)
        self._tie([Loose(service)], end)

    def _act(self, step: Act, ends: list[Loose], place: str, middle: int) -> list[Loose]:
        service = self._node("serviceTask", self._id("act"), step.name, place, middle,
                             element(OURS, "actions", text=dumps(step.actions)))
        self._tie(ends, service)
        return [Loose(service)]

    def _choose(self, step: Choose, ends: list[Loose], place: str, middle: int) -> list[Loose]:
        gateway = self._node("exclusiveGateway", self._id("choose"), step.name, place, middle)
        self._tie(ends, gateway)
        left, top, lowest = middle - columns([step]) * COLUMN // 2, self.y, self.y
        loose: list[Loose] = []
        for index, way in enumerate(step.ways):
            wide, self.y = columns(way.steps) * COLUMN, top
            at = f"{place}/ways/{index}" if way.criteria is not None else f"{place}/otherwise"
            begins = [self._begins(gateway, way, at, left + wide // 2)]
            found = self._sequence(way.steps, begins, f"{at}/steps", left + wide // 2)
            loose += [replace(one, lane=self.boxes[one.source].middle if one.lane is None else one.lane)
                      for one in found]
            lowest, left = max(lowest, self.y), left + wide
        self.y = lowest
        join = self._node("exclusiveGateway", self._id("join"), None, place, middle)
        self._tie(loose, join)
        return [Loose(join)]

    def _begins(self, gateway: str, way: Way, place: str, lane: int) -> Loose:
        if way.criteria is None:
            end = Loose(gateway, way.name, default=True, lane=lane)
        else:
            condition = Element(BPMN, "conditionExpression", {**FORMAL, "language": CRITERIA_LANGUAGE}, 0,
                                texts=[dumps(way.criteria)])
            end = Loose(gateway, way.name, condition, lane=lane)
        flow = self._flow(end)
        self.places[flow.id] = f"{place}/criteria"
        return replace(end, flow=flow)

    # elements

    def _id(self, kind: str) -> str:
        self.numbers[kind] += 1
        return f"{kind}_{self.numbers[kind]}"

    def _node(self, kind: str, id: str, name: Texts | None, place: str, middle: int, *own: Element) -> str:
        named = {"name": pick(name, FIRST_LANGUAGE)} if name else {}
        names = _names(name) if name else []
        extensions = [element(BPMN, "extensionElements", *names, *own)] if names or own else []
        self.nodes.append(element(BPMN, kind, *extensions, id=id, **named))
        self.places[id] = place
        self.boxes[id] = box(kind, middle, self.y)
        self.y = self.boxes[id].bottom + GAP
        return id

    def _tie(self, ends: Sequence[Loose], target: str) -> None:
        for end in ends:
            flow = end.flow or self._flow(end)
            flow.attributes = {**flow.attributes, "targetRef": target}
            source, to = self.boxes[end.source], self.boxes[target]
            self.bends[flow.id] = aside(source, to) if end.aside else down(source, to, end.lane)

    def _flow(self, end: Loose) -> Element:
        id = self._id("flow")
        names = [element(BPMN, "extensionElements", *_names(end.name))] if end.name else []
        named = {"name": pick(end.name, FIRST_LANGUAGE)} if end.name else {}
        self.flows.append(element(BPMN, "sequenceFlow", *names, *([end.condition] if end.condition else []), id=id,
                                  **named, sourceRef=end.source))
        self.places[id] = self.places[end.source]
        if end.default:
            source = next(node for node in self.nodes if node.id == end.source)
            source.attributes = {**source.attributes, "default": id}
        return self.flows[-1]

    def _directions(self) -> None:
        """Each node names the flows that come and go, before what it repeats or waits for."""
        for node in self.nodes:
            ways = [element(BPMN, word, text=flow.id) for word, end in (("incoming", "targetRef"),
                                                                        ("outgoing", "sourceRef"))
                    for flow in self.flows if flow.attributes[end] == node.id]
            at = 1 if node.children and node.children[0].name == "extensionElements" else 0
            node.children[at:at] = ways

    def _diagram(self) -> Element:
        names = {one.id: one.attributes["name"] for one in (*self.nodes, *self.flows) if "name" in one.attributes}
        outside = {one.id for one in self.nodes if one.name not in ("userTask", "serviceTask")} & names.keys()
        crossed = {one.id for one in self.nodes if one.name == "exclusiveGateway"}
        shapes = [element(BPMNDI, "BPMNShape", _bounds(at), *(_label(label_of(at, names[id])) if id in outside else ()),
                          id=f"{id}_shape", bpmnElement=id, **({"isMarkerVisible": "true"} if id in crossed else {}))
                  for id, at in self.boxes.items()]
        edges = [element(BPMNDI, "BPMNEdge", *(element(DI, "waypoint", x=str(x), y=str(y)) for x, y in bends),
                         *(_label(label_along(bends, names[id])) if id in names else ()),
                         id=f"{id}_edge", bpmnElement=id) for id, bends in self.bends.items()]
        plane = element(BPMNDI, "BPMNPlane", *shapes, *edges, id="plane", bpmnElement="approval")
        return element(BPMNDI, "BPMNDiagram", plane, id="diagram")


def _label(at: Box) -> tuple[Element]:
    return (element(BPMNDI, "BPMNLabel", _bounds(at)),)


def _bounds(at: Box) -> Element:
    return element(DC, "Bounds", x=str(at.left), y=str(at.top), width=str(at.width), height=str(at.height))


def _names(name: Texts) -> list[Element]:
    return [element(OURS, "name", text=text, locale=locale) for locale, text in name.items()]


def _people(people: Sequence[Json]) -> list[Element]:
    return [element(OURS, "people", *(_who(who) for who in people))]


def _who(who: Json) -> Element:
    if "role" in who:
        return element(OURS, "role", key=who["role"], **({"up": str(who["up"])} if "up" in who else {}))
    if "person" in who:
        return element(OURS, "person", id=who["person"])
    return element(OURS, "field", name=who["field"]) if "field" in who else element(OURS, "applicant")


def _iso(duration: str) -> str:
    """The length of time as timers of BPMN have it."""
    length = read_length(duration)
    assert length is not None  # checked with the form
    if length.works:
        return f"P{length.amount}D" if length.unit == "wd" else f"PT{length.amount}H"
    long = length.amount * UNITS[length.unit]
    return f"PT{int(long.total_seconds()) // 60}M" if long % timedelta(days=1) else f"P{long.days}D"

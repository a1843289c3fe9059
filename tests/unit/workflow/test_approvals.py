"""Approvals in their simple form: what is written is BPMN that the engine accepts, and opens again as the same form."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.workflow.model.actions import Checker
from services.workflow.model.approvals.checking import MAX_DEPTH, ApprovalFaults, read_approval, to_wire
from services.workflow.model.approvals.opening import open_approval
from services.workflow.model.approvals.writing import write_approval
from services.workflow.model.processes.reading import read_definition
from services.workflow.model.processes.vocabulary import BPMN
from services.workflow.model.processes.xml import Element, read_xml
from tests.support.bpmn import MODEL

PERSON = "0190a5a4-0000-7000-8000-000000000001"
CHECKER = Checker(MODEL, users=[PERSON], departments=[], task_kinds=[], has_template=lambda _: False,
                  roles=["manager"], in_process=True)
NAME = {"en": "Boss", "zh-CN": "主管"}
SET = {"type": "set_fields", "values": {"status": "agreed"}}
SIMPLE = {"start": {"people": [], "criteria": None}, "approved": [], "rejected": [], "withdrawn": [],
          "automatic": [], "steps": [
    {"type": "approve", "name": NAME, "people": [{"role": "manager", "up": 1}], "mode": "any", "due_in": None,
     "late": None}]}

texts = st.dictionaries(st.sampled_from(["en", "zh-CN"]), st.sampled_from(
    ["Boss", "a < b & \"c\"", "经理", "two words"]), min_size=1)
who = st.sampled_from([{"person": PERSON}, {"role": "manager"}, {"role": "manager", "up": 2}, {"field": "lawyer"},
                       {"field": "owner_id"}, {"applicant": True}])
people = st.lists(who, min_size=1, max_size=3)
criteria = st.sampled_from([{"all": [{"field": "amount", "op": "gt", "value": 5}]},
                            {"any": [{"field": "status", "op": "eq", "value": "new"},
                                     {"field": "name", "op": "contains", "value": "<&]]>"}]}])
action = st.sampled_from([SET, {"type": "notify", "to": "applicant", "message": {"en": "Done & <over>"}},
                          {"type": "notify", "to": {"role": "manager"}, "message": {"zh-CN": "好"}}])
actions = st.lists(action, min_size=1, max_size=2)
spans = st.sampled_from(["90m", "3h", "2d", "9d", "4wh", "3wd"])
late = st.one_of(
    st.builds(lambda after, message: {"after": after, "do": "remind", "message": message}, spans, texts),
    st.builds(lambda after, people: {"after": after, "do": "escalate", "people": people}, spans, people),
    st.builds(lambda after, do: {"after": after, "do": do}, spans, st.sampled_from(["approve", "reject"])))
approve = st.fixed_dictionaries({
    "type": st.just("approve"), "name": texts, "people": people, "mode": st.sampled_from(["any", "all", "turn"]),
    "due_in": st.none() | spans, "late": st.none() | late})
act = st.fixed_dictionaries({"type": st.just("act"), "name": texts, "actions": actions})


def choose(step: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    steps = st.lists(step, max_size=2)
    way = st.fixed_dictionaries({"name": texts, "criteria": criteria, "steps": steps})
    return st.fixed_dictionaries({
        "type": st.just("choose"), "name": texts, "ways": st.lists(way, min_size=1, max_size=2),
        "otherwise": st.fixed_dictionaries({"name": texts, "steps": steps})})


def deep(step: dict[str, Any]) -> int:
    """How many levels of ways a step has below it."""
    if step["type"] != "choose":
        return 0
    return 1 + max((deep(one) for way in (*step["ways"], step["otherwise"]) for one in way["steps"]), default=0)


step = st.recursive(approve | act, choose, max_leaves=6).filter(lambda step: deep(step) < MAX_DEPTH)
approvals = st.builds(
    lambda start, steps, at, decision, approved, rejected, withdrawn, automatic: {
        "start": start, "steps": [*steps[:at], decision, *steps[at:]], "approved": approved, "rejected": rejected,
        "withdrawn": withdrawn, "automatic": automatic},
    st.fixed_dictionaries({"people": st.lists(who, max_size=2), "criteria": st.none() | criteria}),
    st.lists(step, max_size=3), st.integers(0, 3), approve, *[st.lists(action, max_size=2)] * 3,
    st.lists(st.sampled_from(["applicant", "agreed"]), unique=True))


def written(form: dict[str, Any]) -> str:
    return write_approval(read_approval(form)).xml


@settings(max_examples=300, deadline=None)
@given(approvals)
def test_what_is_written_is_accepted_by_the_engine_and_opens_as_the_same_form(form: dict[str, Any]) -> None:
    approval = read_approval(form)
    xml = write_approval(approval).xml
    CHECKER.faults.clear()
    read_definition(xml, MODEL, CHECKER)
    opened = open_approval(xml)
    assert opened == approval
    assert to_wire(opened) == form


@settings(max_examples=100, deadline=None)
@given(approvals)
def test_every_node_and_flow_is_drawn_and_no_two_nodes_lie_on_each_other(form: dict[str, Any]) -> None:
    root = read_xml(written(form))
    process = next(root.of(BPMN, "process"))
    things = {one.id for one in process.children}
    shapes, drawn = {}, set()
    for one in _inside(root):
        if one.name in ("BPMNShape", "BPMNEdge"):
            drawn.add(one.attributes["bpmnElement"])
        if one.name == "BPMNShape":
            shapes[one.attributes["bpmnElement"]] = {key: int(value) for key, value in
                                                     one.children[0].attributes.items()}
    assert drawn == things
    boxes = [(id, box) for id, box in shapes.items() if not id.startswith("late_")]
    for index, (id, one) in enumerate(boxes):
        for other, two in boxes[index + 1:]:
            apart = (one["x"] + one["width"] <= two["x"] or two["x"] + two["width"] <= one["x"]
                     or one["y"] + one["height"] <= two["y"] or two["y"] + two["height"] <= one["y"])
            assert apart, (id, one, other, two)


@pytest.mark.parametrize("late", [{"do": "remind", "message": NAME},
                                  {"do": "escalate", "people": [{"role": "manager"}]}])
def test_no_way_leads_through_what_happens_beside_a_step(late: dict[str, Any]) -> None:
    steps = [{**SIMPLE["steps"][0], "late": {"after": "2d", **late}}] * 2
    root = read_xml(written({**SIMPLE, "steps": steps, "rejected": [SET]}))
    drawn = _inside(root)
    flows = {one.id: set(one.attributes.values()) for one in drawn if one.name == "sequenceFlow"}
    shapes = {one.attributes["bpmnElement"]: _numbers(one.children[0]) for one in drawn if one.name == "BPMNShape"}
    for edge in (one for one in drawn if one.name == "BPMNEdge"):
        points = [_numbers(one) for one in edge.children if one.name == "waypoint"]
        for (a, b), (id, shape) in product(pairwise(points), shapes.items()):
            through = (min(a["x"], b["x"]) < shape["x"] + shape["width"] and max(a["x"], b["x"]) > shape["x"]
                       and min(a["y"], b["y"]) < shape["y"] + shape["height"] and max(a["y"], b["y"]) > shape["y"])
            assert not through or id in flows[edge.attributes["bpmnElement"]] or id.startswith("late_"), (edge, id)


def _numbers(one: Element) -> dict[str, int]:
    return {key: int(value) for key, value in one.attributes.items()}


def _inside(root: Element) -> list[Element]:
    return [root, *(one for child in root.children for one in _inside(child))]


def test_ids_and_the_diagram_of_another_tool_do_not_matter() -> None:
    xml = written(SIMPLE).replace('"approve_1"', '"Activity_0x"').replace(">approve_1<", ">Activity_0x<")
    start, end = xml.index("<bpmndi:BPMNDiagram"), xml.index("</bpmndi:BPMNDiagram>")
    assert to_wire(open_approval(xml[:start] + xml[end + len("</bpmndi:BPMNDiagram>"):])) == SIMPLE


@pytest.mark.parametrize(("old", "new"), [
    ("<incoming>flow_1</incoming>", "<documentation>Read this</documentation><incoming>flow_1</incoming>"),
    ('<exclusiveGateway id="decided_1"', '<inclusiveGateway id="decided_1"'),
    ('process.outcome = "rejected"', 'process.outcome = "approved"'),
    ("</process>", '<textAnnotation id="note"/></process>'),
    ('targetNamespace="urn:freehold:approval">', 'targetNamespace="urn:x"><signal id="s" name="s"/>'),
    ("<freehold:decision/>", '<freehold:decision/><x:own xmlns:x="urn:x"/>'),
])
def test_a_file_that_says_more_or_other_than_the_form_can_is_not_shown(old: str, new: str) -> None:
    xml = written(SIMPLE).replace(old, new)
    if "inclusive" in new:
        xml = xml.replace("</exclusiveGateway>", "</inclusiveGateway>")
    assert new in xml
    assert open_approval(xml) is None


def test_files_that_are_none_or_hostile_are_not_shown() -> None:
    loop = written(SIMPLE).replace('targetRef="end_approved"', 'targetRef="approve_1"')
    for xml in ("", "<a/>", loop, "<!DOCTYPE a []><a/>"):
        assert open_approval(xml) is None


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"steps": []}, "/steps", "required"),
    ({"steps": "x"}, "/steps", "required"),
    ({"steps": [{"type": "fly"}]}, "/steps/0/type", "not_a_choice"),
    ({"steps": [7]}, "/steps/0", "not_a_choice"),
    ({"steps": [{**SIMPLE["steps"][0], "people": []}]}, "/steps/0/people", "required"),
    ({"steps": [{**SIMPLE["steps"][0], "people": [{"role": "a", "person": "b"}]}]}, "/steps/0/people/0",
     "approver_unclear"),
    ({"steps": [{**SIMPLE["steps"][0], "people": [{"role": "a", "up": 11}]}]}, "/steps/0/people/0/up", "not_a_choice"),
    ({"steps": [{**SIMPLE["steps"][0], "name": {}}]}, "/steps/0/name", "required"),
    ({"steps": [{**SIMPLE["steps"][0], "name": {"en": "a\u0007"}}]}, "/steps/0/name/en", "control_characters"),
    ({"steps": [{**SIMPLE["steps"][0], "mode": "most"}]}, "/steps/0/mode", "not_a_choice"),
    ({"steps": [{**SIMPLE["steps"][0], "due_in": "soon"}]}, "/steps/0/due_in", "not_a_duration"),
    ({"steps": [{**SIMPLE["steps"][0], "late": {"after": "2d", "do": "escalate"}}]}, "/steps/0/late/people",
     "required"),
    ({"steps": [{**SIMPLE["steps"][0], "late": {"after": "2d", "do": "remind"}}]}, "/steps/0/late/message",
     "required"),
    ({"steps": [{**SIMPLE["steps"][0], "colour": 1}]}, "/steps/0/colour", "unknown_field"),
    ({"steps": [{"type": "act", "name": NAME, "actions": [SET]}]}, "/steps", "approval_without_decision"),
    ({"approved": [1]}, "/approved/0", "not_an_object"),
    ({"start": {"criteria": [1]}}, "/start/criteria", "not_an_object"),
    ({"steps": [{"type": "choose", "name": NAME, "ways": [{"name": NAME, "steps": []}],
                 "otherwise": {"name": NAME, "steps": SIMPLE["steps"]}}]}, "/steps/0/ways/0/criteria", "required"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), WRONG)
def test_what_is_wrong_is_told_at_its_place(change: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(ApprovalFaults) as caught:
        read_approval({**SIMPLE, **change})
    assert (pointer, code) in {(fault.pointer, fault.code) for fault in caught.value.faults}

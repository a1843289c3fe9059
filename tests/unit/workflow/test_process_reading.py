"""BPMN files of strangers: what is wrong is named with its element, what is hostile is refused, nothing crashes."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.i18n import LOCALES, add_catalogue
from services.workflow.model.processes import vocabulary
from services.workflow.model.processes.reader import Faults
from services.workflow.model.processes.reading import read_definition
from services.workflow.usecases.processes.faults import sentence
from tests.support.bpmn import (
    HEAD,
    MODEL,
    approval,
    call,
    end,
    escaped,
    formula,
    links,
    many,
    message,
    node,
    raising,
    service,
    start,
    sub,
    table,
    timer,
    user,
    xml,
)

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guide"

add_catalogue("chassis")
add_catalogue("services.workflow")


def faults(source: str) -> set[tuple[str, str]]:
    """(element, code) of everything that is wrong; every sentence is there in both languages."""
    try:
        read_definition(source, MODEL)
    except Faults as found:
        for fault in found.faults:
            for locale in LOCALES:
                said = sentence(fault, locale)
                assert "workflow.bpmn" not in said, said
                assert re.search(r"\{\w+\}", said.replace("{7*7}", "")) is None, said
        return {(fault.element, fault.code) for fault in found.faults}
    return set()


BOMB = ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)) + "]><x>&j;</x>")
HOSTILE = {
    "entities that multiply": (BOMB, "doctype"),
    "a file of the server": ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + HEAD[38:] + "&f;</definitions>",
                             "doctype"),
    "a file of the network": ('<!DOCTYPE definitions SYSTEM "http://example.com/x.dtd">' + HEAD[38:] + "</definitions>",
                              "doctype"),
    "depth": (HEAD + "<subProcess>" * 5000 + "</subProcess>" * 5000 + "</definitions>", "too_deep"),
    "breadth": (HEAD + "<task/>" * 30_000 + "</definitions>", "too_many_elements"),
    "size": (HEAD + "<!--" + "x" * 400_000 + "--></definitions>", "too_large"),
    "an undeclared entity": (HEAD + "&x;</definitions>", "not_xml"),
    "an undeclared prefix": (HEAD + "<x:y/></definitions>", "not_xml"),
    "half a file": (HEAD, "not_xml"), "nothing": ("", "not_xml"), "no XML": ("not xml", "not_xml"),
    "half a letter": (HEAD + "\ud800</definitions>", "not_xml"),
    "another root": ("<definitions/>", "not_bpmn"),
    "no process": (HEAD + "</definitions>", "one_process"),
    "two processes": (HEAD + '<process id="A"/><process id="B"/></definitions>', "one_process"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_at_once(what: str) -> None:
    source, code = HOSTILE[what]
    begun = time.process_time()
    assert code in {found for _, found in faults(source)}
    assert time.process_time() - begun < 2


def test_ids_of_other_tools_are_no_ids_of_the_file() -> None:
    theirs = '<extensionElements><x:target xmlns:x="urn:of-somebody" id="A"/></extensionElements>'
    assert faults(xml(start(), node("task", "A", theirs), end(), flows="Start>A A>End")) == set()


WRONG = {
    "formula": (xml(start(), node("exclusiveGateway", "G", default="A"), user("A"), user("B"),
                    flows="Start>G G>A G>B?nosuch>1"), "G-B"),
    "foreign_language": (xml(start(), user("A"), user("B"), node("sequenceFlow", "F", (
        '<conditionExpression language="groovy">1</conditionExpression>'), sourceRef="A", targetRef="B"),
        flows="Start>A"), "F"),
    "id_twice": (xml(start(), user("A"), user("A"), flows="Start>A"), "A"),
    "id_missing": (xml(start(), '<task name="x"/>'), ""),
    "misplaced": (xml(start(), node("task", "A", node("task", "B")), flows="Start>A"), "B"),
    "event_not_here": (xml(node("startEvent", "Start", timer()), user("A"), flows="Start>A"), "Start"),
    "event_missing": (xml(start(), node("intermediateCatchEvent", "E"), flows="Start>E"), "E"),
    "message_missing": (xml(start(), node("intermediateCatchEvent", "E", message("m")), flows="Start>E"), "E"),
    "timer_wrong": (xml(start(), node("intermediateCatchEvent", "E", timer("P")), flows="Start>E"), "E"),
    "people_missing": (xml(start(), node("userTask", "A"), flows="Start>A"), "A"),
    "who_unknown": (xml(start(), user("A", '<fh:field name="amount"/>'), flows="Start>A"), "A"),
    "timer_working": (xml(start(), node("intermediateCatchEvent", "E", timer("P1DT4H", "working")), flows="Start>E"),
                      "E"),
    "due_wrong": (xml(start(), user("A", more='<fh:due in="soon"/>'), flows="Start>A"), "A"),
    "send_missing": (xml(start(), node("sendTask", "A"), flows="Start>A"), "A"),
    "send_actions": (xml(start(), service("A", '[{"type": "tag"}]').replace("serviceTask", "sendTask"),
                         flows="Start>A"), "A"),
    "raised_missing": (xml(start(), end("E", raising("escalation")), flows="Start>E"), "E"),
    "raised_nowhere": (xml(start(), user("A"), end(), node("boundaryEvent", "E", raising("error"), attachedToRef="A"),
                           flows="Start>A A>End E>End"), "E"),
    "error_interrupts": (xml(start(), sub("A", start("S"), user("B"), flows="S>B"), end(), node(
        "boundaryEvent", "E", raising("error"), attachedToRef="A", cancelActivity="false"),
        flows="Start>A A>End E>End"), "E"),
    "call_missing": (xml(start(), call("A", ""), flows="Start>A"), "A"),
    "call_field": (xml(start(), call("A", "p", about="name"), flows="Start>A"), "A"),
    "table_missing": (xml(start(), node("businessRuleTask", "A"), flows="Start>A"), "A"),
    "table_row_open": (xml(start(), table("A", "x", ("", '"a"'), ("amount > 1", '"b"')), flows="Start>A"), "A"),
    "table_row_twice": (xml(start(), table("A", "x", ("amount > 1", '"b"')).replace(
        "<fh:row ", "<fh:row when='{\"all\": []}' "), flows="Start>A"), "A"),
    "service_missing": (xml(start(), node("serviceTask", "A"), flows="Start>A"), "A"),
    "actions_not_json": (xml(start(), service("A", "{"), flows="Start>A"), "A"),
    "bad_variable": (xml(start(), formula("A", "outcome", "1"), flows="Start>A"), "A"),
    "bad_result": (xml(start(), formula("A", "x", "1", "money"), flows="Start>A"), "A"),
    "variable_twice": (xml(start(), formula("A", "x", "1"), formula("B", "x", '"a"', "text"), flows="Start>A A>B"),
                       "B"),
    "cardinality_wrong": (xml(start(), node("task", "A", many()), flows="Start>A"), "A"),
    "flow_ends": (xml(start(), user("A"), flows="Start>A A>Nowhere"), "A-Nowhere"),
    "boundary_nowhere": (xml(start(), user("A"), end(), node("boundaryEvent", "E", timer(), attachedToRef="End"),
                             flows="Start>A A>End E>A"), "E"),
    "one_start": (xml(start(), start("Two"), user("A"), flows="Start>A Two>A"), "Process"),
    "way_in": (xml(start(), user("A"), flows="Start>A A>Start"), "Start"),
    "no_way_in": (xml(start(), user("A"), user("B"), flows="Start>A"), "B"),
    "way_out": (xml(start(), end(), user("A"), flows="Start>End End>A"), "End"),
    "no_way_out": (xml(start()), "Start"),
    "default_nowhere": (xml(start(), node("exclusiveGateway", "G", default="X"), user("A"), flows="Start>G G>A"), "G"),
    "default_condition": (xml(start(), node("exclusiveGateway", "G", default="A"), user("A"),
                              flows="Start>G G>A?amount>1"), "G"),
    "condition_ignored": (xml(start(), node("parallelGateway", "G"), user("A"), flows="Start>G G>A?amount>1"), "G"),
    "condition_missing": (xml(start(), node("exclusiveGateway", "G"), user("A"), user("B"),
                              flows="Start>G G>A G>B?amount>1"), "G"),
    "default_missing": (xml(start(), node("inclusiveGateway", "G"), user("A"), flows="Start>G G>A?amount>1"), "G"),
    "events_must_follow": (xml(start(), node("eventBasedGateway", "G"), user("A"), flows="Start>G G>A"), "G"),
    "outcome_unasked": (xml(start(), approval("A"), end(), flows="Start>A A>End"), "A"),
}


@pytest.mark.parametrize("code", WRONG)
def test_each_mistake_is_named_at_its_element(code: str) -> None:
    source, element = WRONG[code]
    assert (element, code) in faults(source)


@pytest.mark.parametrize("name", [name for name in vocabulary.REFUSED if " " not in name])
def test_each_element_that_is_not_executed_is_refused_by_its_name(name: str) -> None:
    assert ("X", "not_executed") in faults(xml(start(), user("A"), node(name, "X"), flows="Start>A"))


@pytest.mark.parametrize(("attribute", "value", "element"), [
    ("triggeredByEvent", "true", "subProcess"), ("isForCompensation", "true", "task"),
    ("instantiate", "true", "eventBasedGateway"), ("instantiate", "true", "receiveTask"),
    ("eventGatewayType", "Parallel", "eventBasedGateway")])
def test_attributes_that_change_what_an_element_means_are_refused(attribute: str, value: str, element: str) -> None:
    assert ("X", "not_executed") in faults(xml(start(), node(element, "X", **{attribute: value}), flows="Start>X"))


def test_pictures_words_lanes_and_strangers_extensions_do_no_harm() -> None:
    lanes = '<laneSet id="L"><lane id="L1" name="Sales"><flowNodeRef>A</flowNodeRef></lane></laneSet>'
    words = '<documentation id="W">Words</documentation><textAnnotation id="T"><text>Look</text></textAnnotation>'
    foreign = ('<extensionElements><c:properties xmlns:c="urn:c"><c:property name="x"/></c:properties>'
               "</extensionElements>")
    picture = ('<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" id="Di"><d:BPMNPlane id="Pl" '
               'bpmnElement="Process"/></d:BPMNDiagram>')
    data = ('<dataObject id="O"/><dataObjectReference id="Or" dataObjectRef="O"/><dataStoreReference id="Sr"/>')
    drawn = ('<property id="P"/><dataInputAssociation id="I"><sourceRef>Or</sourceRef><targetRef>P</targetRef>'
             '</dataInputAssociation>')
    source = xml(lanes, words, data, start(), node("manualTask", "A", foreign + drawn), end(), flows="Start>A A>End")
    pool = '<collaboration id="C"><participant id="Pa" processRef="Process"/></collaboration>'
    source = source.replace("<process ", f"{pool}<process ").replace("</definitions>", f"{picture}</definitions>")
    assert faults(source) == set()


EVIL = ("__import__('os').system('id')", "().__class__.__bases__[0].__subclasses__()", "open('/etc/passwd').read()",
        "eval('1')", "exec('1')", "lambda: 1", "process.__class__", "process.outcome.__init__", "[x for x in 1]",
        "${T(java.lang.Runtime).getRuntime().exec('id')}", "#{1}", "{{7*7}}", "`id`", "1;2", "import os", "amount := 1",
        "a" * 4_000, "(" * 3_000 + "1" + ")" * 3_000, "1" + "+1" * 2_000, '"' + "x" * 4_990, "9^9^9^9^9 > 1" * 50,
        "\x00", "process", "process.nosuch", "name.x.y.z", "REPT(name, 999999999", "nosuch()", "<!-- -->", "]]>", "")
PLACES = ("condition", "cardinality", "until", "formula", "date")


def evil(place: str, text: str) -> str:
    """A file with a hostile expression at one of the places that take one."""
    if place == "condition":
        gate = node("exclusiveGateway", "G", default="A")
        flow = node("sequenceFlow", "X", f"<conditionExpression>{escaped(text)}</conditionExpression>",
                    sourceRef="G", targetRef="B")
        return xml(start(), gate, user("A"), user("B"), flow, flows="Start>G G>A")
    inner = {"cardinality": node("task", "X", many(cardinality=escaped(text) or " ")),
             "until": node("task", "X", many(until=text or "?", cardinality="1")),
             "formula": formula("X", "x", text),
             "date": node("intermediateCatchEvent", "X", "<timerEventDefinition><timeDate>"
                          f"{escaped(text)}</timeDate></timerEventDefinition>")}[place]
    return xml(start(), inner, flows="Start>X")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_an_author_cannot_escape_through_an_expression(place: str, text: str) -> None:
    begun = time.process_time()
    assert faults(evil(place, text))
    assert time.process_time() - begun < 2


WHOLE = xml(
    start(), approval("A", many=many("process.rejected > 0")), node("exclusiveGateway", "G", default="S"),
    sub("S", start("S1"), service("W", "[]"), flows="S1>W"), end(), node("boundaryEvent", "T", timer(),
                                                                       attachedToRef="S"),
    flows='Start>A A>G G>S G>End?process.outcome="rejected" S>End T>End')


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=20))
def test_a_damaged_file_is_refused_or_read_and_never_crashes(place: int, length: int, text: str) -> None:
    faults(WHOLE[:place] + text + WHOLE[place + length:])


def test_elements_in_any_order_and_number_never_crash() -> None:
    dice = random.Random(5)
    names = [*vocabulary.PLACES, *vocabulary.SILENT, *vocabulary.REFUSED[:5], "process", "definitions"]
    for _ in range(400):
        ids = [f"n{n}" for n in range(dice.randrange(1, 8))]
        parts = [node(dice.choice(names), id, node(dice.choice(names), f"{id}x") if dice.random() < 0.4 else "",
                      attachedToRef=dice.choice(ids)) for id in ids]
        flows = " ".join(f"{dice.choice(ids)}>{dice.choice(ids)}" for _ in range(dice.randrange(6)))
        faults(xml(*parts, links(flows)))


@pytest.mark.parametrize("page", ["processes.md", "processes.zh-CN.md"])
def test_the_example_of_the_guide_can_be_published(page: str) -> None:
    text = (GUIDE / page).read_text(encoding="utf-8")
    assert faults(text.split("```xml\n")[1].split("```")[0]) == set()

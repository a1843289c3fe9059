"""Files of processes on both databases: kept as they were drawn, and drafts beside them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.workflow.conftest import World
from tests.integration.workflow.test_processes import Office
from tests.support.bpmn import approval, end, start, user, xml

DRAWN = """<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn elsewhere -->
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:fh="urn:freehold:bpmn:1"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:other="urn:other:tool" id="d" targetNamespace="urn:x"
    exporter="Other" exporterVersion="7">
\t<bpmn:process id="p" other:colour="blue">
\t\t<bpmn:startEvent id="s" name="Begin &amp; see"/>
\t\t<bpmn:userTask id="u" other:form="f1"><bpmn:extensionElements><other:note kind='x'>kept</other:note>
\t\t\t<fh:people><fh:applicant/></fh:people></bpmn:extensionElements></bpmn:userTask>
\t\t<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="u"/>
\t</bpmn:process>
\t<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
\t\t<bpmndi:BPMNShape id="s_di" bpmnElement="s" other:shade="3"><dc:Bounds x="10.5" y="20" width="36" height="36"/>
\t\t</bpmndi:BPMNShape>
\t\t<bpmndi:BPMNEdge id="f_di" bpmnElement="f"><di:waypoint x="46.5" y="38"/><di:waypoint x="90" y="38"/>
\t\t</bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def draft(office: Office, id: str, method: str = "GET", body: Any = None, **more: Any) -> Any:
    return office.world.call(method, f"/v1/processes/{id}/draft", body, **more)


def test_a_file_comes_back_byte_for_byte_with_its_diagram_and_what_other_tools_wrote(office: Office) -> None:
    process = office.publish(flows="", xml=DRAWN)
    path = f"/v1/processes/{process['id']}/versions"
    assert office.world.call("GET", f"{path}/1").json["xml"] == DRAWN
    assert office.world.call("POST", path, {"xml": DRAWN.replace("Begin", "Start")}).status_code == 201
    assert [office.world.call("GET", f"{path}/{number}").json["xml"] for number in (1, 2)] == [
        DRAWN, DRAWN.replace("Begin", "Start")]
    assert office.world.call("GET", f"/v1/approvals/{process['id']}").json["xml"] == DRAWN.replace("Begin", "Start")
    assert office.diagram(office.start(process))["xml"] == DRAWN.replace("Begin", "Start")


def test_a_draft_is_kept_half_done_and_gone_once_published(office: Office) -> None:
    process = office.publish(start(), end(), flows="Start>End")["id"]
    half = xml(start(), user("U", ""), flows="Start>U")
    assert draft(office, process).status_code == 404
    kept = draft(office, process, "PUT", {"xml": half, "base": 1})
    assert (kept.status_code, kept.json["version"], kept.headers["ETag"]) == (200, 1, '"1"')
    again = draft(office, process, "PUT", {"xml": half + " ", "base": 1}, headers={"If-Match": '"1"'})
    assert again.json["version"] == 2
    assert draft(office, process, "PUT", {"xml": half, "base": 1}, headers={"If-Match": '"1"'}).status_code == 412
    assert draft(office, process).json["xml"] == half + " "
    assert office.start({"id": process})["state"] == "completed"  # nothing of the draft runs
    assert office.world.call("POST", f"/v1/processes/{process}/versions", {"xml": half}).status_code == 422
    assert draft(office, process).status_code == 200
    whole = xml(start(), user("U"), flows="Start>U")
    assert office.world.call("POST", f"/v1/processes/{process}/versions", {"xml": whole}).status_code == 201
    assert draft(office, process).status_code == 404


def test_a_draft_is_xml_of_a_process_that_is_there(office: Office) -> None:
    process = office.publish(start(), end(), flows="Start>End")["id"]
    refused = draft(office, process, "PUT", {"xml": "<!DOCTYPE x><x/>", "base": 1})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "bpmn_doctype")
    assert draft(office, process, "PUT", {"xml": "<x/>", "base": 0}).status_code == 422
    assert draft(office, "nobody", "PUT", {"xml": "<x/>", "base": 1}).status_code == 404
    draft(office, process, "PUT", {"xml": "<x/>", "base": 1})
    draft(office, process, "PUT", {"xml": "<y/>", "base": 1})
    gone = [draft(office, process, "DELETE", headers={"If-Match": f'"{version}"'}).status_code for version in (1, 2, 2)]
    assert gone == [412, 204, 204]
    draft(office, process, "PUT", {"xml": "<x/>", "base": 1})
    assert office.world.call("DELETE", f"/v1/approvals/{process}").status_code == 204
    assert office.world.rows("process_draft") == []


def test_the_diagram_of_an_instance_tells_its_way_and_who_held_it(office: Office) -> None:
    gateway = '<exclusiveGateway id="G" default="G-End"/>'
    steps = approval("A", f'<fh:person id="{office.li}"/>'), user("B", f'<fh:person id="{office.wang}"/>')
    instance = office.start(office.publish(
        start(), *steps, gateway, end(), flows='Start>A A>G G>B?process.outcome="approved" G>End B>End'))
    assert office.act(office.li, "hand-over", person_id=office.zhao).status_code == 200
    office.approve(office.zhao)
    shown = office.diagram(instance)
    assert shown["taken"] == ["A-G", "G-B", "Start-A"]
    held = [(one["node"], one["person"]["id"], one["did"], one["until"] is None) for one in shown["held"]]
    assert held == [("A", office.li, "handed_over", False), ("A", office.zhao, "approved", False),
                    ("B", office.wang, None, True)]
    assert shown["held"][0]["until"] == shown["held"][1]["since"]
    assert shown["failed"] == []

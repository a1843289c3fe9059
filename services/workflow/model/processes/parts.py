"""The elements of a process, taken in one by one; what each kind says is read in `events` and `tasks`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chassis.i18n import LOCALES
from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.definition import Flow, Node
from services.workflow.model.processes.events import read_boundary, read_catch, read_end, read_start, read_throw
from services.workflow.model.processes.expressions import flow_condition
from services.workflow.model.processes.orders import declare
from services.workflow.model.processes.reader import MAX_FLOWS, MAX_NAME, MAX_NODES, VARIABLES, Reader, extensions
from services.workflow.model.processes.tasks import (
    read_business_rule,
    read_call,
    read_plain,
    read_receive,
    read_send,
    read_service,
    read_sub,
    read_user,
)
from services.workflow.model.processes.vocabulary import BPMN, NODES
from services.workflow.model.processes.xml import Element

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_DECLARING = {  # what gives a value to a variable there
    "serviceTask": "formula", "businessRuleTask": "table", "callActivity": "get", "startEvent": "take"}


def read_scope(scope: Element, parent: str | None, reader: Reader) -> None:
    """Take in the nodes and flows of a process or a sub-process; variables first, so that every formula knows them."""
    if parent is None:
        _declare(scope, reader)
    for child in scope.of(BPMN, *NODES):
        _take_node(child, parent, reader)
    for child in scope.of(BPMN, "sequenceFlow"):
        _take_flow(child, reader)


def _declare(scope: Element, reader: Reader) -> None:
    for child in scope.of(BPMN):
        if child.name in ("userTask", "callActivity") and _IDENTIFIER.match(child.id) and child.id not in VARIABLES:
            reader.variables[child.id] = "text"
        for given in extensions(child, _DECLARING.get(child.name, "")):
            declare(child, given, reader)
        if child.name == "subProcess":
            _declare(child, reader)


def _take_node(element: Element, parent: str | None, reader: Reader) -> None:
    if not element.id or len(element.id) > MAX_NAME:
        reader.wrong(element, "id_missing")
        return
    if len(reader.nodes) >= MAX_NODES:
        reader.wrong(element, "too_many_nodes", limit=MAX_NODES)
        return
    details = _READ[element.name](element, reader)
    name = " ".join(element.attributes.get("name", "").split())[:MAX_NAME]
    common = {"id": element.id, "name": name or element.id, "parent": parent,
              "default": element.attributes.get("default"), "names": _names(element)}
    reader.elements[element.id] = element
    reader.nodes[element.id] = Node(**common, **details)
    if element.name == "subProcess":
        read_scope(element, element.id, reader)


def _names(element: Element) -> dict[str, str]:
    return {one.attributes["locale"]: one.text[:MAX_NAME] for one in extensions(element, "name")
            if one.attributes.get("locale") in LOCALES and one.text}


def _take_flow(element: Element, reader: Reader) -> None:
    if not element.id or len(reader.flows) >= MAX_FLOWS:
        reader.wrong(element, "id_missing" if not element.id else "too_many_flows", limit=MAX_FLOWS)
        return
    condition = element.first(BPMN, "conditionExpression")
    formula = flow_condition(element, condition, reader) if condition is not None else None
    ends = (element.attributes.get("sourceRef", ""), element.attributes.get("targetRef", ""))
    reader.elements[element.id] = element
    reader.flows[element.id] = Flow(element.id, *ends, formula, _names(element))


# gateways


def _gateway(kind: str) -> Callable[[Element, Reader], dict[str, Any]]:
    return lambda element, reader: {"kind": kind}


def _event_gateway(element: Element, reader: Reader) -> dict[str, Any]:
    for name, plain in (("instantiate", "false"), ("eventGatewayType", "Exclusive")):
        if element.attributes.get(name, plain) != plain:
            reader.wrong(element, "not_executed", element=f"eventBasedGateway {name}")
    return {"kind": bpmn.EVENT_GATEWAY}


_READ: Mapping[str, Callable[[Element, Reader], dict[str, Any]]] = {
    "startEvent": read_start, "endEvent": read_end, "intermediateThrowEvent": read_throw,
    "intermediateCatchEvent": read_catch, "boundaryEvent": read_boundary, "task": read_plain, "manualTask": read_plain,
    "userTask": read_user, "serviceTask": read_service, "sendTask": read_send, "receiveTask": read_receive,
    "businessRuleTask": read_business_rule, "callActivity": read_call, "subProcess": read_sub,
    "exclusiveGateway": _gateway(bpmn.EXCLUSIVE),
    "parallelGateway": _gateway(bpmn.PARALLEL), "inclusiveGateway": _gateway(bpmn.INCLUSIVE),
    "eventBasedGateway": _event_gateway,
}

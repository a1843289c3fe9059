"""The single elements of a process: what each says, and whether it may say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chassis.i18n import LOCALES
from chassis.jsonio import loads
from services.workflow.model.actions import check_actions
from services.workflow.model.durations import read_duration
from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.condition import CRITERIA_LANGUAGE, read_condition
from services.workflow.model.processes.definition import Flow, Many, Node, Timer
from services.workflow.model.processes.iso import read_length, read_moment
from services.workflow.model.processes.reader import COUNTS, MAX_FLOWS, MAX_NODES, VARIABLES, Fault, Reader, extension
from services.workflow.model.processes.state import APPROVED, REJECTED
from services.workflow.model.processes.vocabulary import BPMN, NODES, OURS
from services.workflow.model.processes.who import read_people
from services.workflow.model.processes.xml import Element

MAX_NAME = 200
FORMULA_LANGUAGE = "urn:freehold:formula"
RESULTS = ("text", "integer", "decimal", "boolean", "date", "datetime")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,62}\Z", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_EVENTS = ("timerEventDefinition", "messageEventDefinition", "signalEventDefinition", "terminateEventDefinition")


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
        if child.name == "userTask" and _IDENTIFIER.match(child.id) and child.id not in VARIABLES:
            reader.variables[child.id] = "text"
        if child.name == "serviceTask":
            _declare_variable(child, reader)
        if child.name == "subProcess":
            _declare(child, reader)


def _declare_variable(task: Element, reader: Reader) -> None:
    formula = extension(task, "formula")
    if formula is None:
        return
    name, result = formula.attributes.get("variable", ""), formula.attributes.get("result", "")
    if not _VARIABLE.match(name) or name in VARIABLES or name in COUNTS:
        reader.wrong(task, "bad_variable")
    elif result not in RESULTS:
        reader.wrong(task, "bad_result", known=", ".join(RESULTS))
    elif reader.variables.get(name, result) != result:
        reader.wrong(task, "variable_twice", variable=name)
    else:
        reader.variables[name] = result


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
    extensions = element.first(BPMN, "extensionElements")
    given = extensions.of(OURS, "name") if extensions is not None else ()
    return {one.attributes["locale"]: one.text[:MAX_NAME] for one in given
            if one.attributes.get("locale") in LOCALES and one.text}


def _take_flow(element: Element, reader: Reader) -> None:
    if not element.id or len(reader.flows) >= MAX_FLOWS:
        reader.wrong(element, "id_missing" if not element.id else "too_many_flows", limit=MAX_FLOWS)
        return
    condition = element.first(BPMN, "conditionExpression")
    formula = _flow_condition(element, condition, reader) if condition is not None else None
    ends = (element.attributes.get("sourceRef", ""), element.attributes.get("targetRef", ""))
    reader.elements[element.id] = element
    reader.flows[element.id] = Flow(element.id, *ends, formula)


def _flow_condition(flow: Element, given: Element, reader: Reader) -> Any:
    if given.attributes.get("language") == CRITERIA_LANGUAGE:
        return read_condition(flow, given.text, reader)
    return _expression(flow, given, "boolean", reader)


def _expression(owner: Element, expression: Element, result: str, reader: Reader, counts: bool = False) -> Any:
    if expression.attributes.get("language", FORMULA_LANGUAGE) != FORMULA_LANGUAGE:
        reader.wrong(owner, "foreign_language", language=expression.attributes["language"][:100])
        return None
    return reader.formula(owner, expression.text, result, counts)


# events


def _definition_of(element: Element, allowed: tuple[str, ...], reader: Reader) -> Element | None:
    """The one event definition of an event, when it is one of those allowed there."""
    given = [child for child in element.of(BPMN) if child.name in _EVENTS]
    if len(given) > 1 or (given and given[0].name not in allowed):
        reader.wrong(element, "event_not_here", element=given[-1].name)
        return None
    return given[0] if given else None


def _start(element: Element, reader: Reader) -> dict[str, Any]:
    _definition_of(element, (), reader)
    people, when, back = (extension(element, name) for name in ("people", "when", "withdrawn"))
    return {"kind": bpmn.START, "people": read_people(element, reader) if people is not None else (),
            "condition": read_condition(element, when.text, reader) if when is not None else None,
            "withdrawn": _actions(element, back, reader) if back is not None else (),
            "automatic": _automatic(element, reader)}


def _automatic(element: Element, reader: Reader) -> tuple[str, ...]:
    given = extension(element, "automatic")
    words = tuple(given.attributes.get("when", "").split()) if given is not None else ()
    if given is not None and (not words or not set(words) <= {bpmn.APPLICANT, bpmn.AGREED}):
        reader.wrong(element, "automatic_wrong")
    return words


def _end(element: Element, reader: Reader) -> dict[str, Any]:
    found = _definition_of(element, ("terminateEventDefinition", "signalEventDefinition"), reader)
    if found is not None and found.name == "terminateEventDefinition":
        return {"kind": bpmn.TERMINATE}
    return {"kind": bpmn.END, "outcome": _outcome(element, reader)} | _signal(element, found, reader)


def _outcome(element: Element, reader: Reader) -> str:
    given = extension(element, "outcome")
    value = given.attributes.get("value", "") if given is not None else ""
    if given is not None and value not in (APPROVED, REJECTED):
        reader.wrong(element, "outcome_unknown")
    return value


def _throw(element: Element, reader: Reader) -> dict[str, Any]:
    found = _definition_of(element, ("signalEventDefinition",), reader)
    return {"kind": bpmn.PASS if found is None else bpmn.THROW} | _signal(element, found, reader)


def _signal(element: Element, found: Element | None, reader: Reader) -> dict[str, Any]:
    return {} if found is None else {"signal": _named(element, found, "signalRef", reader.signals, reader)}


def _named(element: Element, found: Element, member: str, names: Mapping[str, str], reader: Reader) -> str:
    """The name of the message or the signal that an event refers to."""
    name = names.get(found.attributes.get(member, "").rpartition(":")[2])
    if name is None or len(name) > MAX_NAME:
        reader.wrong(element, "message_missing")
    return name or ""


def _catch(element: Element, reader: Reader) -> dict[str, Any]:
    return {"kind": bpmn.CATCH} | _trigger(element, reader)


def _boundary(element: Element, reader: Reader) -> dict[str, Any]:
    return {"kind": bpmn.BOUNDARY, "attached_to": element.attributes.get("attachedToRef", ""),
            "interrupting": element.attributes.get("cancelActivity", "true") != "false"} | _trigger(element, reader)


def _trigger(element: Element, reader: Reader) -> dict[str, Any]:
    found = _definition_of(element, ("timerEventDefinition", "messageEventDefinition", "signalEventDefinition"), reader)
    if found is None:
        reader.wrong(element, "event_missing")
        return {}
    if found.name == "timerEventDefinition":
        return {"timer": _timer(element, found, reader)}
    if found.name == "signalEventDefinition":
        return _signal(element, found, reader)
    return {"message": _named(element, found, "messageRef", reader.messages, reader)}


def _timer(event: Element, timer: Element, reader: Reader) -> Timer:
    length, date = timer.first(BPMN, "timeDuration"), timer.first(BPMN, "timeDate")
    if (length is None) == (date is None):
        reader.wrong(event, "timer_wrong")
        return Timer()
    if length is not None:
        return _after(event, read_length(length.text), reader)
    assert date is not None
    moment = read_moment(date.text)
    return Timer(at=moment) if moment else Timer(formula=_expression(event, date, "datetime", reader))


def _after(event: Element, length: timedelta | None, reader: Reader) -> Timer:
    if length is None:
        reader.wrong(event, "timer_wrong")
    return Timer(after=length)


# tasks


def _plain(element: Element, reader: Reader) -> dict[str, Any]:
    return {"kind": bpmn.PASS, "many": _many(element, reader)}


def _user(element: Element, reader: Reader) -> dict[str, Any]:
    due = extension(element, "due")
    length = read_duration(due.attributes.get("in")) if due is not None else None
    if due is not None and length is None:
        reader.wrong(element, "due_wrong")
    return {"kind": bpmn.USER, "people": read_people(element, reader), "due": length, "many": _many(element, reader),
            "decision": extension(element, "decision") is not None}


def _service(element: Element, reader: Reader) -> dict[str, Any]:
    actions, formula = extension(element, "actions"), extension(element, "formula")
    if (actions is None) == (formula is None):
        reader.wrong(element, "service_missing")
        return {"kind": bpmn.SERVICE}
    many = _many(element, reader)
    if formula is not None:
        result = formula.attributes.get("result", "")
        compiled = reader.formula(element, formula.text, result) if result in RESULTS else None
        return {"kind": bpmn.FORMULA, "formula": compiled, "variable": formula.attributes.get("variable", ""),
                "many": many}
    assert actions is not None
    return {"kind": bpmn.SERVICE, "actions": _actions(element, actions, reader), "many": many}


def _actions(task: Element, given: Element, reader: Reader) -> tuple[Mapping[str, Any], ...]:
    try:
        actions = loads(given.text)
    except ValueError:
        reader.wrong(task, "actions_not_json")
        return ()
    if reader.checker is None:
        return tuple(actions)
    before = len(reader.checker.faults)
    checked = check_actions(actions, reader.checker, "")
    for fault in reader.checker.faults[before:]:
        reader.note(Fault(task.id, task.name, task.line, "action", {"pointer": fault.pointer, "problem": fault}))
    return tuple(checked)


def _sub(element: Element, reader: Reader) -> dict[str, Any]:
    if element.attributes.get("triggeredByEvent", "false") != "false":
        reader.wrong(element, "not_executed", element="subProcess triggeredByEvent")
    return {"kind": bpmn.SUB, "many": _many(element, reader)}


def _many(element: Element, reader: Reader) -> Many | None:
    given = element.first(BPMN, "multiInstanceLoopCharacteristics")
    if element.attributes.get("isForCompensation", "false") != "false":
        reader.wrong(element, "not_executed", element="isForCompensation")
    if given is None:
        return None
    if given.attributes.get("behavior", "All") != "All":
        reader.wrong(element, "not_executed", element=f"behavior {given.attributes['behavior'][:40]}")
    cardinality, until = given.first(BPMN, "loopCardinality"), given.first(BPMN, "completionCondition")
    if (cardinality is None) != (element.name == "userTask"):
        reader.wrong(element, "cardinality_wrong")
    return Many(given.attributes.get("isSequential", "false") == "true",
                _expression(element, cardinality, "integer", reader) if cardinality is not None else None,
                _expression(element, until, "boolean", reader, counts=True) if until is not None else None)


# gateways


def _gateway(kind: str) -> Callable[[Element, Reader], dict[str, Any]]:
    return lambda element, reader: {"kind": kind}


def _event_gateway(element: Element, reader: Reader) -> dict[str, Any]:
    for name, plain in (("instantiate", "false"), ("eventGatewayType", "Exclusive")):
        if element.attributes.get(name, plain) != plain:
            reader.wrong(element, "not_executed", element=f"eventBasedGateway {name}")
    return {"kind": bpmn.EVENT_GATEWAY}


_READ: Mapping[str, Callable[[Element, Reader], dict[str, Any]]] = {
    "startEvent": _start, "endEvent": _end, "intermediateThrowEvent": _throw, "intermediateCatchEvent": _catch,
    "boundaryEvent": _boundary, "task": _plain, "manualTask": _plain, "userTask": _user, "serviceTask": _service,
    "subProcess": _sub, "exclusiveGateway": _gateway(bpmn.EXCLUSIVE), "parallelGateway": _gateway(bpmn.PARALLEL),
    "inclusiveGateway": _gateway(bpmn.INCLUSIVE), "eventBasedGateway": _event_gateway,
}

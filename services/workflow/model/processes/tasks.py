"""Activities of a file: what each does, and how often."""

from __future__ import annotations

from typing import Any

from chassis.working_time import read_length
from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.definition import Many
from services.workflow.model.processes.events import message_of
from services.workflow.model.processes.expressions import expression
from services.workflow.model.processes.orders import RESULTS, SENDING, read_actions, read_formula, read_table
from services.workflow.model.processes.reader import Reader, extension, extensions
from services.workflow.model.processes.vocabulary import BPMN
from services.workflow.model.processes.who import read_people
from services.workflow.model.processes.xml import Element


def read_plain(element: Element, reader: Reader) -> dict[str, Any]:
    """Done without the system's help."""
    return {"kind": bpmn.PASS, "many": _many(element, reader)}


def read_user(element: Element, reader: Reader) -> dict[str, Any]:
    """Who has to act, until when, and whether that decides."""
    due = extension(element, "due")
    length = read_length(due.attributes.get("in")) if due is not None else None
    if due is not None and length is None:
        reader.wrong(element, "due_wrong")
    return {"kind": bpmn.USER, "people": read_people(element, reader), "due": length, "many": _many(element, reader),
            "decision": extension(element, "decision") is not None}


def read_service(element: Element, reader: Reader) -> dict[str, Any]:
    """What the system does: actions, or a formula."""
    actions, formula = extension(element, "actions"), extension(element, "formula")
    if (actions is None) == (formula is None):
        reader.wrong(element, "service_missing")
        return {"kind": bpmn.SERVICE}
    many = {"many": _many(element, reader)}
    if formula is not None:
        return read_formula(element, formula, reader) | many
    assert actions is not None
    return {"kind": bpmn.SERVICE, "actions": read_actions(element, actions, reader)} | many


def read_send(element: Element, reader: Reader) -> dict[str, Any]:
    """A notice to people, mail to a customer, or a message to another process."""
    actions, message = extension(element, "actions"), "messageRef" in element.attributes
    if (actions is None) != message:
        reader.wrong(element, "send_missing")
        return {"kind": bpmn.SEND}
    many = {"many": _many(element, reader)}
    if actions is None:
        return {"kind": bpmn.SEND} | message_of(element, element, reader) | many
    read = read_actions(element, actions, reader)
    if any(action.get("type") not in SENDING for action in read):
        reader.wrong(element, "send_actions")
    return {"kind": bpmn.SERVICE, "actions": read} | many


def read_receive(element: Element, reader: Reader) -> dict[str, Any]:
    """A message that is waited for."""
    if element.attributes.get("instantiate", "false") != "false":
        reader.wrong(element, "not_executed", element="receiveTask instantiate")
    return {"kind": bpmn.RECEIVE, "many": _many(element, reader)} | message_of(element, element, reader)


def read_call(element: Element, reader: Reader) -> dict[str, Any]:
    """Another process, what it is given and what comes back from it."""
    called, about = element.attributes.get("calledElement", "").strip(), extension(element, "about")
    field = about.attributes.get("field", "") if about is not None else ""
    _check_called(element, called, field, reader)
    return {"kind": bpmn.CALL, "called": called, "about_field": field, "many": _many(element, reader),
            "gives": tuple(_given(element, one, reader) for one in extensions(element, "give")),
            "gets": tuple((one.attributes.get("variable", ""), one.attributes.get("result", ""),
                           one.attributes.get("of", "")) for one in extensions(element, "get"))}


def _check_called(element: Element, called: str, field: str, reader: Reader) -> None:
    known = reader.model.fields.get(field)
    if field and (known is None or known.type != "reference"):
        reader.wrong(element, "call_field")
    elif not called:
        reader.wrong(element, "call_missing")
    elif reader.checker is not None:
        object = reader.checker.callable.get(called)
        if object is None:
            reader.wrong(element, "call_unknown", process=called[:100])
        elif object != (known.target if known else reader.model.name):
            reader.wrong(element, "call_other_object")


def _given(element: Element, given: Element, reader: Reader) -> tuple[str, str, Any]:
    name, result = given.attributes.get("variable", ""), given.attributes.get("result", "")
    if result not in RESULTS:
        reader.wrong(element, "bad_result", known=", ".join(RESULTS))
        return name, result, None
    return name, result, reader.formula(element, given.text, result)


def read_business_rule(element: Element, reader: Reader) -> dict[str, Any]:
    """A decision table."""
    return read_table(element, reader) | {"many": _many(element, reader)}


def read_sub(element: Element, reader: Reader) -> dict[str, Any]:
    """A process within the process."""
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
                expression(element, cardinality, "integer", reader) if cardinality is not None else None,
                expression(element, until, "boolean", reader, counts=True) if until is not None else None)

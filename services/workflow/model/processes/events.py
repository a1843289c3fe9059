"""Events of a file: what each waits for, throws, or ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.workflow.model.processes import definition as bpmn
from services.workflow.model.processes.condition import read_condition
from services.workflow.model.processes.definition import ERROR, ESCALATION, Timer
from services.workflow.model.processes.expressions import expression
from services.workflow.model.processes.iso import read_length, read_moment, read_working
from services.workflow.model.processes.orders import read_actions
from services.workflow.model.processes.reader import MAX_NAME, Reader, extension, extensions
from services.workflow.model.processes.state import APPROVED, REJECTED
from services.workflow.model.processes.vocabulary import BPMN, TIME, WORKING
from services.workflow.model.processes.who import read_people
from services.workflow.model.processes.xml import Element

_TIMER, _MESSAGE, _SIGNAL, _TERMINATE, _ESCALATION, _ERROR = (
    f"{one}EventDefinition" for one in ("timer", "message", "signal", "terminate", "escalation", "error"))
_EVENTS = (_TIMER, _MESSAGE, _SIGNAL, _TERMINATE, _ESCALATION, _ERROR)
_WAITED_FOR = (_TIMER, _MESSAGE, _SIGNAL)
_THROWN = (_SIGNAL, _MESSAGE, _ESCALATION)


def _definition_of(element: Element, allowed: tuple[str, ...], reader: Reader) -> Element | None:
    """The one event definition of an event, when it is one of those allowed there."""
    given = [child for child in element.of(BPMN) if child.name in _EVENTS]
    if len(given) > 1 or (given and given[0].name not in allowed):
        reader.wrong(element, "event_not_here", element=given[-1].name)
        return None
    return given[0] if given else None


def read_start(element: Element, reader: Reader) -> dict[str, Any]:
    """Where an instance begins, and what it says of all of it."""
    _definition_of(element, (), reader)
    people, when, back = (extension(element, name) for name in ("people", "when", "withdrawn"))
    return {"kind": bpmn.START, "people": read_people(element, reader) if people is not None else (),
            "condition": read_condition(element, when.text, reader) if when is not None else None,
            "withdrawn": read_actions(element, back, reader) if back is not None else (),
            "automatic": _automatic(element, reader), "takes": tuple(
                (one.attributes.get("variable", ""), one.attributes.get("result", ""))
                for one in extensions(element, "take"))}


def _automatic(element: Element, reader: Reader) -> tuple[str, ...]:
    given = extension(element, "automatic")
    words = tuple(given.attributes.get("when", "").split()) if given is not None else ()
    if given is not None and (not words or not set(words) <= {bpmn.APPLICANT, bpmn.AGREED}):
        reader.wrong(element, "automatic_wrong")
    return words


def read_end(element: Element, reader: Reader) -> dict[str, Any]:
    """Where a token ends, with what is thrown then."""
    found = _definition_of(element, (_TERMINATE, _ERROR, *_THROWN), reader)
    if found is not None and found.name == _TERMINATE:
        return {"kind": bpmn.TERMINATE}
    return {"kind": bpmn.END, "outcome": _outcome(element, reader)} | _thrown(element, found, reader)


def _outcome(element: Element, reader: Reader) -> str:
    given = extension(element, "outcome")
    value = given.attributes.get("value", "") if given is not None else ""
    if given is not None and value not in (APPROVED, REJECTED):
        reader.wrong(element, "outcome_unknown")
    return value


def read_throw(element: Element, reader: Reader) -> dict[str, Any]:
    """What is thrown on the way; nothing: a milestone."""
    found = _definition_of(element, _THROWN, reader)
    return {"kind": bpmn.PASS if found is None else bpmn.THROW} | _thrown(element, found, reader)


def _thrown(element: Element, found: Element | None, reader: Reader) -> dict[str, Any]:
    if found is None:
        return {}
    if found.name in (_ESCALATION, _ERROR):
        return _raised(element, found, reader, "raised_missing")
    return _heard(element, found, reader)


def _raised(element: Element, found: Element, reader: Reader, missing: str | None) -> dict[str, Any]:
    """An escalation or an error by its code; one that is caught may leave it out and then catches every one."""
    what = ESCALATION if found.name == _ESCALATION else ERROR
    code = reader.raised[what].get(found.attributes.get(f"{what}Ref", "").rpartition(":")[2], "")
    if len(code) > MAX_NAME or (missing and not code):
        reader.wrong(element, missing or "raised_missing")
    return {"raises": what, "code": code}


def _heard(element: Element, found: Element, reader: Reader) -> dict[str, Any]:
    if found.name == _SIGNAL:
        return {"signal": named(element, found, "signalRef", reader.signals, reader)}
    return message_of(element, found, reader)


def message_of(element: Element, found: Element, reader: Reader) -> dict[str, Any]:
    """A message by its name, and what it is about: the record, or what a formula gives."""
    given = extension(element, "correlation")
    return {"message": named(element, found, "messageRef", reader.messages, reader),
            "correlation": reader.formula(element, given.text, "text") if given is not None else None}


def named(element: Element, found: Element, member: str, names: Mapping[str, str], reader: Reader) -> str:
    """The name of the message or the signal that an element refers to."""
    name = names.get(found.attributes.get(member, "").rpartition(":")[2])
    if name is None or len(name) > MAX_NAME:
        reader.wrong(element, "message_missing")
    return name or ""


def read_catch(element: Element, reader: Reader) -> dict[str, Any]:
    """What is waited for on the way."""
    return {"kind": bpmn.CATCH} | _trigger(element, _WAITED_FOR, reader)


def read_boundary(element: Element, reader: Reader) -> dict[str, Any]:
    """What is waited for at an activity."""
    read = _trigger(element, (*_WAITED_FOR, _ESCALATION, _ERROR), reader)
    interrupting = element.attributes.get("cancelActivity", "true") != "false"
    if read.get("raises") == ERROR and not interrupting:
        reader.wrong(element, "error_interrupts")
    return {"kind": bpmn.BOUNDARY, "attached_to": element.attributes.get("attachedToRef", ""),
            "interrupting": interrupting} | read


def _trigger(element: Element, allowed: tuple[str, ...], reader: Reader) -> dict[str, Any]:
    found = _definition_of(element, allowed, reader)
    if found is None:
        reader.wrong(element, "event_missing")
        return {}
    if found.name == _TIMER:
        return {"timer": _timer(element, found, reader)}
    return _raised(element, found, reader, None) if found.name in (_ESCALATION, _ERROR) else _heard(
        element, found, reader)


def _timer(event: Element, timer: Element, reader: Reader) -> Timer:
    length, date = timer.first(BPMN, "timeDuration"), timer.first(BPMN, "timeDate")
    if (length is None) == (date is None):
        reader.wrong(event, "timer_wrong")
        return Timer()
    if length is not None:
        return _after(event, timer.foreign.get(TIME), length.text, reader)
    assert date is not None
    if TIME in timer.foreign:
        reader.wrong(event, "timer_working")
    moment = read_moment(date.text)
    return Timer(at=moment) if moment else Timer(formula=expression(event, date, "datetime", reader))


def _after(event: Element, time: str | None, text: str, reader: Reader) -> Timer:
    if time is None:
        length = read_length(text)
        if length is None:
            reader.wrong(event, "timer_wrong")
        return Timer(after=length)
    works = read_working(text) if time == WORKING else None
    if works is None:
        reader.wrong(event, "timer_working")
    return Timer(works=works)

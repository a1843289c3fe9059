"""From a BPMN file to a definition: every element is known, or refused by its name and id.

Reading never stops at the first mistake. A file that leaves no fault behind is a definition that the engine can run.
"""

from __future__ import annotations

from services.workflow.model.actions import Checker
from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.checking import check
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.parts import read_scope
from services.workflow.model.processes.reader import Fault, Faults, Reader
from services.workflow.model.processes.vocabulary import BPMN, LEAVES, PLACES, SILENT
from services.workflow.model.processes.xml import Element, Unreadable, read_xml

_OMG = "http://www.omg.org/spec/"  # the namespaces of processes and of their diagrams
_KNOWN = frozenset({*PLACES, *SILENT, *LEAVES})


def read_definition(source: str, model: ObjectModel, checker: Checker | None = None) -> Definition:
    """Return the definition in a file; raises Faults with everything that is wrong."""
    reader = Reader(model, checker)
    try:
        root = read_xml(source)
    except Unreadable as error:
        raise Faults([Fault("", "", 0, error.code, error.params)]) from None
    process = _process(root, reader)
    if process is not None:
        reader.elements[""] = process
        read_scope(process, None, reader)
    if not reader.faults:
        check(reader)
    if reader.faults:
        raise Faults(reader.faults)
    return Definition(reader.nodes, reader.flows, reader.variables)


def _process(root: Element, reader: Reader) -> Element | None:
    """The process of a file; everything else at its top is known or refused."""
    if (root.space, root.name) != (BPMN, "definitions"):
        reader.wrong(root, "not_bpmn")
        return None
    _unique_ids(root, reader)
    processes = list(root.of(BPMN, "process"))
    for child in root.of(BPMN):
        _take_name(child, reader)
        _known(child, reader)
    if len(processes) != 1:
        reader.wrong(processes[1] if processes else root, "one_process")
        return None
    return processes[0]


def _take_name(child: Element, reader: Reader) -> None:
    """What events and tasks refer to by its id: a message or a signal by its name, an escalation or an error by its
    code."""
    name = child.attributes.get("name", "").strip() or child.id
    if child.name in reader.raised:
        reader.raised[child.name][child.id] = child.attributes.get(f"{child.name}Code", "").strip() or name
    elif child.name in ("message", "signal"):
        (reader.messages if child.name == "message" else reader.signals)[child.id] = name


def _unique_ids(root: Element, reader: Reader) -> None:
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if one.space.startswith(_OMG):  # ids of other tools, and of people in ours, are no ids of this file
            if one.id and one.id in seen:
                reader.wrong(one, "id_twice")
            seen.add(one.id)
        waiting += one.children


def _known(element: Element, reader: Reader, parent: str = "definitions", around: Element | None = None) -> None:
    """Refuse an element, and what is in it, that the engine does not know, or not there. One without an id is told at
    the element `around` it that has one."""
    at = element if element.id or around is None else around
    if element.name not in _KNOWN and element.name != "process":
        reader.wrong(at, "not_executed", element=element.name[:100])
    elif parent not in PLACES.get(element.name, (parent,)):
        reader.wrong(at, "misplaced", element=element.name, parent=parent)
    elif element.name != "extensionElements":
        for child in element.of(BPMN):
            _known(child, reader, element.name, at)

"""BPMN files in few words, for tests: `process(start(), user("Boss"), …, flows="Start>Boss Boss>End")`."""

from __future__ import annotations

from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.reading import read_definition

HEAD = ('<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:fh="urn:freehold:bpmn:1" id="D" targetNamespace="urn:x">')
CONTRACT = {"name": "contract", "version": 1, "title_field": "name", "label": {"en": "Contract"}, "fields": [
    {"name": "name", "type": "text", "label": {"en": "Name"}, "options": {}},
    {"name": "amount", "type": "integer", "label": {"en": "Amount"}, "options": {}},
    {"name": "signed_on", "type": "date", "label": {"en": "Signed"}, "options": {}},
    {"name": "status", "type": "choice", "label": {"en": "Status"}, "options": {"choices": [
        {"value": "new", "label": {}}, {"value": "agreed", "label": {}}, {"value": "refused", "label": {}}]}},
    {"name": "lawyer", "type": "user", "label": {"en": "Lawyer"}, "options": {}},
]}
MODEL = ObjectModel(CONTRACT)


def xml(*nodes: str, flows: str = "", top: str = "") -> str:
    """A file with these nodes; `flows` are `source>target`, with `?condition` or `*` (the default of its source)."""
    return f"{HEAD}{top}<process id=\"Process\">{''.join(nodes)}{links(flows)}</process></definitions>"


def links(flows: str) -> str:
    """The sequence flows of `A>B C>D?amount>5`; each is called like `A-B`."""
    made = []
    for one in flows.split():
        ends, _, condition = one.partition("?")
        source, _, target = ends.partition(">")
        inner = f"<conditionExpression>{escaped(condition)}</conditionExpression>" if condition else ""
        made.append(f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}'
                    "</sequenceFlow>")
    return "".join(made)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def node(element: str, id: str, inner: str = "", **attributes: str) -> str:
    """Any element; an attribute `default` names a target."""
    if "default" in attributes:
        attributes["default"] = f"{id}-{attributes['default']}"
    words = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{element} id="{id}"{words}>{inner}</{element}>'


def start(id: str = "Start") -> str:
    return node("startEvent", id)


def end(id: str = "End", inner: str = "") -> str:
    return node("endEvent", id, inner)


def user(id: str, people: str = "<fh:applicant/>", *, more: str = "", many: str = "", **attributes: str) -> str:
    """A user task of these people; `more` are further extensions."""
    return node("userTask", id, f"<extensionElements>{more}<fh:people>{people}</fh:people></extensionElements>{many}",
                **attributes)


def approval(id: str, people: str = "<fh:applicant/>", **more: str) -> str:
    """A user task that decides."""
    return user(id, people, more="<fh:decision/>", **more)


def many(until: str = "", sequential: bool = False, cardinality: str = "") -> str:
    """Several instances."""
    inner = f"<loopCardinality>{cardinality}</loopCardinality>" if cardinality else ""
    inner += f"<completionCondition>{escaped(until)}</completionCondition>" if until else ""
    flag = str(sequential).lower()
    return f'<multiInstanceLoopCharacteristics isSequential="{flag}">{inner}</multiInstanceLoopCharacteristics>'


def service(id: str, actions: str, **attributes: str) -> str:
    return node("serviceTask", id, f"<extensionElements><fh:actions>{escaped(actions)}</fh:actions>"
                "</extensionElements>", **attributes)


def formula(id: str, variable: str, source: str, result: str = "integer") -> str:
    return node("serviceTask", id, f'<extensionElements><fh:formula variable="{variable}" result="{result}">'
                f"{escaped(source)}</fh:formula></extensionElements>")


def timer(length: str = "P1D", time: str = "") -> str:
    counted = f' fh:time="{time}"' if time else ""
    return f"<timerEventDefinition{counted}><timeDuration>{length}</timeDuration></timerEventDefinition>"


def message(ref: str) -> str:
    return f'<messageEventDefinition messageRef="{ref}"/>'


def signal(ref: str) -> str:
    return f'<signalEventDefinition signalRef="{ref}"/>'


def raising(what: str, ref: str = "") -> str:
    """An escalation or an error."""
    return f'<{what}EventDefinition {what}Ref="{ref}"/>' if ref else f"<{what}EventDefinition/>"


def correlation(source: str) -> str:
    return f"<extensionElements><fh:correlation>{escaped(source)}</fh:correlation></extensionElements>"


def table(id: str, variable: str, *rows: tuple[str, str], result: str = "text") -> str:
    """A decision table; rows are a formula (or "") and a value."""
    inner = "".join(f'<fh:row if="{escaped(when).replace(chr(34), "&quot;")}">{escaped(value)}</fh:row>' if when
                    else f"<fh:row>{escaped(value)}</fh:row>" for when, value in rows)
    return node("businessRuleTask", id, f'<extensionElements><fh:table variable="{variable}" result="{result}">{inner}'
                "</fh:table></extensionElements>")


def call(id: str, process: str, *, inner: str = "", **extensions: str) -> str:
    """A call activity; extensions are `about="field"`, `give="variable result formula"`, `get="variable result of"`."""
    about, give, get = (extensions.get(name, "").split(maxsplit=2) for name in ("about", "give", "get"))
    more = f'<fh:about field="{about[0]}"/>' if about else ""
    more += f'<fh:give variable="{give[0]}" result="{give[1]}">{escaped(give[2])}</fh:give>' if give else ""
    more += f'<fh:get variable="{get[0]}" result="{get[1]}" of="{get[2]}"/>' if get else ""
    return node("callActivity", id, f"<extensionElements>{more}</extensionElements>{inner}", calledElement=process)


def taking(variable: str, result: str) -> str:
    """A start that takes a value of who calls."""
    return node("startEvent", "Start", f'<extensionElements><fh:take variable="{variable}" result="{result}"/>'
                "</extensionElements>")


def sub(id: str, *nodes: str, flows: str = "", inner: str = "") -> str:
    return node("subProcess", id, inner + "".join(nodes) + links(flows))


def definition(*nodes: str, flows: str = "", top: str = "") -> Definition:
    """The definition of such a file."""
    return read_definition(xml(*nodes, flows=flows, top=top), MODEL)

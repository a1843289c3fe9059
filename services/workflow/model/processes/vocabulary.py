"""What of BPMN 2.0 the engine executes, and what it refuses: the table behind the reader and behind its reference page.

An element that stands in neither column is refused as well, by its name: nobody's diagram runs differently from what
it shows.
"""

from __future__ import annotations

from collections.abc import Mapping

_HOLDERS = frozenset({"process", "subProcess"})
_ACTIVITIES = frozenset({"task", "manualTask", "userTask", "serviceTask", "sendTask", "receiveTask",
                         "businessRuleTask", "callActivity", "subProcess"})
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"})
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:freehold:bpmn:1"
TIME, WORKING = f"{OURS} time", "working"  # of a timer: in which time its length is counted

NODES: Mapping[str, str] = {  # element → how it is executed
    "startEvent": "Where an instance begins: one in each process and sub-process, without a trigger. "
                  "`freehold:people` says who may start it, `freehold:when` (criteria) over which records, "
                  "`freehold:withdrawn` (actions) what is done when who applied takes it back. With "
                  "`freehold:automatic` (`when=\"applicant agreed\"`, either or both) decisions pass by themselves "
                  "when who decides has applied himself, or has agreed before.",
    "endEvent": "Its token ends; a signal, a message, an escalation or an error is thrown. With "
                "`terminateEventDefinition` everything else in the same (sub-)process ends too. `freehold:outcome` "
                "says that this end is the approved or the rejected one.",
    "intermediateThrowEvent": "Throws its signal, its message or its escalation. Without a definition: a milestone "
                              "that is noted in the history.",
    "intermediateCatchEvent": "Waits for its timer, its message or its signal.",
    "boundaryEvent": "A timer, a message or a signal at a task or a sub-process that waits; interrupting, or beside it "
                     "(`cancelActivity=\"false\"`) once. An escalation or an error from within a sub-process or a "
                     "called process; escalations may come beside it as often as they are thrown.",
    "task": "Passed at once and noted in the history, like a manual task.",
    "manualTask": "Done without the system's help: passed at once and noted in the history.",
    "userTask": "Tasks in the to-do lists of the people of `freehold:people`; whoever of them acts first completes it. "
                "With `freehold:decision` they approve or reject.",
    "serviceTask": "The actions of rules (`freehold:actions`), or a formula whose value becomes a variable "
                   "(`freehold:formula`).",
    "sendTask": "What is sent: `notify` and `send_email` of `freehold:actions`, or a message (`messageRef`) to another "
                "instance.",
    "receiveTask": "Waits for its message (`messageRef`).",
    "businessRuleTask": "A decision table in the file (`freehold:table`): the first row whose condition holds gives a "
                        "variable its value. A row has criteria over the record (`when`), a formula (`if`), or as the "
                        "last one neither; its text is a formula. When no row holds the variable is empty.",
    "callActivity": "Another published process (`calledElement`: its key or id), in the version that is the latest "
                    "when it is called, over the same record or over one that a field refers to (`freehold:about`). "
                    "`freehold:give` hands values of formulas to what its start takes (`freehold:take`), "
                    "`freehold:get` brings variables back; how it ended is `process.` and the id of the call. It ends "
                    "with its caller; calls go at most 10 deep.",
    "subProcess": "A process within the process; completes when none of its tokens is left.",
    "exclusiveGateway": "The first outgoing flow, in the order of the file, whose condition holds, else the default "
                        "one.",
    "parallelGateway": "Waits for a token on each incoming flow, then goes out on every flow.",
    "inclusiveGateway": "Goes out on every flow whose condition holds, else the default one; as a join it waits for "
                        "every token that can still arrive on an empty incoming flow.",
    "eventBasedGateway": "Waits for whichever of the following timers, messages, signals and receive tasks comes "
                         "first.",
}
PARTS: Mapping[str, str] = {
    "sequenceFlow": "The way of a token. `conditionExpression` is a formula over the record and `process.…`, or "
                    "criteria over the record (`language=\"urn:freehold:criteria\"`).",
    "multiInstanceLoopCharacteristics": "Several instances side by side or one after the other "
                                        "(`isSequential`), as many as there are people or as `loopCardinality` says, "
                                        "until `completionCondition` holds.",
    "timerEventDefinition": "`timeDuration` (ISO 8601, such as `P3D`) or `timeDate` (ISO 8601 with its offset, or a "
                            "formula giving a time). With `freehold:time=\"working\"` the length, whole days or whole "
                            "hours, is one of working time, by the calendar of the record's department.",
    "messageEventDefinition": "A message, by its name, to one instance: of those that wait for it about the same "
                              "thing, the one that has waited longest. It is about the record, or about what the "
                              "formula in `freehold:correlation` gives, at who sends as at who waits. It is kept for a "
                              "day when nobody waits for it yet.",
    "signalEventDefinition": "A signal, by its name, to every instance of every process that waits for it when it is "
                             "thrown.",
    "terminateEventDefinition": "At end events.",
    "escalationEventDefinition": "Thrown on the way or at an end, caught at the boundary of the nearest sub-process "
                                 "or call around it by its code, or without one every escalation. Nobody has to catch "
                                 "it.",
    "errorEventDefinition": "Thrown at an end, caught in the same way, always interrupting. An error that nobody "
                            "catches ends the instance.",
}
SILENT: Mapping[str, str] = {
    **dict.fromkeys(("documentation", "textAnnotation", "association", "group", "category"), "Kept; says something "
                    "to readers."),
    **dict.fromkeys(("laneSet", "lane"), "Kept; who does a task is said by `freehold:people`."),
    **dict.fromkeys(("collaboration", "participant"), "Kept, for one pool."),
    "messageFlow": "Drawing only: messages find who waits for them by their names.",
    **dict.fromkeys(("itemDefinition", "import"), "Kept; types of data in other languages are not looked at."),
    "extensionElements": "Those of Freehold are read, those of others kept.",
    "incoming": "Kept; the flows themselves say where they lead.", "outgoing": "As `incoming`.",
    **dict.fromkeys(("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataState", "property",
                     "dataInputAssociation", "dataOutputAssociation"), "Drawing only: the data of a process are the "
                    "record and its variables."),
    **dict.fromkeys(("escalation", "error"), "Gives it its code."),
    "message": "Gives a message its name.", "signal": "Gives a signal its name.",
}
REFUSED: tuple[str, ...] = (
    "adHocSubProcess", "callChoreography", "cancelEventDefinition",
    "choreographyTask", "compensateEventDefinition", "complexGateway", "conditionalEventDefinition",
    "ioSpecification", "linkEventDefinition",
    "performer", "potentialOwner", "resourceRole", "scriptTask",
    "standardLoopCharacteristics", "subChoreography", "subProcess triggeredByEvent", "timeCycle", "transaction",
)
PLACES: Mapping[str, frozenset[str]] = {  # element → what it may stand in; elsewhere it would do nothing
    **dict.fromkeys((*NODES, "sequenceFlow"), _HOLDERS),
    "multiInstanceLoopCharacteristics": _ACTIVITIES,
    **dict.fromkeys(("timerEventDefinition", "messageEventDefinition", "signalEventDefinition",
                     "terminateEventDefinition", "escalationEventDefinition", "errorEventDefinition"), _EVENTS),
    **dict.fromkeys(("sourceRef", "targetRef"), frozenset({"dataInputAssociation", "dataOutputAssociation"})),
    "conditionExpression": frozenset({"sequenceFlow"}),
    **dict.fromkeys(("timeDuration", "timeDate"), frozenset({"timerEventDefinition"})),
    **dict.fromkeys(("loopCardinality", "completionCondition"), frozenset({"multiInstanceLoopCharacteristics"})),
}
LEAVES = frozenset({"text", "flowNodeRef", "childLaneSet", "categoryValue", "participantMultiplicity"})
_HEAD = """# BPMN 2.0

Processes are BPMN 2.0 files. What is executed is executed as the standard says; a file with anything else is refused
when it is published, with the id of the element and a sentence. The file is kept as its author wrote it, diagram
included. This page is made by `make docs`.
"""


def render_vocabulary() -> str:
    """The reference page."""
    lines = [_HEAD]
    for title, table in (("Executed", NODES), ("Their parts", PARTS), ("Kept, without effect", SILENT)):
        lines += [f"## {title}", "", "| element | what happens |", "|---|---|",
                  *(f"| `{name}` | {text} |" for name, text in table.items()), ""]
    lines += ["## Refused by name", "", "Every element not named above, among them:", "",
              *(f"- `{name}`" for name in REFUSED)]
    return "\n".join(lines) + "\n"

"""An approval that somebody sent: its shape, with a pointer to whatever is wrong. What it speaks of (people, fields,
actions) is judged where the BPMN file is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.http.parsing import has_control_characters
from chassis.http.problem import FieldProblem
from chassis.working_time import read_length
from services.workflow.model.approvals.form import (
    ESCALATE,
    LATE,
    MODES,
    REMIND,
    Act,
    Approval,
    Approve,
    Choose,
    Json,
    Late,
    Step,
    Way,
)
from services.workflow.model.processes.definition import AGREED, APPLICANT
from services.workflow.model.texts import Texts

AUTOMATIC = (APPLICANT, AGREED)
MAX_STEPS = 100
MAX_WAYS = 10
MAX_DEPTH = 4
MAX_LIST = 50
MAX_NAME = 100
MAX_MESSAGE = 500
_MEMBERS: Mapping[str, frozenset[str]] = {
    "approval": frozenset({"start", "steps", "approved", "rejected", "withdrawn", "automatic"}),
    "approve": frozenset({"type", "name", "people", "mode", "due_in", "late"}),
    "act": frozenset({"type", "name", "actions"}),
    "choose": frozenset({"type", "name", "ways", "otherwise"}),
}


class ApprovalFaults(Exception):
    """What is wrong with an approval."""

    def __init__(self, faults: list[FieldProblem]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.code}" for fault in faults))
        self.faults = faults


def read_approval(given: Any, pointer: str = "") -> Approval:
    """Return the approval in JSON; raises ApprovalFaults."""
    form = _Form()
    approval = form.approval(given, pointer)
    if form.faults:
        raise ApprovalFaults(form.faults)
    return approval


class _Form:
    def __init__(self) -> None:
        self.faults: list[FieldProblem] = []
        self.steps = self.decisions = 0

    def wrong(self, pointer: str, code: str, **params: Any) -> None:
        self.faults.append(FieldProblem(pointer, code, params))

    def members(self, given: Any, known: frozenset[str], pointer: str) -> Mapping[str, Any]:
        """A JSON object without members that nobody knows."""
        if not isinstance(given, dict):
            self.wrong(pointer, "not_an_object")
            return {}
        for name in given.keys() - known:
            self.wrong(f"{pointer}/{name[:100].replace('~', '~0').replace('/', '~1')}", "unknown_field")
        return given

    def listed(self, given: Any, pointer: str, least: int = 0, most: int = MAX_LIST) -> list[Any]:
        if given is None and not least:
            return []
        if not isinstance(given, list) or not least <= len(given) <= most:
            self.wrong(pointer, "wrong_length" if isinstance(given, list) and given else "required")
            return []
        return given

    def objects(self, given: Any, pointer: str, least: int = 0) -> tuple[Json, ...]:
        found = self.listed(given, pointer, least)
        for index, one in enumerate(found):
            if not isinstance(one, dict):
                self.wrong(f"{pointer}/{index}", "not_an_object")
        return tuple(one for one in found if isinstance(one, dict))

    def texts(self, given: Any, pointer: str, most: int = MAX_NAME) -> Texts:
        if not isinstance(given, dict) or not given or not given.keys() <= {"en", "zh-CN"}:
            self.wrong(pointer, "required" if not given else "not_local_text")
            return {}
        for locale, text in given.items():
            if not isinstance(text, str) or not text.strip():
                self.wrong(f"{pointer}/{locale}", "required")
            elif len(text) > most:
                self.wrong(f"{pointer}/{locale}", "too_long", limit=most)
            elif has_control_characters(text):
                self.wrong(f"{pointer}/{locale}", "control_characters")
        return {locale: " ".join(str(text).split()) for locale, text in given.items()}

    def choice(self, given: Any, known: tuple[str, ...], pointer: str) -> str:
        if not isinstance(given, str) or given not in known:
            self.wrong(pointer, "not_a_choice")
        return str(given)

    def duration(self, given: Any, pointer: str) -> str:
        if read_length(given) is None:
            self.wrong(pointer, "required" if given is None else "not_a_duration")
        return str(given)

    # the parts

    def approval(self, given: Any, pointer: str) -> Approval:
        body = self.members(given, _MEMBERS["approval"], pointer)
        start = self.members(body.get("start", {}), frozenset({"people", "criteria"}), f"{pointer}/start")
        steps = self.sequence(body.get("steps"), f"{pointer}/steps", 1, least=1)
        if not self.decisions and not self.faults:
            self.wrong(f"{pointer}/steps", "approval_without_decision")
        return Approval(self.people(start.get("people"), f"{pointer}/start/people"),
                        self.criteria(start.get("criteria"), f"{pointer}/start/criteria"), steps,
                        self.objects(body.get("approved"), f"{pointer}/approved"),
                        self.objects(body.get("rejected"), f"{pointer}/rejected"),
                        self.objects(body.get("withdrawn"), f"{pointer}/withdrawn"),
                        self.automatic(body.get("automatic"), f"{pointer}/automatic"))

    def automatic(self, given: Any, pointer: str) -> tuple[str, ...]:
        found = self.listed(given, pointer)
        return tuple(dict.fromkeys(self.choice(one, AUTOMATIC, f"{pointer}/{at}") for at, one in enumerate(found)))

    def people(self, given: Any, pointer: str, least: int = 0) -> tuple[Json, ...]:
        found = self.objects(given, pointer, least)
        for index, who in enumerate(found):
            self._who(who, f"{pointer}/{index}")
        return found

    def _who(self, who: Json, pointer: str) -> None:
        ways = [way for way in ("person", "role", "field", "applicant") if way in who]
        if len(ways) != 1 or who.keys() - {ways[0], "up"} or ("up" in who and ways[0] != "role"):
            self.wrong(pointer, "approver_unclear")
        elif ways[0] == "applicant":
            if who["applicant"] is not True:
                self.wrong(f"{pointer}/applicant", "approver_unclear")
        elif not isinstance(who[ways[0]], str) or not 0 < len(who[ways[0]]) <= MAX_NAME:
            self.wrong(f"{pointer}/{ways[0]}", "required")
        elif "up" in who and (type(who["up"]) is not int or not 0 <= who["up"] <= 10):
            self.wrong(f"{pointer}/up", "not_a_choice")

    def criteria(self, given: Any, pointer: str) -> Json | None:
        if given is None or isinstance(given, dict):
            return given
        self.wrong(pointer, "not_an_object")
        return None

    def sequence(self, given: Any, pointer: str, depth: int, least: int = 0) -> tuple[Step, ...]:
        found = self.listed(given, pointer, least)
        self.steps += len(found)
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            self.wrong(pointer, "approval_too_large", steps=MAX_STEPS, depth=MAX_DEPTH)
            return ()
        steps = [self.step(one, f"{pointer}/{index}", depth) for index, one in enumerate(found)]
        return tuple(step for step in steps if step is not None)

    def step(self, given: Any, pointer: str, depth: int) -> Step | None:
        type = given.get("type") if isinstance(given, dict) else None
        if not isinstance(type, str) or type not in _MEMBERS or type == "approval":
            self.wrong(f"{pointer}/type" if isinstance(given, dict) else pointer, "not_a_choice")
            return None
        body = self.members(given, _MEMBERS[type], pointer)
        name = self.texts(body.get("name"), f"{pointer}/name")
        if type == "approve":
            return self.approve(body, name, pointer)
        if type == "act":
            return Act(name, self.objects(body.get("actions"), f"{pointer}/actions", 1))
        return self.choose(body, name, pointer, depth)

    def approve(self, body: Json, name: Texts, pointer: str) -> Approve:
        self.decisions += 1
        due, late = body.get("due_in"), body.get("late")
        return Approve(
            name, self.people(body.get("people"), f"{pointer}/people", 1),
            self.choice(body.get("mode", MODES[0]), MODES, f"{pointer}/mode"),
            None if due is None else self.duration(due, f"{pointer}/due_in"),
            None if late is None else self.late(late, f"{pointer}/late"))

    def late(self, given: Any, pointer: str) -> Late:
        body = self.members(given, frozenset({"after", "do", "people", "message"}), pointer)
        do = self.choice(body.get("do"), LATE, f"{pointer}/do")
        return Late(self.duration(body.get("after"), f"{pointer}/after"), do,
                    self.people(body.get("people"), f"{pointer}/people", 1) if do == ESCALATE else (),
                    self.texts(body.get("message"), f"{pointer}/message", MAX_MESSAGE) if do == REMIND else {})

    def choose(self, body: Json, name: Texts, pointer: str, depth: int) -> Choose:
        given = self.listed(body.get("ways"), f"{pointer}/ways", 1, MAX_WAYS)
        ways = [self.way(one, f"{pointer}/ways/{index}", depth, True) for index, one in enumerate(given)]
        return Choose(name, (*ways, self.way(body.get("otherwise"), f"{pointer}/otherwise", depth, False)))

    def way(self, given: Any, pointer: str, depth: int, conditional: bool) -> Way:
        known = {"name", "steps"} | ({"criteria"} if conditional else set())
        body = self.members(given, frozenset(known), pointer)
        criteria = self.criteria(body.get("criteria"), f"{pointer}/criteria")
        if conditional and not criteria:
            self.wrong(f"{pointer}/criteria", "required")
        return Way(self.texts(body.get("name"), f"{pointer}/name"), criteria,
                   self.sequence(body.get("steps"), f"{pointer}/steps", depth + 1))


def to_wire(approval: Approval) -> dict[str, Any]:
    """The form of an approval."""
    return {"start": {"people": list(approval.people), "criteria": approval.criteria},
            "steps": [_step(step) for step in approval.steps],
            "approved": list(approval.approved), "rejected": list(approval.rejected),
            "withdrawn": list(approval.withdrawn), "automatic": list(approval.automatic)}


def _step(step: Step) -> dict[str, Any]:
    name = dict(step.name)
    if isinstance(step, Approve):
        late = None if step.late is None else _late(step.late)
        return {"type": "approve", "name": name, "people": list(step.people), "mode": step.mode,
                "due_in": step.due_in, "late": late}
    if isinstance(step, Act):
        return {"type": "act", "name": name, "actions": list(step.actions)}
    *ways, otherwise = step.ways
    return {"type": "choose", "name": name,
            "ways": [{"name": dict(way.name), "criteria": way.criteria, "steps": [_step(one) for one in way.steps]}
                     for way in ways],
            "otherwise": {"name": dict(otherwise.name), "steps": [_step(one) for one in otherwise.steps]}}


def _late(late: Late) -> dict[str, Any]:
    return {"after": late.after, "do": late.do, **({"people": list(late.people)} if late.do == ESCALATE else {}),
            **({"message": dict(late.message)} if late.do == REMIND else {})}

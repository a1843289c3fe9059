"""The way that an instance of a process would have taken over a record as it stood then.

The process is run by the engine that runs it in earnest. Whoever is asked agrees at once, what the system does is
planned as in earnest and noted, and what is awaited on the way runs out; a call of another process or a message from
outside is where it ends. The applicant is whoever made the change, else the owner of the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chassis.clock import from_wire
from chassis.criteria import Scope
from chassis.ids import new_id
from services.workflow.model.processes.approvers import people_for
from services.workflow.model.processes.asked import is_choice
from services.workflow.model.processes.definition import CATCH, EXCLUSIVE, INCLUSIVE, USER, Definition, Node
from services.workflow.model.processes.engine import Step, advance
from services.workflow.model.processes.state import APPROVED, DONE, State
from services.workflow.model.processes.stimuli import Begin, CannotGoOn, Decided, Occurred, Stimulus, Surroundings
from services.workflow.model.processes.waiting import TIMER, waits_of, work_of
from services.workflow.model.results import failure_in
from services.workflow.model.texts import said
from services.workflow.usecases.planning import act_all
from services.workflow.usecases.plans import RunPlan
from services.workflow.usecases.processes.faults import why
from services.workflow.usecases.processes.ordering import addressed
from services.workflow.usecases.trying.effects import Supposed, Supposing

MOST_TURNS = 250  # that are decided; more than one step can ask of people one after another
MOST_STOPS = 40  # that are noted
MOST_DEEDS = 200  # of the system over one record: in earnest a circle is slowed down by what it orders, here it is not
Row = dict[str, Any]


class Walk:
    """One instance that was never started."""

    def __init__(self, definition: Definition, supposing: Supposing, supposed: Supposed, timezone: str,
                 keeper: str) -> None:
        """`keeper` publishes the process: he has what nobody else is there for."""
        self._definition, self._supposed, self._keeper = definition, supposed, keeper
        change = supposed.firing.change
        self._around = supposing.circumstances(from_wire(change["at"]))
        self._record = dict(change["after"])
        self._applicant = self._who_applies(change)
        directory = self._around.directory
        user = directory.users.get(self._applicant or "") or {}
        self._scope = Scope(self._around.now, timezone, user_id=self._applicant,
                            department_id=user.get("department_id"), departments_below=directory.departments_below,
                            calendars=lambda id: directory.calendar_of(id, timezone))
        self._state = State(variables={"applicant": self._applicant, "started_at": change["at"]})
        self.stops: list[Row] = []
        self._deeds = 0

    def go(self) -> None:
        """Go to the end, or as far as the process comes, and note the way with what was supposed."""
        problem = said("failed.no_owner")
        if self._applicant is not None:
            problem = self._went()
        self._supposed.path = {"applicant_id": self._applicant, "stops": self.stops[:MOST_STOPS], "problem": problem,
                               "ended": self._state.ended and problem is None, "started_by": self._started_by()}

    def _went(self) -> Any:
        """Why it does not go on; None when it does."""
        stimulus: Stimulus = Begin(called=True)
        try:
            for _ in range(MOST_TURNS):
                step = advance(self._definition, self._state, stimulus, Surroundings(
                    self._record, self._scope, self._people, self._act))
                self._state = step.state
                self.stops += self._passed(step)
                following = self._next()
                if following is None:
                    return None
                stimulus = following
            raise CannotGoOn("endless", next(iter(self._state.tokens.values())).node, limit=MOST_TURNS)
        except CannotGoOn as blocked:
            node = self._definition.nodes.get(blocked.node)
            return why(blocked, node.name if node else "")

    def _next(self) -> Stimulus | None:
        """Whoever is asked agrees; a time that is waited for on the way has come."""
        for work in work_of(self._definition, self._state).values():
            node = self._definition.nodes[work.node]
            self.stops.append({"node": node.id, "what": "asked", "people": list(work.people)})
            return Decided(work.token, APPROVED if node.decision else DONE, work.people[0])
        for wait in sorted(waits_of(self._definition, self._state), key=lambda one: (one.token, one.node)):
            if wait.kind == TIMER and self._definition.nodes[wait.node].kind == CATCH:
                return Occurred(wait.token, wait.node)
        self.stops += [{"node": token.node, "what": "waits"} for token in self._state.tokens.values()]
        return None

    def _passed(self, step: Step) -> Iterator[Row]:
        """The ways that the values of the record have chosen."""
        for noted in step.noted:
            if noted.what == "left" and self._definition.nodes[noted.node].kind in (EXCLUSIVE, INCLUSIVE):
                for id in (noted.detail or {}).get("flows", ()):
                    if is_choice(self._definition, self._definition.flows[id]):
                        yield {"node": id, "what": "way"}

    def _people(self, node: Node) -> tuple[str, ...]:
        found = people_for(node.people, self._around.directory, self._record, self._applicant or "")
        return tuple(found or [self._keeper])

    def _act(self, node: Node) -> None:
        """Plan what the system does; it is done at once. Raises CannotGoOn."""
        self._deeds += 1
        if self._deeds > MOST_DEEDS:
            raise CannotGoOn("endless", node.id, limit=MOST_DEEDS)
        one, firing = self._supposed, self._supposed.firing
        actions = [each for action in node.actions for each in addressed(action, self._applicant or "", self._asked)]
        rule = replace(firing.rule.rule, actions=actions)
        results = act_all(RunPlan(new_id(), rule, firing, one.plan, one.effects, self._around))
        failure = failure_in([each for each in results if each["type"] != "notify"])
        if failure is not None:
            raise CannotGoOn("action", node.id, detail=failure)
        one.results += results
        one.acted += actions
        self._record |= one.plan.asked.get(rule.id, {})
        self.stops.append({"node": node.id, "what": "done"})

    def _asked(self) -> list[str]:
        """Whom the instance would wait for."""
        works = work_of(self._definition, self._state).values()
        return sorted({person for work in works for person in work.people})

    def _who_applies(self, change: Mapping[str, Any]) -> str | None:
        for id in (change["by"], self._record.get("owner_id")):
            if id in self._around.directory.users and self._around.is_active(id):
                return str(id)
        return None

    def _started_by(self) -> list[Row]:
        """The active rules that start this process at the same change."""
        rule = self._supposed.firing.rule.rule
        mine = {rule.id, rule.key}
        return [{"rule_id": one.id, "rule_name": one.name} for one in self._supposed.rules
                if any(each["type"] == "start_process" and each["process"] in mine for each in one.actions)]


def names_in(definition: Definition) -> Row:
    """What people who look at the result read of the elements: id → its names, in the order of the file."""
    nodes = {node.id: dict(node.names) or {"en": node.name} for node in definition.nodes.values()
             if node.kind == USER or node.actions or node.kind not in (EXCLUSIVE, INCLUSIVE)}
    ways = {flow.id: dict(flow.names) or nodes.get(flow.target) or {"en": flow.id}
            for flow in definition.flows.values() if is_choice(definition, flow)}
    return nodes | ways

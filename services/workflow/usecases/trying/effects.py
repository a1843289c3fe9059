"""What the rules would have done on one change: planned as in earnest, and kept as a note of the one that is tried.

The turns of a rotation start where they stand today and go on in memory only; nothing is locked or written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from chassis.clock import from_wire, to_wire, utcnow
from chassis.ids import new_id
from services.workflow.model.new_records import sources_of
from services.workflow.model.rules import Rule
from services.workflow.store.tables import rotation
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.judging import Firing
from services.workflow.usecases.planning import Planner, act_all
from services.workflow.usecases.plans import Circumstances, Effects, RecordPlan, Row, RunPlan
from services.workflow.usecases.rotating import NOBODY, Key, Rotation

if TYPE_CHECKING:
    from chassis.service import Service

_MOST_TEXT = 300


class _Pointers(dict[Key, str]):
    """Whose turn was last, read when first asked for."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def __missing__(self, key: Key) -> str:
        last = self._connection.execute(select(rotation.c.last_user_id).where(
            rotation.c.rule_id == key[0], rotation.c.department_id == key[1])).scalar()
        self[key] = last or NOBODY
        return self[key]


class SupposedTurns(Rotation):
    """Turns as they stand, that move in memory only."""

    def __init__(self, real: Rotation, connection: Connection) -> None:
        vars(self).update(vars(real))
        self._last = _Pointers(connection)


class SupposedPlanner(Planner):
    """Knows the circumstances in which rules are planned, of no firing yet."""

    def circumstances(self, connection: Connection) -> Circumstances:
        """The circumstances, with turns that move in memory only."""
        around = self._circumstances
        return replace(around, rotation=SupposedTurns(around.rotation, connection))


class SupposedPlan(RecordPlan):
    """Remembers what each rule wanted to write, and what that would have changed."""

    def __init__(self, firing: Firing) -> None:
        super().__init__(firing)
        self.asked: dict[str, Row] = {}
        self.changed: dict[str, dict[str, list[Any]]] = {}

    def write(self, rule: Rule, values: Mapping[str, Any]) -> Row:
        """Note what a rule writes; returns what of it differs from how the record would be without it."""
        stood = {**self.record, **self.wanted}
        new = super().write(rule, values)
        self.asked.setdefault(rule.id, {}).update(values)
        for name, value in new.items():
            earlier = self.changed.setdefault(rule.id, {}).get(name)
            self.changed[rule.id][name] = [earlier[0] if earlier else stood.get(name), value]
        return new


@dataclass
class Supposed:
    """What would have happened on one change: the plan of its record, what the tried rule would have done and noted."""

    firing: Firing
    plan: SupposedPlan
    results: list[Row]
    effects: Effects
    rules: list[Rule]
    loop: Row | None = None
    acted: list[Mapping[str, Any]] = field(default_factory=list)  # actions of a process that is tried
    path: Row | None = None  # of it

    @property
    def written(self) -> dict[str, list[Any]]:
        """Field → [before, after] of the tried rule."""
        return self.plan.changed.get(self.firing.rule.rule.id, {})

    @property
    def clashes(self) -> list[Row]:
        """Other rules that would have written the same field; whoever acts later wins."""
        mine = self.firing.rule.rule
        wanted = self.plan.asked.get(mine.id, {})
        found = []
        for other in self.rules:
            for name, value in self.plan.asked.get(other.id, {}).items() if other.id != mine.id else ():
                if name in wanted:
                    later = self.rules.index(other) > self.rules.index(mine)
                    wins = "same" if value == wanted[name] else "theirs" if later else "mine"
                    found.append({"rule_id": other.id, "rule_name": other.name, "field": name, "wins": wins})
        return found

    def _sources(self) -> dict[str, list[str]]:
        """The fields that written values are taken from."""
        actions = self.acted or self.firing.rule.rule.actions
        return {name: sources for action in actions if action["type"] == "set_fields"
                for name, sources in sources_of(action["values"], self.plan.object).items() if sources}

    def note(self) -> Row:
        """What is kept of it."""
        change = self.firing.change
        return {
            "by": change["by"], "sources": self._sources(), "origin": change.get("origin"),
            "after": _short(change["after"]),
            "path": self.path,
            "written": self.written, "actions": self.results, "clashes": self.clashes, "loop": self.loop,
            "tasks": [{"title": one["title"], "assignee_id": one["assignee_id"],
                       "due_at": one["due_at"] and to_wire(one["due_at"])} for one in self.effects.tasks],
            "messages": [_message(one) for one in self.effects.notifications if one["template"] != "task_assigned"],
            "records": [{"object": one.object, "owner_id": one.values["owner_id"], "sources": one.sources,
                         "values": _short({name: value for name, value in one.values.items() if name != "owner_id"})}
                        for one in self.effects.creations],
            "mails": [{"to": one["recipient"], "template": one["template"]} for one in self.effects.mails],
            "processes": [{"process": one["process"], "applicant_id": one["applicant_id"]}
                          for one in self.effects.starts]}


def _short(record: Mapping[str, Any]) -> Row:
    """The record without the length of its texts: it says who sees it and what it is called."""
    return {name: value[:_MOST_TEXT] if isinstance(value, str) else value for name, value in record.items()}


def _message(wish: Row) -> Row:
    return {"user_id": wish["user_id"], "template": wish["template"], "message": wish["params"].get("message")}


class Supposing:
    """Plans changes one after another."""

    def __init__(self, service: Service, connection: Connection, tried: str) -> None:
        self._service, self._connection, self._tried = service, connection, tried
        self._around = SupposedPlanner(service, connection, (), utcnow()).circumstances(connection)

    def suppose(self, firings: Sequence[Firing]) -> tuple[SupposedPlan, Supposed | None]:
        """Plan all rules that fire on one change, in their order."""
        around = self.circumstances(from_wire(firings[0].change["at"]))
        plan, mine = SupposedPlan(firings[0]), None
        rules = [firing.rule.rule for firing in firings]
        for firing in firings:
            effects = Effects(firing.message)
            results = act_all(RunPlan(new_id(), firing.rule.rule, firing, plan, effects, around))
            if firing.rule.rule.id == self._tried:
                mine = Supposed(firing, plan, results, effects, rules)
        return plan, mine

    def circumstances(self, now: datetime) -> Circumstances:
        """Those of the moment of a change; turns go on from one change to the next."""
        today = now.astimezone(ZoneInfo(self._service.settings.default_timezone)).date()
        deputies = Deputies(self._connection, self._around.directory, now)
        return replace(self._around, now=now, today=today, deputies=deputies)

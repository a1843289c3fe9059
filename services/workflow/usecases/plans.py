"""What the rules are about to do: notes of effects, made while the actions are worked out, written afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from chassis.auth.directory import Snapshot
from chassis.events.message import Message
from chassis.ids import new_id
from services.workflow.model.rules import Rule
from services.workflow.usecases.deputies import Deputies
from services.workflow.usecases.judging import Firing
from services.workflow.usecases.load import Load
from services.workflow.usecases.rotating import Rotation

Row = dict[str, Any]


@dataclass(frozen=True)
class Circumstances:
    """What is the same for all runs of a batch."""

    now: datetime
    today: date
    directory: Snapshot
    rotation: Rotation
    deputies: Deputies
    load: Load

    def name_of(self, id: str) -> str:
        """Return what a user or a department is called."""
        known = self.directory.users.get(id) or self.directory.departments.get(id)
        return known["name"] if known else id

    def is_active(self, user_id: str) -> bool:
        """Tell whether a user has not left; one who is not known here yet is a new one."""
        user = self.directory.users.get(user_id)
        return user is None or bool(user["active"])


@dataclass(frozen=True)
class Creation:
    """A record that is to be created: by the action at `place` of a run; who waits for `order_id` waits for it too."""

    object: str
    values: Row
    sources: Mapping[str, list[str]]  # the fields of the rule's record that each value is taken from
    rule: Rule
    run_id: str
    place: int
    order_id: str


@dataclass
class Effects:
    """What is done because of one message: rows to be written, notifications to be asked for. `by` is who acts: a rule
    or a process."""

    message: Message
    runs: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    changes: list[RecordPlan] = field(default_factory=list)
    mails: list[Row] = field(default_factory=list)  # to customers
    starts: list[Row] = field(default_factory=list)  # of processes
    creations: list[Creation] = field(default_factory=list)
    by: str = "rule"


class RecordPlan:
    """What the rules that fire on one change make of its record."""

    def __init__(self, firing: Firing) -> None:
        self.object = firing.rule.model
        self.record: Mapping[str, Any] = firing.judged.after
        self.id, self.version = firing.record_id, firing.change["version"]
        self.title = self.object.title_of(self.record)
        self.intent_id = new_id()
        self.wanted: Row = {}
        self.rules: list[Rule] = []

    @property
    def owner_id(self) -> str | None:
        """Who owns the record once the rules so far have acted."""
        return self.wanted.get("owner_id", self.record.get("owner_id"))

    def write(self, rule: Rule, values: Mapping[str, Any]) -> Row:
        """Note what a rule writes; returns what of it differs from how the record would be without it."""
        new = {name: value for name, value in values.items()
               if self.wanted.get(name, self.record.get(name)) != value}
        self.wanted |= new
        if new and rule not in self.rules:
            self.rules.append(rule)
        return new


@dataclass
class RunPlan:
    """One run while its actions are worked out."""

    id: str
    rule: Rule
    firing: Firing
    record: RecordPlan
    effects: Effects
    circumstances: Circumstances

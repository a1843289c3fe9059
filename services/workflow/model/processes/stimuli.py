"""What can happen to an instance from outside, and what the engine asks of its surroundings meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Scope
from services.workflow.model.processes.definition import Node


@dataclass(frozen=True)
class Begin:
    """The instance starts; a `called` one does not ask who may start it."""

    called: bool = False


@dataclass(frozen=True)
class Decided:
    """Somebody (`by`) completed the present turn of a user task: approved, rejected or done."""

    token: int
    outcome: str
    by: str | None = None


@dataclass(frozen=True)
class Occurred:
    """A timer ran out or a message came, at the node `event`, for the token that waited for it."""

    token: int
    event: str


@dataclass(frozen=True)
class Served:
    """What a service task had ordered is done."""

    token: int


@dataclass(frozen=True)
class TriedAgain:
    """A service task whose order was refused is to be done again."""

    token: int


@dataclass(frozen=True)
class SentBack:
    """The process shall go on from an earlier user task."""

    token: int
    to: str


@dataclass(frozen=True)
class Joined:
    """Somebody else is to decide too, before or after those who hold the task now."""

    token: int
    person: str
    holders: tuple[str, ...]
    before: bool


@dataclass(frozen=True)
class Returned:
    """A called process has ended: with this outcome and these variables."""

    token: int
    outcome: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Raised:
    """An escalation or an error has left a called process."""

    token: int
    what: str
    code: str


Stimulus = Begin | Decided | Occurred | Served | TriedAgain | SentBack | Joined | Returned | Raised


@dataclass(frozen=True)
class Surroundings:
    """`record` in wire form, the `scope` formulas are worked out in, who the people of a user task are, and how a
    service task acts: `act` returns what to wait for, or None when all is done."""

    record: Mapping[str, Any]
    scope: Scope
    people: Callable[[Node], tuple[str, ...]]
    act: Callable[[Node], str | None]


@dataclass(frozen=True)
class Noted:
    """One line of the history: what happened at which node."""

    node: str
    what: str
    detail: Mapping[str, Any] | None = None


MAX_CORRELATION = 400  # letters; a database looks for it by an index


@dataclass(frozen=True)
class Sent:
    """A message by its name, and what it is about."""

    name: str
    about: str


class CannotGoOn(Exception):
    """The stimulus leads nowhere, so nothing has changed; `code` names the sentence, `node` the place."""

    def __init__(self, code: str, node: str, **params: Any) -> None:
        super().__init__(f"{code} at {node}")
        self.code, self.node, self.params = code, node, params

"""An approval: who may start it, its steps from top to bottom, what happens at its ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.workflow.model.texts import Texts

Json = Mapping[str, Any]
ANY, ALL, TURN = "any", "all", "turn"
REMIND, ESCALATE, APPROVE, REJECT = "remind", "escalate", "approve", "reject"
MODES = (ANY, ALL, TURN)
LATE = (REMIND, ESCALATE, APPROVE, REJECT)


@dataclass(frozen=True)
class Late:
    """What happens when nobody has decided `after` so long: everybody who holds the step is reminded with `message`,
    `people` decide instead, or it counts as approved or rejected."""

    after: str
    do: str
    people: tuple[Json, ...] = ()
    message: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Approve:
    """People decide: any one of them, all of them, or one after the other."""

    name: Texts
    people: tuple[Json, ...]
    mode: str
    due_in: str | None = None
    late: Late | None = None


@dataclass(frozen=True)
class Act:
    """The system acts: copies go out, fields are set, tasks are made."""

    name: Texts
    actions: tuple[Json, ...]


@dataclass(frozen=True)
class Way:
    """One of several ways; the last one of a choice has no condition."""

    name: Texts
    criteria: Json | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Choose:
    """The first way whose condition the record meets."""

    name: Texts
    ways: tuple[Way, ...]


Step = Approve | Act | Choose


@dataclass(frozen=True)
class Approval:
    """The whole; `people` may start it (empty: everybody), over records that meet `criteria`; `approved`, `rejected`
    and `withdrawn` are done at its ends; `automatic` says why decisions pass by themselves."""

    people: tuple[Json, ...]
    criteria: Json | None
    steps: tuple[Step, ...]
    approved: tuple[Json, ...] = ()
    rejected: tuple[Json, ...] = ()
    withdrawn: tuple[Json, ...] = ()
    automatic: tuple[str, ...] = ()

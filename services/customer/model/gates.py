"""Stage gates: what must hold before a record moves on in a pipeline.

The stages of a pipeline stand in the order of their choices. A move forward asks the `exit` of the stage that it
leaves, the entry (`required` fields and `enter`) of the stage that it comes to, and both of those that it passes over,
so that no gate can be jumped. The `exit` of a stage that closes a record is asked when it is closed with it, since
nobody moves on from there. Who gives up (`closed: lost`) need not have passed the others, and who goes back is asked
nothing.

Beside its `exit`, a stage may ask that its key tasks and its check list are `complete`. Key tasks are asked where there
are any of this visit: a record that stood in the stage before it had some moves on. What is passed over has not been
worked on, so its key tasks are all still to do.

A condition that no longer makes sense (its field is gone) counts as not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.criteria import AllOf, CriteriaError, Criterion, Field, parse
from services.customer.model.fields import FieldDef
from services.customer.model.stages import CHECKS, TASKS

LOST = "lost"
ENTER, EXIT, CLOSE = "enter", "exit", "close"


@dataclass(frozen=True)
class Stage:
    """One stage, with the condition for coming into it, and the one for leaving it or for closing with it."""

    value: str
    label: Mapping[str, str]
    closed: str | None
    entry: Criterion | None
    gate: Criterion | None
    message: Mapping[str, str] = field(default_factory=dict)
    complete: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # what must be done, by kind


@dataclass(frozen=True)
class Gate:
    """What a move must meet: of which stage, on which side of it, and whether the record only passes over it."""

    stage: Stage
    side: str
    criterion: Criterion | None
    is_passed: bool = False

    @property
    def work(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The key tasks and the points of the check list that must be done."""
        return {} if self.side == ENTER else self.stage.complete


@dataclass(frozen=True)
class Pipeline:
    """The stages of one choice field in their order."""

    field: str
    stages: Sequence[Stage]

    def asked(self, before: Any, after: Any) -> list[Gate]:
        """The gates that a move must pass, in the order in which it comes to them."""
        places = {stage.value: place for place, stage in enumerate(self.stages)}
        to, at = places.get(after), places.get(before)
        if to is None or before == after or (at is not None and at > to and self.stages[to].closed is None):
            return []
        entered, passed = self.stages[to], self._passed(at, to)
        sides = [side for stage in passed for side in ((stage, ENTER, stage.entry), (stage, EXIT, stage.gate))
                 if (stage.value, side[1]) != (before, ENTER)]
        sides.append((entered, ENTER, entered.entry))
        if entered.closed is not None:
            sides.append((entered, CLOSE, entered.gate))
        gates = [Gate(stage, side, criterion, stage.value not in (before, after)) for stage, side, criterion in sides]
        return [gate for gate in gates if gate.criterion is not None or gate.work]

    def _passed(self, at: int | None, to: int) -> Sequence[Stage]:
        """The stage that is left, and those between."""
        if at is None or at > to or self.stages[to].closed == LOST:
            return ()
        return [stage for stage in self.stages[at:to] if stage.closed is None]


def pipelines_of(own: Iterable[FieldDef], fields: Mapping[str, Field]) -> tuple[Pipeline, ...]:
    """The pipelines of an object: those of its own choice fields that have a gate."""
    made = (Pipeline(field.name, [_stage(choice, fields) for choice in field.options.get("choices") or ()])
            for field in own if field.type == "choice")
    return tuple(one for one in made if any(stage.gate or stage.entry or stage.complete for stage in one.stages))


def _stage(choice: Mapping[str, Any], fields: Mapping[str, Field]) -> Stage:
    about = choice.get("stage") or {}
    return Stage(choice["value"], choice.get("label") or {}, about.get("closed"), _entry(about, fields),
                 _gate(about.get("exit"), fields), about.get("message") or {},
                 {kind: about[kind] for kind in (TASKS, CHECKS) if kind in about.get("complete", ()) and about[kind]})


def _entry(about: Mapping[str, Any], fields: Mapping[str, Field]) -> Criterion | None:
    required = [_gate({"field": name, "op": "is_set"}, fields) for name in about.get("required") or ()]
    enter = _gate(about.get("enter"), fields)
    parts = [one for one in required if one is not None] + (list(parts_of(enter)) if enter is not None else [])
    return AllOf(tuple(parts)) if parts else None


def _gate(given: Any, fields: Mapping[str, Field]) -> Criterion | None:
    try:
        return None if given is None else parse(given, fields)
    except CriteriaError:
        return None


def parts_of(criterion: Criterion) -> Sequence[Criterion]:
    """The conditions that must all hold, one by one."""
    return criterion.parts if isinstance(criterion, AllOf) else (criterion,)

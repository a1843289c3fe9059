"""Stage gates: what must hold before a record moves on in a pipeline.

The stages of a pipeline stand in the order of their choices. A move forward asks the `exit` of the stage that it leaves
and of those that it passes over, so that no gate can be jumped. The condition of a stage that closes a record is asked
when it is closed with it, since nobody moves on from there. Who gives up (`closed: lost`) need not have passed the
others, and who goes back is asked nothing.

A condition that no longer makes sense (its field is gone) counts as not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.criteria import AllOf, CriteriaError, Criterion, Field, parse
from services.customer.model.fields import FieldDef

LOST = "lost"


@dataclass(frozen=True)
class Stage:
    """One stage, with the condition for leaving it, or for closing with it."""

    value: str
    label: Mapping[str, str]
    closed: str | None
    gate: Criterion | None


@dataclass(frozen=True)
class Pipeline:
    """The stages of one choice field in their order."""

    field: str
    stages: Sequence[Stage]

    def asked(self, before: Any, after: Any) -> list[Stage]:
        """The stages whose conditions a move must meet."""
        places = {stage.value: place for place, stage in enumerate(self.stages)}
        to = places.get(after)
        if to is None or before == after:
            return []
        entered, at = self.stages[to], places.get(before)
        passed: Sequence[Stage] = ()
        if at is not None and at < to and entered.closed != LOST:
            passed = [stage for stage in self.stages[at:to] if stage.closed is None]
        closing = [entered] if entered.closed is not None else []
        return [stage for stage in (*passed, *closing) if stage.gate is not None]


def pipelines_of(own: Iterable[FieldDef], fields: Mapping[str, Field]) -> tuple[Pipeline, ...]:
    """The pipelines of an object: those of its own choice fields that have a gate."""
    made = (Pipeline(field.name, [_stage(choice, fields) for choice in field.options.get("choices") or ()])
            for field in own if field.type == "choice")
    return tuple(one for one in made if any(stage.gate is not None for stage in one.stages))


def _stage(choice: Mapping[str, Any], fields: Mapping[str, Field]) -> Stage:
    about = choice.get("stage") or {}
    return Stage(choice["value"], choice.get("label") or {}, about.get("closed"), _gate(about.get("exit"), fields))


def _gate(given: Any, fields: Mapping[str, Field]) -> Criterion | None:
    try:
        return None if given is None else parse(given, fields)
    except CriteriaError:
        return None


def parts_of(criterion: Criterion) -> Sequence[Criterion]:
    """The conditions that must all hold, one by one."""
    return criterion.parts if isinstance(criterion, AllOf) else (criterion,)

"""Whether what a rule writes would make it fire again: the change that the rules order is judged as if it had come.

Step by step, as in earnest: all rules of a change write together, their change fires rules, and so on until nothing is
written or the depth is reached at which the engine stops a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.events.message import Message
from chassis.ids import new_id
from services.workflow.model.rules import Rule
from services.workflow.usecases.guarding import MAX_DEPTH
from services.workflow.usecases.judging import Firing, Judge
from services.workflow.usecases.trying.effects import Supposed, SupposedPlan, Supposing


@dataclass
class _Chain:
    """What follows from one change: the last plan, and the rules that acted, in turn."""

    start: Supposed
    plan: SupposedPlan
    rules: list[Rule] = field(default_factory=list)
    again: int | None = None  # the step at which the tried rule fired again
    ended: bool = False

    @property
    def ordered(self) -> dict[str, Any]:
        """What the plan really changes: two rules may have undone each other."""
        return {} if self.ended else {
            name: value for name, value in self.plan.wanted.items() if self.plan.record.get(name) != value}


def follow(judge: Judge, supposing: Supposing, found: Iterable[Supposed]) -> None:
    """Note with each of them the circle that it would have started."""
    chains = [_Chain(one, one.plan, list(one.plan.rules)) for one in found if one.written]
    alive = chains
    for step in range(1, MAX_DEPTH + 1):
        alive = [chain for chain in alive if chain.ordered]
        _next(judge, supposing, alive, step)
    for chain in chains:
        if chain.again is not None:
            rules = list(dict.fromkeys(rule.id for rule in chain.rules))
            names = {rule.id: rule.name for rule in chain.rules}
            chain.start.loop = {"step": chain.again, "endless": bool(chain.ordered),
                                "rules": [{"id": id, "name": names[id]} for id in rules]}


def _next(judge: Judge, supposing: Supposing, chains: Sequence[_Chain], step: int) -> None:
    by_message = {(message := _message(chain, step)).id: (chain, message) for chain in chains}
    fired: dict[str, list[Firing]] = {}
    for firing in judge.firings([message for _, message in by_message.values()]):
        fired.setdefault(firing.message.id, []).append(firing)
    for id, (chain, _) in by_message.items():
        firings = fired.get(id)
        if not firings:
            chain.ended = True
            continue
        chain.plan, mine = supposing.suppose(firings)
        chain.rules += [firing.rule.rule for firing in firings]
        if mine is not None and chain.again is None:
            chain.again = step


def _message(chain: _Chain, step: int) -> Message:
    """The change that the plan orders, as its event would tell it."""
    plan, start, ordered = chain.plan, chain.start.firing, chain.ordered
    before = {name: plan.record.get(name) for name in ordered}
    change: dict[str, Any] = {
        "id": plan.id, "version": plan.version + 1, "action": "updated", "at": start.change["at"], "by": None,
        "changed": list(ordered), "before": before, "after": {**plan.record, **ordered}}
    return message_of(plan.object.name, change, depth=step)


def message_of(name: str, change: dict[str, Any], depth: int = 0) -> Message:
    """A message about one change, which nobody has sent."""
    data = {"object": name, "origin": change.get("origin"), "bulk": None, "changes": [change],
            **({"rules": False} if change.get("rules") is False else {})}
    id = new_id()
    return Message(id=id, type="", source="", subject=name, time=change["at"], data=data, request_id=id, depth=depth)

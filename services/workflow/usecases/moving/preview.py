"""What a move would do, without doing it: where instances stand, what stands for that, and who would stay and why.

Instances are looked at up to a bound, so a preview takes about as long for a hundred thousand as for a few thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from chassis.db import UnitOfWork
from services.workflow.model.processes.definition import Node
from services.workflow.model.processes.moving.plan import Obstacle, Plan
from services.workflow.model.processes.moving.positions import move
from services.workflow.model.processes.state import state_from_json
from services.workflow.model.texts import pick
from services.workflow.queries.processes import find_process
from services.workflow.store.process_moves import standing_in
from services.workflow.store.tables import process_instance
from services.workflow.usecases.moving.plans import plans_of
from services.workflow.usecases.moving.words import notes_of, words_of

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
MOST = 5_000  # that are looked at
_EXAMPLES = 5
_INSTANCE = process_instance.c


def preview(service: Service, uow: UnitOfWork, process_id: str, asked: Row, locale: str) -> dict[str, Any]:
    """What a move would do with the instances that run now."""
    plans = plans_of(service, uow, find_process(uow.connection, process_id), asked)
    here = standing_in(process_id, asked["sources"])
    seen = _Seen(plans, locale)
    rows = uow.execute(select(_INSTANCE.id, _INSTANCE.process_version, _INSTANCE.body).where(*here).order_by(
        _INSTANCE.process_version, _INSTANCE.id).limit(MOST))
    for row in rows:
        seen.look_at(row)
    total = seen.looked_at
    if total == MOST:
        total = uow.execute(select(func.count()).select_from(process_instance).where(*here)).scalar_one()
    return {"instances": total, "looked_at": seen.looked_at, "movable": seen.movable, "positions": seen.positions(),
            "obstacles": seen.obstacles()}


class _Seen:
    """What was found so far."""

    def __init__(self, plans: Mapping[int, Plan], locale: str) -> None:
        self.plans, self.locale, self.looked_at, self.movable = plans, locale, 0, 0
        self._standing: Counter[tuple[int, str]] = Counter()
        self._kept: Counter[tuple[int, Obstacle]] = Counter()
        self._examples: dict[tuple[int, Obstacle], list[str]] = {}

    def look_at(self, row: Any) -> None:
        """Move one in thought."""
        self.looked_at += 1
        state = state_from_json(row.body)
        obstacles = move(self.plans[row.process_version], state).obstacles
        self.movable += not obstacles
        self._standing.update((row.process_version, node) for node in {one.node for one in state.tokens.values()})
        for one in obstacles:
            self._kept[row.process_version, one] += 1
            examples = self._examples.setdefault((row.process_version, one), [])
            if len(examples) < _EXAMPLES:
                examples.append(row.id)

    def positions(self) -> list[dict[str, Any]]:
        """Where instances stand, in the order of the files; an element of several versions once."""
        found: dict[str, dict[str, Any]] = {}
        for version in sorted(self.plans, reverse=True):
            plan = self.plans[version]
            for node in plan.source.nodes.values():
                count = self._standing[version, node.id]
                if count and node.id in found:
                    found[node.id]["instances"] += count
                elif count:
                    found[node.id] = self._position(plan, node, count)
        return list(found.values())

    def _position(self, plan: Plan, node: Node, count: int) -> dict[str, Any]:
        new = plan.goes_to(node.id)
        return {"node": node.id, "name": self._name(node), "kind": node.kind, "instances": count,
                "target": new.id if new else None, "target_name": self._name(new) if new else None,
                "choices": [{"node": one.id, "name": self._name(one)} for one in plan.choices(node.id)],
                "obstacles": [pick(words_of(plan, one), self.locale) for one in plan.faults(node.id)],
                "notes": [pick(one, self.locale) for one in notes_of(plan, node.id)]}

    def obstacles(self) -> list[dict[str, Any]]:
        """What keeps how many where they are, the most frequent first."""
        return [{"code": one.code, "node": one.node or None, "target": one.target or None, "version": version,
                 "instances": count, "words": pick(words_of(self.plans[version], one), self.locale),
                 "examples": self._examples[version, one]}
                for (version, one), count in self._kept.most_common(100)]

    def _name(self, node: Node) -> str:
        return pick(node.names, self.locale) or node.name

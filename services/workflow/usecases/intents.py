"""Intents: changes of records that rules have ordered, committed before anybody acts on them.

One message's intents with the same rules are a group: one call to the customer service, under one idempotency key,
with the cause of the message. A group's members never change once it may have been sent. Records that rules create are
intents too, in groups by their object; such an intent says which action of which run it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from chassis.context import Cause, Origin
from chassis.ids import new_id
from chassis.jsonio import dump_bytes
from services.workflow.model.rules import Rule
from services.workflow.model.texts import pick
from services.workflow.usecases.plans import Creation, Effects, RecordPlan

INTENTS = "workflow.intents"
MAX_GROUP = 500
MAX_BYTES = 500_000  # half of what an ordinary request may hold

CREATE = "create"  # an intent that creates its record; others change theirs

Row = dict[str, Any]
T = TypeVar("T")


def intent_rows(effects: Sequence[Effects], locale: str, now: datetime) -> tuple[list[Row], list[Row]]:
    """Return the rows of the groups and of their intents."""
    groups: list[Row] = []
    intents: list[Row] = []
    for one in effects:
        for plans in _alike(one.changes):
            group = _group(one, plans[0].object.name, plans[0].rules, locale, now)
            groups.append(group)
            intents.extend({"id": plan.intent_id, "group_id": group["id"], "position": position, "record_id": plan.id,
                            "changes": plan.wanted, "action": None, "run_id": None, "place": None, "order_id": None}
                           for position, plan in enumerate(plans))
        for new in _together(one.creations):
            group = _group(one, new[0].object, [new[0].rule], locale, now)
            groups.append(group)
            intents.extend(_creation(group["id"], position, creation) for position, creation in enumerate(new))
    return groups, intents


def _creation(group_id: str, position: int, creation: Creation) -> Row:
    """The row of a record that is to be created; it waits for nothing else, so it goes by a record id of its own."""
    id = new_id()
    return {"id": id, "group_id": group_id, "position": position, "record_id": id, "changes": creation.values,
            "action": CREATE, "run_id": creation.run_id, "place": creation.place, "order_id": creation.order_id}


def _together(creations: Sequence[Creation]) -> list[Sequence[Creation]]:
    """Creations by their object and rule, no more together than one call can carry."""
    alike: dict[tuple[str, str], list[Creation]] = {}
    for creation in creations:
        alike.setdefault((creation.object, creation.rule.id), []).append(creation)
    return [part for some in alike.values() for part in _in_parts(some, lambda one: one.values)]


def _alike(plans: Sequence[RecordPlan]) -> list[Sequence[RecordPlan]]:
    """Plans by the rules that made them, no more together than one call can carry."""
    by_rules: dict[tuple[str, ...], list[RecordPlan]] = {}
    for plan in plans:
        if plan.wanted:
            by_rules.setdefault(tuple(rule.id for rule in plan.rules), []).append(plan)
    return [part for some in by_rules.values() for part in _in_parts(some, lambda plan: plan.wanted)]


def _in_parts(some: Sequence[T], values: Callable[[T], Row]) -> list[Sequence[T]]:
    """As many as one call takes at a time: rules write much the same to each record."""
    largest = max(len(dump_bytes(values(one))) for one in some[:10]) + 100
    size = max(1, min(MAX_GROUP, MAX_BYTES // largest))
    return [some[start:start + size] for start in range(0, len(some), size)]


def _group(effects: Effects, object: str, rules: Sequence[Rule], locale: str, now: datetime) -> Row:
    cause = effects.message.cause()
    name = " + ".join(pick(rule.name, locale) for rule in rules)
    return {"id": new_id(), "object": object, "attempts": 0, "due_at": now, "lease_owner": None,
            "error": None, "created_at": now, "cause": {
                "request_id": cause.request_id, "causation_id": cause.causation_id, "depth": cause.depth,
                "origin": [effects.by, rules[0].id, name], "bulk_id": cause.bulk_id}}


def cause_of(group: Any, deeper: int = 0) -> Cause:
    """Return the cause of a group's row; `deeper` is 1 for the change that it makes."""
    cause = group.cause
    return Cause(request_id=cause["request_id"], causation_id=cause["causation_id"], depth=cause["depth"] + deeper,
                 origin=Origin(*cause["origin"]), bulk_id=cause["bulk_id"])

"""Intents: changes of records that rules have ordered, committed before anybody acts on them.

One message's intents with the same rules are a group: one call to the customer service, under one idempotency key,
with the cause of the message. A group's members never change once it may have been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.context import Cause, Origin
from chassis.ids import new_id
from chassis.jsonio import dump_bytes
from services.workflow.model.texts import pick
from services.workflow.usecases.plans import Effects, RecordPlan

INTENTS = "workflow.intents"
MAX_GROUP = 500
MAX_BYTES = 500_000  # half of what an ordinary request may hold

Row = dict[str, Any]


def intent_rows(effects: Sequence[Effects], locale: str, now: datetime) -> tuple[list[Row], list[Row]]:
    """Return the rows of the groups and of their intents."""
    groups: list[Row] = []
    intents: list[Row] = []
    for one in effects:
        for plans in _alike(one.changes):
            group = _group(one, plans[0], locale, now)
            groups.append(group)
            intents.extend({"id": plan.intent_id, "group_id": group["id"], "position": position, "record_id": plan.id,
                            "changes": plan.wanted} for position, plan in enumerate(plans))
    return groups, intents


def _alike(plans: Sequence[RecordPlan]) -> list[list[RecordPlan]]:
    """Plans by the rules that made them, no more together than one call can carry."""
    by_rules: dict[tuple[str, ...], list[RecordPlan]] = {}
    for plan in plans:
        if plan.wanted:
            by_rules.setdefault(tuple(rule.id for rule in plan.rules), []).append(plan)
    return [some[start:start + size] for some in by_rules.values() if (size := _fitting(some))
            for start in range(0, len(some), size)]


def _fitting(plans: Sequence[RecordPlan]) -> int:
    """How many of these plans one call takes: rules write much the same to each record."""
    largest = max(len(dump_bytes(plan.wanted)) for plan in plans[:10]) + 100
    return max(1, min(MAX_GROUP, MAX_BYTES // largest))


def _group(effects: Effects, plan: RecordPlan, locale: str, now: datetime) -> Row:
    cause = effects.message.cause()
    name = " + ".join(pick(rule.name, locale) for rule in plan.rules)
    return {"id": new_id(), "object": plan.object.name, "attempts": 0, "due_at": now, "lease_owner": None,
            "error": None, "created_at": now, "cause": {
                "request_id": cause.request_id, "causation_id": cause.causation_id, "depth": cause.depth,
                "origin": [effects.by, plan.rules[0].id, name], "bulk_id": cause.bulk_id}}


def cause_of(group: Any, deeper: int = 0) -> Cause:
    """Return the cause of a group's row; `deeper` is 1 for the change that it makes."""
    cause = group.cause
    return Cause(request_id=cause["request_id"], causation_id=cause["causation_id"], depth=cause["depth"] + deeper,
                 origin=Origin(*cause["origin"]), bulk_id=cause["bulk_id"])

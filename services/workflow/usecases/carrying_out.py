"""Carrying out intents: one call to the customer service for each group, then the result of each intent.

Claim, call and settle are three steps with two transactions, for a few groups at a time. A claim is a lease; whoever
dies in between leaves the groups to the next one, who sends the very same calls under the same keys, so the customer
service acts once. A group waits while an older one still has an intent for one of its records: what rules do to a
record happens in order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, exists, select, update

from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.store.tables import intent, intent_group
from services.workflow.usecases.intents import CREATE, cause_of
from services.workflow.usecases.processes.occurring import settle_orders
from services.workflow.usecases.settling import Fate, Settled, refusal, settle_runs, unanswered

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

MAX_CLAIM = 20
PATIENCE = 1.0  # seconds after which the groups that were not called yet are given back
LEASE = timedelta(seconds=90)  # longer than one call with all its tries can take
MAX_PAUSE = 30
_PASSING = frozenset({401, 408, 425, 429})
_GROUP, _INTENT = intent_group.c, intent.c

_EARLIER = intent.alias("earlier")
_BLOCKED = exists().where(
    _INTENT.group_id == _GROUP.id, _EARLIER.c.record_id == _INTENT.record_id, _EARLIER.c.group_id < _GROUP.id)
_NEXT = (select(intent_group).where(_GROUP.due_at <= bindparam("now", type_=_GROUP.due_at.type), ~_BLOCKED)
         .order_by(_GROUP.id).limit(MAX_CLAIM).with_for_update(skip_locked=True, of=intent_group))
_GROUPS = _GROUP.id.in_(bindparam("groups", expanding=True))
_MEMBERS = (select(intent).where(_INTENT.group_id.in_(bindparam("groups", expanding=True)))
            .order_by(_INTENT.group_id, _INTENT.position))


@dataclass(frozen=True)
class Claimed:
    """A group that this worker holds, with its intents."""

    group: Row[Any]
    intents: Sequence[Row[Any]]
    lease: str


def carry_out_next(service: Service) -> bool:
    """Carry out the oldest groups that are due; False when there are none, or when they have to wait."""
    claimed = claim(service)
    answered: list[tuple[Claimed, Mapping[str, Fate]]] = []
    started, trouble = time.monotonic(), ""
    for one in claimed:
        if trouble or time.monotonic() - started > PATIENCE:
            break
        fates, trouble = _carry_out(service, one)
        if fates:
            answered.append((one, fates))
    settle(service, answered)
    _give_back(service, claimed[len(answered):], trouble)
    return bool(claimed) and not trouble


def claim(service: Service) -> list[Claimed]:
    """Take the lease of a few groups, oldest first."""
    now, lease = utcnow(), new_id()
    with service.db.unit_of_work() as uow:
        groups = uow.execute(_NEXT, {"now": now}).all()
        ids = {"groups": [group.id for group in groups]}
        if not groups:
            return []
        uow.execute(update(intent_group).where(_GROUPS).values(due_at=now + LEASE, lease_owner=lease), ids)
        members: dict[str, list[Row[Any]]] = {}
        for row in uow.execute(_MEMBERS, ids):
            members.setdefault(row.group_id, []).append(row)
    return [Claimed(group, members[group.id], lease) for group in groups]


def settle(service: Service, answered: Sequence[tuple[Claimed, Mapping[str, Fate]]]) -> None:
    """Record the results of groups that another worker has not taken over meanwhile."""
    if not answered:
        return
    with service.db.unit_of_work() as uow:
        ours = set(uow.execute(delete(intent_group).where(_GROUPS, _GROUP.lease_owner == answered[0][0].lease)
                               .returning(_GROUP.id), {"groups": [one.group.id for one, _ in answered]}).scalars())
        fates: dict[str, Fate] = {}
        causes = {}
        rows = [row for one, _ in answered for row in one.intents]
        for one, its_fates in answered:
            if one.group.id in ours:
                _regroup(uow, one, [id for id, fate in its_fates.items() if fate.passing])
                fates |= {id: fate for id, fate in its_fates.items() if not fate.passing}
                causes |= dict.fromkeys(its_fates, cause_of(one.group))
        if ours:
            uow.execute(delete(intent).where(_INTENT.group_id.in_(ours)))
            settle_runs(uow, [Settled(row, fates[row.id], causes[row.id]) for row in rows if row.id in fates])
            settle_orders(service, uow, {row.id: row.order_id or row.id for row in rows if row.id in fates}, fates)


def _carry_out(service: Service, one: Claimed) -> tuple[Mapping[str, Fate], str]:
    """The fates of a group's intents; none and what the trouble was when the call has to be made again."""
    group = one.group
    with with_cause(cause_of(group, deeper=1)):
        answer = service.calls.request("customer", "POST", f"/v1/records/{group.object}/batch",
                                       json=_operations(one.intents), idempotency_key=f"intents:{group.id}")
    fates = _fates(answer, one.intents)
    if fates is not None:
        return fates, ""
    if utcnow() - group.created_at < timedelta(hours=service.settings.intent_give_up_hours):
        return {}, f"{answer.target} answered {answer.status}"
    return dict.fromkeys((row.id for row in one.intents), unanswered()), ""


def _operations(intents: Sequence[Row[Any]]) -> dict[str, Any]:
    return {"atomic": False, "operations": [
        {"action": CREATE, "values": row.changes} if row.action == CREATE
        else {"action": "update", "id": row.record_id, "values": row.changes} for row in intents]}


def _fates(answer: Answer, intents: Sequence[Row[Any]]) -> dict[str, Fate] | None:
    """What became of each intent; None when the call has to be made again."""
    if answer.status in _PASSING or answer.status >= 500:
        return None
    body = answer.json
    if answer.status >= 400:
        return {row.id: refusal(answer.status, body, row.action) for row in intents}
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or len(results) != len(intents):
        return None
    return {row.id: _fate(row, result) for row, result in zip(intents, results, strict=True)}


def _fate(row: Row[Any], result: Mapping[str, Any]) -> Fate:
    status = result.get("status", 500)
    if status >= 400:
        return refusal(status, result.get("problem"), row.action)
    return Fate("done", created=result["record"]["id"] if row.action == CREATE else None)


def _give_back(service: Service, claimed: Sequence[Claimed], trouble: str) -> None:
    """Let go of groups that were not carried out: the first one, if it met trouble, for a growing pause."""
    if not claimed:
        return
    now, mine = utcnow(), _GROUP.lease_owner == claimed[0].lease
    with service.db.unit_of_work() as uow:
        uow.execute(update(intent_group).where(_GROUPS, mine).values(due_at=now, lease_owner=None),
                    {"groups": [one.group.id for one in claimed[1 if trouble else 0:]]})
        if trouble:
            group = claimed[0].group
            pause = timedelta(seconds=min(2 ** min(group.attempts, 10), MAX_PAUSE))
            log.warning("changes ordered by rules wait %s: %s", pause, trouble)
            uow.execute(update(intent_group).where(_GROUP.id == group.id, mine).values(
                due_at=now + pause, lease_owner=None, error=trouble, attempts=group.attempts + 1))


def _regroup(uow: UnitOfWork, one: Claimed, ids: Sequence[str]) -> None:
    """Single intents that met passing trouble go into a group of their own, under a new key."""
    if not ids:
        return
    group, fresh = one.group, new_id()
    uow.execute(intent_group.insert().values(
        id=fresh, object=group.object, cause=group.cause, attempts=group.attempts, created_at=group.created_at,
        due_at=utcnow() + timedelta(seconds=1), lease_owner=None, error="single changes met trouble"))
    uow.execute(update(intent).where(_INTENT.id.in_(ids)).values(group_id=fresh))

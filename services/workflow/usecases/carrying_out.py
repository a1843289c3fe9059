"""Carrying out intents: one call to the customer service for each group, then the result of each intent.

Claim, call and settle are three steps with two transactions. A claim is a lease; whoever dies in between leaves the
group to the next one, who sends the very same call under the same key, so the customer service acts once. A group
waits while an older one still has an intent for one of its records: what rules do to a record happens in order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, exists, select, update

from chassis.calls import Answer
from chassis.clock import utcnow
from chassis.context import with_cause
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.workflow.store.tables import intent, intent_group
from services.workflow.usecases.intents import cause_of
from services.workflow.usecases.settling import FAILED, Fate, refusal, settle_runs, unanswered

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than a call with all its tries can take
MAX_PAUSE = 30
_PASSING = frozenset({401, 408, 425, 429})
_GROUP, _INTENT = intent_group.c, intent.c

_EARLIER = intent.alias("earlier")
_BLOCKED = exists().where(
    _INTENT.group_id == _GROUP.id, _EARLIER.c.record_id == _INTENT.record_id, _EARLIER.c.group_id < _GROUP.id)
_NEXT = (select(intent_group).where(_GROUP.due_at <= bindparam("now", type_=_GROUP.due_at.type), ~_BLOCKED)
         .order_by(_GROUP.id).limit(1).with_for_update(skip_locked=True, of=intent_group))
_MEMBERS = select(intent).where(_INTENT.group_id == bindparam("group")).order_by(_INTENT.position)


def carry_out_next(service: Service) -> bool:
    """Carry out the oldest group that is due; False when there is none, or when it has to wait."""
    claimed = _claim(service)
    if claimed is None:
        return False
    group, intents = claimed
    with with_cause(cause_of(group, deeper=1)):
        answer = service.calls.request("customer", "POST", f"/v1/records/{group.object}/batch",
                                       json=_operations(intents), idempotency_key=f"intents:{group.id}")
    fates = _fates(answer, intents)
    if fates is None and utcnow() - group.created_at < timedelta(hours=service.settings.intent_give_up_hours):
        _postpone(service, group, f"{answer.target} answered {answer.status}")
        return False
    _settle(service, group, intents, fates or dict.fromkeys((row.id for row in intents), unanswered()))
    return True


def _claim(service: Service) -> tuple[Row[Any], Sequence[Row[Any]]] | None:
    now = utcnow()
    with service.db.unit_of_work() as uow:
        group = uow.execute(_NEXT, {"now": now}).one_or_none()
        if group is None:
            return None
        lease = {"attempts": group.attempts + 1, "due_at": now + LEASE, "lease_owner": new_id()}
        claimed = uow.execute(update(intent_group).where(_GROUP.id == group.id).values(lease).returning(intent_group))
        return claimed.one(), uow.execute(_MEMBERS, {"group": group.id}).all()


def _operations(intents: Sequence[Row[Any]]) -> dict[str, Any]:
    return {"atomic": False, "operations": [
        {"action": "update", "id": row.record_id, "values": row.changes} for row in intents]}


def _fates(answer: Answer, intents: Sequence[Row[Any]]) -> dict[str, Fate] | None:
    """What became of each intent; None when the call has to be made again."""
    if answer.status in _PASSING or answer.status >= 500:
        return None
    body = answer.json
    if answer.status >= 400:
        return dict.fromkeys((row.id for row in intents), refusal(answer.status, body))
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or len(results) != len(intents):
        return None
    return {row.id: _fate(result) for row, result in zip(intents, results, strict=True)}


def _fate(result: Mapping[str, Any]) -> Fate:
    status = result.get("status", 500)
    return Fate("done") if status < 400 else refusal(status, result.get("problem"))


def _postpone(service: Service, group: Row[Any], error: str) -> None:
    pause = timedelta(seconds=min(2 ** min(group.attempts - 1, 10), MAX_PAUSE))
    log.warning("changes ordered by rules wait %s: %s", pause, error)
    with service.db.unit_of_work() as uow:
        uow.execute(update(intent_group).where(_GROUP.id == group.id, _GROUP.lease_owner == group.lease_owner).values(
            due_at=utcnow() + pause, lease_owner=None, error=error))


def _settle(service: Service, group: Row[Any], intents: Sequence[Row[Any]], fates: Mapping[str, Fate]) -> None:
    """Record the results, unless another worker has taken the group over."""
    with service.db.unit_of_work() as uow:
        ours = uow.execute(delete(intent_group).where(
            _GROUP.id == group.id, _GROUP.lease_owner == group.lease_owner)).rowcount
        if ours != 1:
            return
        again = [row.id for row in intents if fates[row.id].passing]
        if again:
            _regroup(uow, group, again)
        uow.execute(delete(intent).where(_INTENT.group_id == group.id))
        with with_cause(cause_of(group)):
            settle_runs(uow, {id: fate for id, fate in fates.items() if not fate.passing})


def _regroup(uow: UnitOfWork, group: Row[Any], ids: Sequence[str]) -> None:
    """Single intents that met passing trouble go into a group of their own, under a new key."""
    fresh = new_id()
    uow.execute(intent_group.insert().values(
        id=fresh, object=group.object, cause=group.cause, attempts=group.attempts, created_at=group.created_at,
        due_at=utcnow() + timedelta(seconds=1), lease_owner=None, error=FAILED))
    uow.execute(update(intent).where(_INTENT.id.in_(ids)).values(group_id=fresh))

"""Campaigns run: recipients are taken in turns, each a bounded slice, and become messages that go out like others.

A worker claims a campaign whose turn has come, asks for a slice outside of any transaction, and then commits three
things together: how far it has come, who was left out and why, and the messages. A message's id is made of campaign
and recipient, and one address gets one message of a campaign; so whoever dies anywhere leaves nobody out and writes to
nobody twice. What becomes of a message is the matter of usecases.mails.sending.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from services.notify.metrics import CAMPAIGN_RECIPIENTS, CAMPAIGNS
from services.notify.model.campaigns import (
    FINISHED,
    MOST_WAITING,
    PAUSED,
    PERSON_GONE,
    SCHEDULED,
    SENDING,
    TURNS_AHEAD,
    turn_of,
)
from services.notify.queries.mail_templates import find_mail_template
from services.notify.store.tables import campaign, customer_mail
from services.notify.usecases.campaigns.asking import Judged, Refused, ask_slice
from services.notify.usecases.mails.composing import CustomerAway
from services.notify.usecases.mails.taking_in import MAILS

if TYPE_CHECKING:
    from chassis.service import Service

RUNNER = "notify.campaigns"
_LEASE, _REST, _LOOK = timedelta(minutes=2), timedelta(seconds=30), timedelta(seconds=5)
_LEAST_ASKED = 50
_MOST_ASKED = 500
_C = campaign.c


def run_next(service: Service) -> bool:
    """Do one turn of one campaign; tells whether there may be more to do."""
    row = _claim(service)
    if row is None:
        return False
    waiting, fresh = _waiting(service, row.id)
    room = min(MOST_WAITING - waiting, TURNS_AHEAD * turn_of(row.per_minute)[0] - fresh)
    if not _has_letter(row):
        _stop(service, row, "template_gone")
    elif row.all_taken:
        _end(service, row) if not waiting else _later(service, row, _LOOK)
    elif room <= 0:
        _later(service, row, _LOOK)
    else:
        _take(service, row, room)
    return True


def _claim(service: Service) -> Any:
    """The campaign whose turn has come, in the hands of this worker for a while; None when there is none."""
    now = utcnow()
    due = select(campaign).where(_C.state.in_((SCHEDULED, SENDING)), _C.due_at <= now)
    with service.db.unit_of_work() as uow:
        row = uow.execute(due.order_by(_C.due_at).limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        begun = {} if _has_letter(row) else {"started_at": row.started_at or now,
                                             "letter": find_mail_template(uow.connection, row.template)}
        uow.execute(update(campaign).where(_C.id == row.id).values(
            **begun, state=SENDING, turn=row.turn + 1, due_at=now + _LEASE))
        return uow.execute(select(campaign).where(_C.id == row.id)).one()


def _has_letter(row: Any) -> bool:
    """Whether it has a text that may go out; until then a template that was put right is taken at the next turn."""
    return bool(row.letter and row.letter["purpose"] and row.letter["object"] == row.object)


def _take(service: Service, row: Any, room: int) -> None:
    most, pause = turn_of(row.per_minute)
    most = min(most, room)
    try:
        found = ask_slice(service, row._mapping, row.run_by, row.letter["purpose"], after=row.after,
                          limit=min(max(most * 4, _LEAST_ASKED), _MOST_ASKED))
    except CustomerAway:
        _later(service, row, _REST)
        return
    except Refused as refused:
        _stop(service, row, PERSON_GONE if refused.code == PERSON_GONE else "audience_refused")
        return
    passed = _up_to(found.items, most)
    whole = len(passed) == len(found.items)
    chosen = [one for one in passed if one.reason is None]
    left_out = Counter(row.left_out) + Counter(one.reason for one in passed if one.reason)
    values = {"after": passed[-1].id if passed else row.after, "left_out": dict(left_out),
              "all_taken": whole and found.next is None, "due_at": utcnow() + (pause if chosen else timedelta())}
    with service.db.unit_of_work() as uow:
        if _settle(uow, row, values):
            _order(uow, row, chosen)
            uow.after_commit(lambda: _told(service, passed))


def _up_to(items: Sequence[Judged], most: int) -> Sequence[Judged]:
    """The beginning of a slice that has so many to write to."""
    places = [place for place, one in enumerate(items) if one.reason is None]
    return items if len(places) <= most else items[:places[most - 1] + 1]


def _order(uow: UnitOfWork, row: Any, chosen: Sequence[Judged]) -> None:
    now = utcnow()
    rows = [{"id": str(uuid.uuid5(uuid.UUID(row.id), one.id)), "cause": f"campaign:{row.id}", "address": None,
             "object": row.object, "record_id": one.id, "recipient": {
                 "object": row.object, "id": one.id, "field": row.field}, "recipient_id": one.id,
             "template": row.template, "rule": {"id": row.id, "name": {"en": row.name, "zh-CN": row.name}},
             "campaign_id": row.id, "subject": None, "status": "waiting", "problem": None, "answer": None,
             "attempts": 0, "due_at": now, "created_at": now, "updated_at": now} for one in chosen]
    if rows:
        uow.execute(insert_or(uow, customer_mail).on_conflict_do_nothing(), rows)


def _told(service: Service, passed: Sequence[Judged]) -> None:
    for one in passed:
        CAMPAIGN_RECIPIENTS.labels(one.reason or "taken").inc()
    service.wake(MAILS)


def _end(service: Service, row: Any) -> None:
    now = utcnow()
    with service.db.unit_of_work() as uow:
        if _settle(uow, row, {"state": FINISHED, "ended_at": now, "due_at": now, "version": row.version + 1}):
            uow.after_commit(lambda: CAMPAIGNS.labels(FINISHED).inc())


def _stop(service: Service, row: Any, problem: str) -> None:
    """Pause a campaign that cannot go on; its page says why."""
    with service.db.unit_of_work() as uow:
        if _settle(uow, row, {"state": PAUSED, "problem": problem, "version": row.version + 1}):
            uow.after_commit(lambda: CAMPAIGNS.labels(PAUSED).inc())


def _later(service: Service, row: Any, pause: timedelta) -> None:
    with service.db.unit_of_work() as uow:
        _settle(uow, row, {"due_at": utcnow() + pause})


def _settle(uow: UnitOfWork, row: Any, values: dict[str, Any]) -> bool:
    """Write down what a turn came to, unless somebody paused or another worker took over meanwhile."""
    mine = (_C.id == row.id) & (_C.state == SENDING) & (_C.turn == row.turn)
    return bool(uow.execute(update(campaign).where(mine).values(**values, updated_at=utcnow())).rowcount)


def _waiting(service: Service, id: str) -> tuple[int, int]:
    """How many messages have not gone out, and how many of these were never tried."""
    mine = (customer_mail.c.campaign_id == id) & customer_mail.c.status.in_(("waiting", "sending"))
    fresh = func.count(case((customer_mail.c.attempts == 0, 1)))
    with service.db.read() as connection:
        row = connection.execute(select(func.count(), fresh).select_from(customer_mail).where(mine)).one()
        return row[0], row[1]

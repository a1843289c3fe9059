"""Calculate all records of an object: after a definition has changed, when a new day has come, and when departments
have moved below which a roll-up counts.

A job in pieces, in the order of ids, resumed behind the last one. It waits a moment before it begins, until every
process has noticed the new definition or the new calendar (they look once a second).
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.clock import from_wire, to_wire, utcnow
from chassis.context import current_cause, with_cause
from chassis.db import UnitOfWork, insert_or
from chassis.jobs import Job, enqueue
from chassis.jsonio import dumps
from services.customer.store.record_type import RecordType
from services.customer.store.tables import calculation_day
from services.customer.usecases.calculations.work import ORIGIN
from services.customer.usecases.calculations.write import keep_calculated

if TYPE_CHECKING:
    from chassis.service import Service

CALCULATE = "customer.calculate"
NOTICED = timedelta(seconds=2)
_PIECE = 500


def ask_for_all(uow: UnitOfWork, object_name: str, *, daily: bool = False, at_once: bool = False) -> None:
    """Have all records of an object calculated; a definition's first values are not news to rules."""
    enqueue(uow, CALCULATE, {"object": object_name, "daily": daily, "at_once": at_once, "asked_at": to_wire(utcnow())})


def calculate_job(service: Service, job: Job) -> None:
    """Calculate every record of the object of the payload."""
    if not job.payload.get("at_once", job.payload["daily"]):
        _wait_until_noticed(from_wire(job.payload["asked_at"]))
    service.directory.snapshot(fresh=True)
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    while record_type is not None and not job.progress.get("done"):
        _calculate_piece(service, job, record_type)


def start_new_day(service: Service) -> None:
    """Ask once a day, by the company's clock, for the objects with formulas that look at the calendar."""
    today = utcnow().astimezone(ZoneInfo(service.settings.default_timezone)).date().isoformat()
    volatile = [one.name for one in service.parts["types"].renewed().values() if one.plan.volatile]
    with service.db.read() as connection:
        stand = dict(connection.execute(select(calculation_day.c.object, calculation_day.c.day)).all())
    for name in volatile:
        if stand.get(name) != today:
            _start(service, name, day=today)


def start_new_tree(service: Service) -> None:
    """Ask for the objects with roll-ups that count below departments when the departments stand otherwise, and for
    those with formulas that count working time when calendars do."""
    plans = {one.name: one.plan for one in service.parts["types"].renewed().values()}
    looking = [name for name, plan in plans.items() if plan.looks_below or plan.works]
    if not looking:
        return
    stands = {works: _tree(service, works) for works in {plans[name].works for name in looking}}
    with service.db.read() as connection:
        stand = dict(connection.execute(select(calculation_day.c.object, calculation_day.c.tree)).all())
    for name in looking:
        tree = stands[plans[name].works]
        if stand.get(name) != tree:
            _start(service, name, tree=tree)


def _tree(service: Service, works: bool) -> str:
    """A short text that differs when a department lies elsewhere, or (`works`) when somebody works at other times."""
    directory = service.directory.snapshot()
    lying = (directory.times_of_work(service.settings.default_timezone) if works
             else sorted((id, one.get("parent_id")) for id, one in directory.departments.items()))
    return hashlib.sha256(dumps(lying).encode()).hexdigest()


def _start(service: Service, name: str, **stand: str) -> None:
    """Remember for what the values stand from now on, and have them calculated."""
    with service.db.unit_of_work() as uow:
        uow.execute(insert_or(uow, calculation_day).values(object=name, **{"day": "", **stand}).on_conflict_do_update(
            index_elements=["object"], set_=stand))
        ask_for_all(uow, name, daily=True, at_once="tree" not in stand)


def _calculate_piece(service: Service, job: Job, record_type: RecordType) -> None:
    ids, daily = record_type.table.c.id, job.payload["daily"]
    query = record_type.selection.order_by(ids).limit(_PIECE)
    if job.progress.get("after"):
        query = query.where(ids > job.progress["after"])
    cause = current_cause().because_of(origin=ORIGIN, rules=daily)
    with with_cause(cause), service.db.unit_of_work() as uow:
        rows = uow.execute(query.with_for_update(of=record_type.table, key_share=True)).all()
        records = [record_type.load(row) for row in rows]
        changed = keep_calculated(service, uow, record_type, [(records, None)], lines=not daily)
        job.save(uow, after=records[-1]["id"] if records else None, done=len(records) < _PIECE,
                 changed=job.progress.get("changed", 0) + changed)


def _wait_until_noticed(asked_at: datetime) -> None:
    time.sleep(max(0.0, (asked_at + NOTICED - utcnow()).total_seconds()))

"""Records that go back to their pool by themselves, and the warnings before.

Every hour one job per pool with active rules, never two at once. It goes through the records in the order of their ids,
piece by piece; a piece commits with the progress of the job, so a worker that is killed is followed by one that goes on
behind it. A record is judged again once it is locked: whoever follows up at the same moment is either before, and the
record stays, or he waits until it is gone. Owners are told once per run, however many records it concerns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)

from chassis.auth.principal import Principal
from chassis.clock import from_wire, to_wire, utcnow
from chassis.context import Origin, current_cause, with_cause
from chassis.criteria import CriteriaError, parse, to_sql
from chassis.db import UnitOfWork
from chassis.db.tables import job as job_table
from chassis.db.types import UtcDateTime
from chassis.ids import new_id
from chassis.jobs import Job, enqueue
from services.customer.events import publish_notifications
from services.customer.model.labels import label_in
from services.customer.model.names import OWNER_SINCE, POOL
from services.customer.model.pool_returns import ReturnRule
from services.customer.model.pools import EVERYTHING, Pool
from services.customer.queries.labels import titles_of
from services.customer.queries.list_records import scoped
from services.customer.store.pools.tables import pool_return_run, pool_warning
from services.customer.store.record_type import Record, RecordType
from services.customer.store.relations import related_fields
from services.customer.usecases.access import Access
from services.customer.usecases.edits import calculate, make_edit, write
from services.customer.usecases.follow_owner import SYSTEM
from services.customer.usecases.lines.follow import follow_owners
from services.customer.usecases.results import Result

if TYPE_CHECKING:
    from chassis.service import Service

RETURN = "customer.pool_return"
COUNTED, EXAMPLES, MOST_OWNERS = 10_000, 20, 50
_PIECE = 200
_TOLD_AT_ONCE = 200
_UNDER_WAY = ("queued", "running")


def run_returns(service: Service) -> None:
    """Every hour: begin a run of every pool with active rules that has none under way."""
    for record_type in list(service.parts["types"].all().values()):
        for pool in record_type.pools.values():
            if any(rule.active for rule in pool.return_rules):
                with service.db.unit_of_work() as uow:
                    start_run(uow, pool)


def start_run(uow: UnitOfWork, pool: Pool) -> bool:
    """Begin a run of one pool; False while one is under way."""
    row = uow.execute(select(pool_return_run).where(pool_return_run.c.pool_id == pool.id).with_for_update()).first()
    if row is not None and uow.execute(select(job_table.c.state).where(
            job_table.c.id == row.job_id)).scalar() in _UNDER_WAY:
        return False
    values = {"job_id": enqueue(uow, RETURN, {"pool_id": pool.id, "object": pool.object, "now": to_wire(utcnow())}),
              "started_at": utcnow(), "finished_at": None, "tally": {"returned": 0, "warned": 0}}
    if row is None:
        uow.execute(pool_return_run.insert(), {"pool_id": pool.id, **values})
    else:
        uow.execute(update(pool_return_run).where(pool_return_run.c.pool_id == pool.id).values(values))
    return True


def return_job(service: Service, job: Job) -> None:
    """Carry out the rules of the payload's pool: what is due goes back, what will be is announced."""
    record_type = service.parts["types"].renewed().get(job.payload["object"])
    pool = record_type.pools.get(job.payload["pool_id"]) if record_type is not None else None
    if record_type is None or pool is None:
        return
    origin = Origin("system", pool.id, label_in(pool.name, "en", pool.object))
    with with_cause(current_cause().because_of(origin=origin)):
        run = _Run(service, job, record_type, pool)
        for place, rule in enumerate(pool.return_rules):
            run.carry_out(place, rule)
        run.tell()


def overdue(record_type: RecordType, pool: Pool, rule: ReturnRule, cutoff: datetime) -> ColumnElement[bool]:
    """The condition for records that nobody followed up since the cutoff."""
    columns = record_type.columns
    parts = [columns["owner_id"].is_not(None), _belongs(record_type, pool, rule), _since(record_type) < _at(cutoff)]
    if rule.field is not None:
        moment = columns[rule.field]
        parts.append(or_(moment.is_(None), moment < _of_kind(moment, cutoff)))
    if rule.unless:
        parts.append(~_meets(record_type, rule.unless, broken=True))
    return and_(*parts)


def preview(service: Service, principal: Principal, record_type: RecordType, pool: Pool, rule: ReturnRule) -> Record:
    """What the rule would take back now, and what it would announce: how many, whose, and some that the caller sees."""
    now = utcnow()
    due, soon = (overdue(record_type, pool, rule, rule.cutoff(now, ahead)) for ahead in (0, rule.warn_days))
    table = record_type.table
    examples = scoped(Access(principal, record_type), select(table.c.id, table.c.owner_id).where(due), None)
    with service.db.read() as connection:
        counted = connection.execute(_count(select(literal_column("1")).select_from(table).where(due))).scalar_one()
        warned = connection.execute(_count(
            select(literal_column("1")).select_from(table).where(soon, ~due))).scalar_one() if rule.warn_days else 0
        some = connection.execute(examples.order_by(table.c.id).limit(EXAMPLES)).all()
        titles = titles_of(connection, principal, record_type, {one.id for one in some})
        few = select(table.c.owner_id).where(due).limit(COUNTED).subquery()
        owners = connection.execute(select(few.c.owner_id, func.count().label("count")).group_by(
            few.c.owner_id).order_by(func.count().desc(), few.c.owner_id).limit(MOST_OWNERS)).all()
    name = service.directory.name_of
    return {"count": min(counted, COUNTED), "count_is": "exact" if counted <= COUNTED else "at_least",
            "warned": min(warned, COUNTED),
            "examples": [{"id": one.id, "title": titles.get(one.id), "owner_id": one.owner_id,
                          "owner_name": name(one.owner_id)} for one in some],
            "owners": [{"owner_id": one.owner_id, "owner_name": name(one.owner_id), "count": one.count}
                       for one in owners]}


class _Run:
    """One run of a pool's rules, which goes on where the job has come to."""

    def __init__(self, service: Service, job: Job, record_type: RecordType, pool: Pool) -> None:
        self._service, self._job, self._type, self._pool = service, job, record_type, pool
        self._access, self._now = Access(SYSTEM, record_type), from_wire(job.payload["now"])

    def carry_out(self, place: int, rule: ReturnRule) -> None:
        """Take back and announce what one rule says."""
        if rule.bites(self._now):
            self._through(f"{place} returned", rule, self._take_back)
        if rule.active and rule.warn_days:
            self._through(f"{place} warned", rule, self._warn)

    def tell(self) -> None:
        """Tell every owner once, in as many pieces as there are many owners."""
        for kind in ("returned", "warned"):
            owners = sorted((self._job.progress.get(kind) or {}).items())
            for start in range(self._job.progress.get(f"told {kind}", 0), len(owners), _TOLD_AT_ONCE):
                piece = owners[start:start + _TOLD_AT_ONCE]
                with self._service.db.unit_of_work() as uow:
                    publish_notifications(uow, [self._wish(kind, owner, number) for owner, number in piece])
                    self._job.save(uow, **{f"told {kind}": start + len(piece)})
        with self._service.db.unit_of_work() as uow:
            tally = {kind: sum((self._job.progress.get(kind) or {}).values()) for kind in ("returned", "warned")}
            uow.execute(update(pool_return_run).where(
                pool_return_run.c.pool_id == self._pool.id, pool_return_run.c.job_id == self._job.id).values(
                finished_at=utcnow(), tally=tally))

    def _through(self, stage: str, rule: ReturnRule, work: Any) -> None:
        while self._job.progress.get(stage) != "done":
            with self._service.db.unit_of_work() as uow:
                last, kind, owners = work(uow, rule, self._job.progress.get(stage))
                tally = Counter(self._job.progress.get(kind) or {}) + Counter(owners)
                self._job.save(uow, **{stage: last or "done", kind: dict(tally)})

    def _take_back(self, uow: UnitOfWork, rule: ReturnRule,
                   after: str | None) -> tuple[str | None, str, Sequence[str]]:
        condition = overdue(self._type, self._pool, rule, rule.cutoff(self._now))
        ids = _page(uow, self._type, condition, after)
        if not ids:
            return None, "returned", ()
        rows = uow.execute(self._type.many_for_update, {"ids": ids}).all()
        id = self._type.table.c.id
        still = set(uow.execute(select(id).where(id.in_(ids), condition)).scalars())
        records = [record for record in map(self._type.load, rows) if record["id"] in still]
        edits = [make_edit(self._service, self._access, record, {"owner_id": None, POOL: self._pool.id})
                 for record in records]
        for edit in edits:
            if edit is not None:
                edit.note = {"pool": {"action": "returned", "id": self._pool.id, "automatic": True, "days": rule.days}}
        results = [Result(200, record, changed=False) for record in records]
        calculate(self._service, uow, self._type, edits)
        write(uow, self._access, edits, results)
        done = [edit for edit, result in zip(edits, results, strict=True) if edit and result.problem is None]
        follow_owners(self._service, uow, SYSTEM, self._type, done)
        return ids[-1], "returned", [edit.before["owner_id"] for edit in done]

    def _warn(self, uow: UnitOfWork, rule: ReturnRule, after: str | None) -> tuple[str | None, str, Sequence[str]]:
        soon, due = (overdue(self._type, self._pool, rule, rule.cutoff(self._now, ahead))
                     for ahead in (rule.warn_days, 0))
        going = and_(soon, ~due) if rule.bites(self._now) else soon
        ids = _page(uow, self._type, and_(going, ~_warned(self._type, rule)), after)
        if not ids:
            return None, "warned", ()
        table = self._type.table.c
        owners = {row.id: row.owner_id for row in uow.execute(select(table.id, table.owner_id).where(table.id.in_(ids)))
                  if row.owner_id}
        uow.execute(delete(pool_warning).where(pool_warning.c.record_id.in_(ids)))
        if owners:
            uow.insert_many(pool_warning, [{"record_id": id, "owner_id": owner, "at": self._now}
                                           for id, owner in owners.items()])
        return ids[-1], "warned", list(owners.values())

    def _wish(self, kind: str, owner: str, number: int) -> Mapping[str, Any]:
        params = {"pool": dict(self._pool.name), "number": number,
                  "objects": dict(self._type.definition.plural or self._type.definition.label)}
        return {"id": new_id(), "user_id": owner, "template": f"pool_{kind}", "params": params, "link": None,
                "bulk": None}


def _page(uow: UnitOfWork, record_type: RecordType, condition: ColumnElement[bool], after: str | None) -> list[str]:
    id = record_type.table.c.id
    query = select(id).where(condition).order_by(id).limit(_PIECE)
    return list(uow.execute(query if after is None else query.where(id > after)).scalars())


def _count(matching: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(matching.limit(COUNTED + 1).subquery())


def _belongs(record_type: RecordType, pool: Pool, rule: ReturnRule) -> ColumnElement[bool]:
    column = record_type.columns[POOL]
    if not rule.all_owned:
        return column == pool.id
    may_come = _meets(record_type, pool.criteria or EVERYTHING, broken=False)
    return or_(column == pool.id, and_(column.is_(None), may_come))


def _meets(record_type: RecordType, criteria: Mapping[str, Any], *, broken: bool) -> ColumnElement[bool]:
    """The criteria for SQL; `broken` is what criteria mean that no longer fit the object: nothing is taken by those."""
    try:
        criterion = parse(criteria, related_fields(record_type))
    except CriteriaError:
        return true() if broken else false()
    return to_sql(criterion, record_type.criteria_columns, record_type.company_scope())


def _warned(record_type: RecordType, rule: ReturnRule) -> ColumnElement[bool]:
    """Whether the owner was warned since he got the record and since it was last followed up."""
    columns, warning = record_type.columns, pool_warning.c
    asked = [warning.record_id == columns["id"], warning.owner_id == columns["owner_id"],
             warning.at >= _since(record_type)]
    if rule.field is not None and not isinstance(columns[rule.field].type, Date):
        asked.append(or_(columns[rule.field].is_(None), warning.at >= columns[rule.field]))
    return exists().where(*asked).correlate(record_type.table)


def _since(record_type: RecordType) -> ColumnElement[Any]:
    columns = record_type.columns
    return func.coalesce(columns[OWNER_SINCE], columns["created_at"], type_=UtcDateTime())


def _at(moment: datetime) -> ColumnElement[Any]:
    return literal(moment, UtcDateTime())


def _of_kind(column: Any, moment: datetime) -> ColumnElement[Any]:
    return literal(moment.date(), column.type) if isinstance(column.type, Date) else _at(moment)

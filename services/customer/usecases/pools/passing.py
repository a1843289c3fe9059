"""Claim, return, assign, move: what people do with records of pools.

All of it is an ordinary write of `owner_id` and `pool_id` on locked rows: version, history, timeline and event follow,
and of several people who claim the same record exactly one gets it, while the others are told that it is gone. A list
of records may succeed in part; each has a result of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.criteria import to_predicate
from chassis.db import UnitOfWork
from chassis.http.problem import Problem, not_found
from chassis.ids import is_id
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.names import POOL
from services.customer.model.pools import Pool
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.edits import Edit, calculate, make_edit, write
from services.customer.usecases.lines.follow import follow_owners
from services.customer.usecases.pools.limits import Standing, must_wait, standing_of, take_turn, waits_of
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result
from services.customer.usecases.touching import Touching, that_touch

if TYPE_CHECKING:
    from chassis.service import Service

MOST_AT_ONCE = 200
MAX_NOTE = 500
Judged = Mapping[str, Any]  # what a record gets


class Passing:
    """One caller's work with records of pools of one object, in one unit of work."""

    def __init__(self, service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType) -> None:
        self.service, self.uow, self.principal, self.record_type = service, uow, principal, record_type
        self.access = Access(principal, record_type)
        for action in ("read", "update"):
            self.access.need(action)
        if not record_type.pools:
            raise Problem(409, "no_pools", params={"object": record_type.name})

    def claim(self, ids: Any) -> list[Result]:
        """Take records out of their pools for oneself."""
        if self.principal.user_id is None:
            raise Problem(403, "pool_people_only")
        asked = _ids(ids)
        take_turn(self.uow, self.record_type, self.principal.user_id)
        records = self._locked(asked)
        waits = waits_of(self.uow.connection, self.principal, self.record_type.pools, list(records))
        standings: dict[str, Standing] = {}

        def judge(record: Record) -> Judged:
            pool = self._pool_of(record)
            if pool is None or not pool.active or not (pool.has(self.principal.grantees) or self.leads(pool)):
                raise self._not_in_pool(record)
            if record["owner_id"] is not None:
                raise self._taken(record)
            if record["id"] in waits and not self.leads(pool):
                raise must_wait(waits[record["id"]], pool)
            standing = standings.get(pool.id) or standing_of(
                self.uow.connection, self.principal, self.record_type, pool)
            standings[pool.id] = standing
            if (problem := standing.problem()) is not None:
                raise problem
            standing.add()
            return {"owner_id": self.principal.user_id}

        return self._carry_out(asked, records, judge, {"action": "claimed"})

    def give_back(self, ids: Any, pool_id: Any = None, reason: Any = None, note: Any = None) -> list[Result]:
        """Return records to their pool, or to another that takes them."""
        asked, wanted = _ids(ids), None if pool_id is None else self._known(pool_id)
        note = _note(note)
        records = self._locked(asked)
        seen = self.access.among(self.uow.connection, list(records.values()))

        def judge(record: Record) -> Judged:
            home = self._pool_of(record)
            led = home is not None and self.leads(home)
            if record["id"] not in seen and not led:
                raise not_found()
            if record["owner_id"] is None:
                raise Problem(409, "pool_not_owned")
            pool = wanted or home or self._only_pool()
            own = record["owner_id"] == self.principal.user_id and pool.owners_return
            if not (own or led or self.leads(pool)):
                raise Problem(403, "pool_may_not_return")
            self._check_reason(pool, reason)
            self._check_criteria(pool, record)
            return {"owner_id": None, POOL: pool.id}

        return self._carry_out(asked, records, judge, {"action": "returned", "reason": reason, "note": note})

    def assign(self, ids: Any, user_id: Any) -> list[Result]:
        """Give records of a pool to somebody, as its manager."""
        asked, person = _ids(ids), self._somebody(user_id)

        def judge(record: Record) -> Judged:
            pool = self._pool_of(record)
            if pool is None or not self.leads(pool):
                raise self._not_in_pool(record, managers=True)
            return {"owner_id": person}

        return self._carry_out(asked, self._locked(asked), judge, {"action": "assigned"})

    def move(self, ids: Any, pool_id: Any) -> list[Result]:
        """Put records without an owner into a pool, from another one or from none, as the manager of both."""
        asked, target = _ids(ids), self._known(pool_id)
        if not self.leads(target):
            raise Problem(403, "pool_managers_only")
        records = self._locked(asked)
        seen = self.access.among(self.uow.connection, list(records.values()))

        def judge(record: Record) -> Judged:
            pool = self._pool_of(record)
            if record["id"] not in seen and (pool is None or not self.leads(pool)):
                raise not_found()
            if record["owner_id"] is not None:
                raise Problem(409, "pool_owned")
            if pool is not None and not self.leads(pool):
                raise Problem(403, "pool_managers_only")
            self._check_criteria(target, record)
            return {POOL: target.id}

        return self._carry_out(asked, records, judge, {"action": "moved"})

    def leads(self, pool: Pool) -> bool:
        """Whether the caller manages the pool; who manages objects manages every pool."""
        return pool.is_led_by(self.principal.grantees) or self.principal.can("objects.manage")

    def _locked(self, ids: Sequence[str]) -> dict[str, Record]:
        """The records, locked in the order of their ids, also those that the caller does not see any more."""
        wanted = [one for one in ids if is_id(one)]
        rows = self.uow.execute(self.record_type.many_for_update, {"ids": wanted}).all() if wanted else []
        return {record["id"]: record for record in map(self.record_type.load, rows)}

    def _carry_out(self, ids: Sequence[str], records: Mapping[str, Record], judge: Callable[[Record], Judged],
                   told: Mapping[str, Any]) -> list[Result]:
        results: list[Result] = []
        edits: list[Edit | None] = []
        for id in ids:
            result, edit = self._judged(records.get(id), judge, told)
            results.append(result)
            edits.append(edit)
        calculate(self.service, self.uow, self.record_type, edits)
        touching = Touching(self.service, self.uow, self.access, that_touch(self.record_type, edits))
        write(self.uow, self.access, edits, results)
        done = [edit for edit, result in zip(edits, results, strict=True) if result.problem is None]
        touching.carry_out(that_touch(self.record_type, done))
        follow_owners(self.service, self.uow, self.principal, self.record_type, done)
        return results

    def _judged(self, record: Record | None, judge: Callable[[Record], Judged],
                told: Mapping[str, Any]) -> tuple[Result, Edit | None]:
        if record is None:
            return Result.refused(not_found()), None
        try:
            edit = make_edit(self.service, self.access, record, judge(record))
        except Problem as problem:
            return Result.refused(problem), None
        if edit is not None:
            pool = {name: value for name, value in told.items() if value is not None}
            edit.note = {"pool": pool | {"id": edit.after[POOL]}}
        return Result(200, record, changed=edit is not None), edit

    def _pool_of(self, record: Record) -> Pool | None:
        return self.record_type.pools.get(record.get(POOL) or "")

    def _not_in_pool(self, record: Record, *, managers: bool = False) -> Problem:
        if not self.access.sees(self.uow.connection, record):
            return not_found()
        return Problem(403, "pool_managers_only") if managers else Problem(409, "not_in_pool")

    def _taken(self, record: Record) -> Problem:
        if record["owner_id"] == self.principal.user_id:
            return Problem(409, "pool_yours_already")
        name = self.service.directory.name_of(record["owner_id"]) or ""
        return Problem(409, "already_claimed", params={"name": name}, extra={"owner_id": record["owner_id"]})

    def _known(self, pool_id: Any) -> Pool:
        pool = self.record_type.pools.get(pool_id) if isinstance(pool_id, str) else None
        if pool is None or not pool.active:
            raise refusal([Fault("/pool_id", "unknown_pool")])
        return pool

    def _only_pool(self) -> Pool:
        active = [one for one in self.record_type.pools.values() if one.active]
        if len(active) != 1:
            raise refusal([Fault("/pool_id", "required")])
        return active[0]

    def _check_reason(self, pool: Pool, reason: Any) -> None:
        known = [one["value"] for one in pool.reasons]
        if reason is None and pool.reason_required:
            raise refusal([Fault("/reason", "required")])
        if reason is not None and reason not in known:
            raise refusal([Fault("/reason", "unknown_reason")])

    def _check_criteria(self, pool: Pool, record: Record) -> None:
        criterion = pool.criterion(self.record_type.criteria_fields(lambda _: True))
        if criterion is None or not to_predicate(criterion)(record, self.record_type.company_scope()):
            raise Problem(409, "pool_criteria")

    def _somebody(self, user_id: Any) -> str:
        user = self.service.directory.snapshot().users.get(user_id) if isinstance(user_id, str) else None
        if user is None or not user.get("active"):
            raise refusal([Fault("/user_id", "unknown_user")])
        return str(user_id)


def _ids(given: Any) -> list[str]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_AT_ONCE:
        raise refusal([Fault("/ids", "bad_ids", {"max": MOST_AT_ONCE})])
    faults = [Fault(pointer_to("ids", place), "not_an_id") for place, one in enumerate(given) if not is_id(one)]
    if len(set(map(str, given))) != len(given):
        faults.append(Fault("/ids", "ids_repeated"))
    if faults:
        raise refusal(faults)
    return given


def _note(given: Any) -> str | None:
    if given is None or given == "":
        return None
    if not isinstance(given, str) or len(given) > MAX_NOTE or not given.replace("\n", " ").isprintable():
        raise refusal([Fault("/note", "bad_note", {"max": MAX_NOTE})])
    return given.strip() or None

"""What a person may still claim: how many records he may hold, how many he may claim today, what he had before.

Two claims of one person take turns, so that both together keep the limits; claims of different people do not wait for
each other except at the record that both want.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, literal_column, select, text

from chassis.auth.principal import Principal
from chassis.clock import to_wire, utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.model.names import POOL
from services.customer.model.pools import Pool
from services.customer.store.pools.tables import pool_passage
from services.customer.store.record_type import RecordType
from services.customer.usecases.pools.passages import CLAIMED, RETURNED

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 0))")


def take_turn(uow: UnitOfWork, record_type: RecordType, person: str) -> None:
    """Let the claims of one person in one object take turns; the embedded database has one writer anyhow."""
    if not uow.database.is_sqlite:
        uow.execute(_TURN, {"turn": f"pool {record_type.name} {person}"})


@dataclass
class Standing:
    """How somebody stands in a pool: what he holds of it and what he has claimed today; one claim more is added."""

    pool: Pool
    held: int
    claimed_today: int

    def problem(self) -> Problem | None:
        """Why no more can be claimed, if so."""
        if self.pool.max_held is not None and self.held >= self.pool.max_held:
            return _limit("pool_holding_limit", self.held, self.pool.max_held)
        most = self.pool.max_claims_per_day
        if most is not None and self.claimed_today >= most:
            return _limit("pool_daily_limit", self.claimed_today, most)
        return None

    def add(self) -> None:
        """Count one claim more."""
        self.held += 1
        self.claimed_today += 1

    def to_wire(self) -> dict[str, int | None]:
        """The figures as the API shows them."""
        return {"held": self.held, "max_held": self.pool.max_held, "claimed_today": self.claimed_today,
                "max_claims_per_day": self.pool.max_claims_per_day}


def standing_of(connection: Connection, principal: Principal, record_type: RecordType, pool: Pool) -> Standing:
    """How the caller stands in a pool; numbers are counted as far as a limit is."""
    return Standing(pool, _held(connection, principal, record_type, pool), _claimed_today(connection, principal, pool))


def waits_of(connection: Connection, principal: Principal, pools: Mapping[str, Pool],
             ids: Sequence[str]) -> dict[str, datetime]:
    """Until when the caller may not claim those of the records that he had before, by record."""
    days = max((one.former_owner_days for one in pools.values()), default=0)
    if not days or not ids:
        return {}
    row = pool_passage.c
    had = select(row.record_id, row.pool_id, func.max(row.at).label("at")).where(
        row.record_id.in_(ids), row.person_id == principal.user_id, row.action == RETURNED,
        row.at > utcnow() - timedelta(days=days)).group_by(row.record_id, row.pool_id)
    found: dict[str, datetime] = {}
    for one in connection.execute(had):
        if one.pool_id in pools:
            until = one.at + timedelta(days=pools[one.pool_id].former_owner_days)
            if until > utcnow():
                found[one.record_id] = max(until, found.get(one.record_id, until))
    return found


def must_wait(until: datetime, pool: Pool) -> Problem:
    """The problem of a record that the caller had before."""
    day = to_wire(until)
    return Problem(409, "pool_former_owner", params={"days": pool.former_owner_days, "until": day[:10]},
                   extra={"until": day})


def _held(connection: Connection, principal: Principal, record_type: RecordType, pool: Pool) -> int:
    columns = record_type.columns
    mine = select(literal_column("1")).select_from(record_type.table).where(
        columns["owner_id"] == principal.user_id, columns[POOL] == pool.id)
    found: int = connection.execute(select(func.count()).select_from(
        mine.limit((pool.max_held or 1000) + 1).subquery())).scalar_one()
    return found


def _claimed_today(connection: Connection, principal: Principal, pool: Pool) -> int:
    row = pool_passage.c
    today = select(literal_column("1")).select_from(pool_passage).where(
        row.person_id == principal.user_id, row.pool_id == pool.id, row.action == CLAIMED,
        row.at >= _midnight(principal.timezone))
    found: int = connection.execute(select(func.count()).select_from(
        today.limit((pool.max_claims_per_day or 1000) + 1).subquery())).scalar_one()
    return found


def _midnight(timezone: str) -> datetime:
    return utcnow().astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _limit(code: str, held: int, allowed: int) -> Problem:
    return Problem(409, code, params={"held": held, "allowed": allowed}, extra={"held": held, "allowed": allowed})

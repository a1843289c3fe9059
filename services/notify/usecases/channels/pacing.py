"""How fast a provider is spoken to and when it is left alone; the state is one row for each channel.

The row is locked while messages are claimed, so all workers together keep the pace. A provider in trouble rests; when
its rest is over one message finds out, and no second one until that is known.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.sealing import SealBroken
from services.notify.metrics import BREAKERS
from services.notify.model.channels import BREAKER, bookable, booked_until
from services.notify.store.tables import channel_account, channel_state

if TYPE_CHECKING:
    from chassis.service import Service

_PROBE = timedelta(seconds=45)  # longer than any exchange
_EARLY = timedelta(minutes=5)  # a token is renewed before it runs out
_STATE = channel_state.c


def book(uow: UnitOfWork, channel: str, most: int) -> tuple[Any, int]:
    """Lock the state of a channel and return it with the number of messages that may be claimed now."""
    state, now = _locked(uow, channel), utcnow()
    if state.failures >= BREAKER.start:
        return state, 0 if state.paused_until > now else 1
    rate = _rate(uow, channel)
    return state, most if rate is None else min(most, bookable(state.booked_until, now, rate))


def booked(uow: UnitOfWork, state: Any, count: int) -> None:
    """Note that so many messages were claimed; of a provider in trouble nobody asks again until the answer is known."""
    now, rate = utcnow(), _rate(uow, state.channel)
    more = {"paused_until": now + _PROBE} if state.failures >= BREAKER.start else {}
    if rate:
        more["booked_until"] = booked_until(state.booked_until, now, rate, count)
    if more:
        uow.execute(update(channel_state).where(_STATE.channel == state.channel).values(**more, updated_at=now))


def went_well(uow: UnitOfWork, channel: str) -> None:
    """Forgive what went wrong before."""
    now = utcnow()
    troubled = (_STATE.channel == channel) & (_STATE.failures > 0)
    if uow.execute(update(channel_state).where(troubled).values(
            failures=0, paused_until=now, updated_at=now)).rowcount:
        uow.after_commit(lambda: BREAKERS.labels(channel).set(0))


def told_nothing(uow: UnitOfWork, channel: str) -> None:
    """A message that never reached a provider in trouble has found nothing out; the next one does."""
    now = utcnow()
    uow.execute(update(channel_state).where(
        _STATE.channel == channel, _STATE.failures >= BREAKER.start, _STATE.paused_until > now).values(
        paused_until=now, updated_at=now))


def went_wrong(uow: UnitOfWork, channel: str, said: str) -> bool:
    """Count a failure that is the provider's fault; tells whether it is left alone now."""
    state, now = _locked(uow, channel), utcnow()
    failures = state.failures + 1
    pause = BREAKER.after(failures, random.random())  # noqa: S311 - jitter
    uow.execute(update(channel_state).where(_STATE.channel == channel).values(
        failures=failures, paused_until=now + (pause or timedelta()), said=said[:500], updated_at=now))
    if pause:
        uow.after_commit(lambda: BREAKERS.labels(channel).set(1))
    return pause is not None


def rest_over(uow: UnitOfWork, channel: str) -> None:
    """Begin anew with a channel whose account was changed; its token belongs to the old one."""
    _locked(uow, channel)
    now = utcnow()
    uow.execute(update(channel_state).where(_STATE.channel == channel).values(
        failures=0, paused_until=now, booked_until=now, said=None, token=None, token_until=now, updated_at=now))
    uow.after_commit(lambda: BREAKERS.labels(channel).set(0))


class KeptToken:
    """The access token of a channel, sealed in its state, for all workers."""

    def __init__(self, service: Service, channel: str) -> None:
        self._service, self._channel = service, channel

    def held(self) -> str | None:
        """The token that is kept, if it still lives."""
        alive = (_STATE.channel == self._channel) & (_STATE.token_until > utcnow())
        with self._service.db.read() as connection:
            sealed = connection.execute(select(_STATE.token).where(alive)).scalar()
        try:
            return self._service.sealer.open(sealed, self._seal) if sealed else None
        except SealBroken:
            return None

    def keep(self, token: str, seconds: int) -> None:
        """Keep a new one."""
        life = max(timedelta(seconds=seconds) - _EARLY, timedelta(seconds=seconds) / 2)
        self._set(self._service.sealer.seal(token, self._seal), utcnow() + life)

    def drop(self, token: str) -> None:
        """Forget one that the provider does not take any more, unless another worker has a newer one already."""
        if self.held() == token:
            self._set(None, utcnow())

    def _set(self, sealed: str | None, until: Any) -> None:
        with self._service.db.unit_of_work() as uow:
            _locked(uow, self._channel)
            uow.execute(update(channel_state).where(_STATE.channel == self._channel).values(
                token=sealed, token_until=until, updated_at=utcnow()))

    @property
    def _seal(self) -> str:
        return f"channel {self._channel} token"


def _rate(uow: UnitOfWork, channel: str) -> int | None:
    """Messages a second, None where the administrator sets no limit."""
    return uow.execute(select(channel_account.c.per_second).where(channel_account.c.channel == channel)).scalar()


def _locked(uow: UnitOfWork, channel: str) -> Any:
    choose = select(channel_state).where(_STATE.channel == channel).with_for_update()
    known = uow.execute(choose).one_or_none()
    if known is not None:
        return known
    now = utcnow()
    uow.execute(insert_or(uow, channel_state).values(
        channel=channel, booked_until=now, failures=0, paused_until=now, token_until=now,
        updated_at=now).on_conflict_do_nothing())
    return uow.execute(choose).one()

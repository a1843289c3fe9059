"""Which channels are on, and where a person is found there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.clock import to_wire, utcnow
from services.notify.model.channels import ACCOUNT_CHANNELS, BREAKER, CHANNELS, EMAIL, SMS, mobile
from services.notify.store.tables import channel_account, channel_address, channel_state

if TYPE_CHECKING:
    from chassis.service import Service

_ON = select(channel_account.c.channel).where(channel_account.c.active)


def channels_on(service: Service, connection: Connection) -> list[str]:
    """Return the outside channels that are on, in their usual order."""
    found = set(connection.execute(_ON).scalars())
    if service.settings.smtp_host:
        found.add(EMAIL)
    return [channel for channel in CHANNELS if channel in found]


def address_of(connection: Connection, user: Mapping[str, Any], channel: str) -> str | None:
    """Return where a person is found: his own choice, else what the directory knows of him."""
    if channel == EMAIL:
        return user.get("email") or None
    mine = (channel_address.c.user_id == user["id"]) & (channel_address.c.channel == channel)
    chosen = connection.execute(select(channel_address.c.address).where(mine)).scalar()
    return chosen or (mobile(user.get("phone")) if channel == SMS else None)


def ways_of(service: Service, connection: Connection, user_id: str) -> list[dict[str, Any]]:
    """Return all outside channels for one person: whether they are on, and where he is found."""
    user, on = service.directory.user(user_id) or {"id": user_id}, channels_on(service, connection)
    return [{"channel": channel, "on": channel in on, "address": address_of(connection, user, channel),
             "own": channel == SMS} for channel in CHANNELS]


def shown_accounts(connection: Connection) -> list[dict[str, Any]]:
    """Return every channel that can have an account, as the API shows it; secrets are never shown."""
    accounts = {row.channel: row for row in connection.execute(select(channel_account))}
    states = {row.channel: row for row in connection.execute(select(channel_state))}
    return [_shown(channel, accounts.get(channel), states.get(channel)) for channel in ACCOUNT_CHANNELS]


def _shown(channel: str, account: Any, state: Any) -> dict[str, Any]:
    resting = state is not None and state.failures >= BREAKER.start
    return {"channel": channel, "provider": account.provider if account else None,
            "address": account.address if account else None, "settings": account.settings if account else {},
            "per_second": account.per_second if account else None, "active": bool(account and account.active),
            "failures": state.failures if state else 0, "said": state.said if state and state.failures else None,
            "paused_until": to_wire(state.paused_until) if resting and state.paused_until > utcnow() else None,
            "version": account.version if account else 0}

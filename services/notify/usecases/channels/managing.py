"""Accounts of channels are set up, changed, tried and taken away; each step is in the audit log, no secret ever is.

The secret is kept sealed and never shown. Whoever names another provider or address has to give the secret again: else
it would be used wherever somebody points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from chassis.auditing import Target, tell
from chassis.auth import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid, not_found
from chassis.ids import new_id
from services.notify.channels.providers import PROVIDERS
from services.notify.model.templates import GENERIC, Reader, Rendered
from services.notify.model.webhooks import host_of, is_secret
from services.notify.outcomes import Refused, Unavailable, Uncertain, Undeliverable
from services.notify.queries.channels import address_of
from services.notify.store.tables import channel_account
from services.notify.usecases.channels.pacing import rest_over
from services.notify.usecases.channels.speaking import hand_over, note_of, seal_of
from services.notify.usecases.deliver import wake_deliverers
from services.notify.usecases.reaching import fault_of

if TYPE_CHECKING:
    from chassis.service import Service

_HELLO = {"en": "This is a test of Freehold. Messages reach you by this channel.",
          "zh-CN": "这是 Freehold 的测试消息，您可以通过该渠道接收消息。"}


def put_account(service: Service, uow: UnitOfWork, principal: Principal, channel: str, body: Mapping[str, Any]) -> None:
    """Set a channel's account up, or change it as a whole; without a secret the present one stays."""
    known = _locked(uow, channel)
    check_if_match(known.version if known else 0)
    _check(service, channel, body, known)
    now = utcnow()
    values = {name: body[name] for name in ("provider", "address", "settings", "per_second", "active")}
    if body["secret"]:
        values["secret"] = service.sealer.seal(body["secret"], seal_of(channel))
    if known is None:
        uow.execute(channel_account.insert().values(
            channel=channel, **values, version=1, created_at=now, updated_at=now))
    else:
        uow.execute(update(channel_account).where(channel_account.c.channel == channel).values(
            **values, version=known.version + 1, updated_at=now))
    rest_over(uow, channel)
    _told(uow, principal, "channel.changed" if known else "channel.created", channel)
    uow.after_commit(lambda: wake_deliverers(service))


def delete_account(uow: UnitOfWork, principal: Principal, channel: str) -> None:
    """Take an account away with its secret; what waits for it stays until there is another one."""
    known = _found(_locked(uow, channel))
    check_if_match(known.version)
    _told(uow, principal, "channel.deleted", channel)
    uow.execute(delete(channel_account).where(channel_account.c.channel == channel))
    rest_over(uow, channel)


def try_channel(service: Service, principal: Principal, channel: str) -> dict[str, Any]:
    """Send the caller a message now, whatever the state of the channel, and say what came of it."""
    with service.db.read() as connection:
        _found(connection.execute(select(channel_account).where(channel_account.c.channel == channel)).one_or_none())
        user = service.directory.user(principal.user_id)
        address = address_of(connection, user, channel) if user else None
    if not address:
        raise Problem(409, "no_address_there")
    try:
        said = hand_over(service, channel, address, _hello(service, principal))
        return {"works": True, "outcome": "sent", "said": said}
    except (Undeliverable, Refused, Unavailable, Uncertain) as error:
        return {"works": False, "outcome": type(error).__name__.lower(), "said": str(error)}


def _hello(service: Service, principal: Principal) -> Any:
    reader = Reader(principal.locale, principal.timezone)
    text = _HELLO.get(principal.locale, _HELLO["en"])
    row = _Test(new_id(), GENERIC, {"message": text}, None, 1)
    return note_of(service, row, Rendered(text, ""), reader)


class _Test:
    """Stands in for a delivery."""

    def __init__(self, id: str, template: str, params: Mapping[str, Any], link: None, count: int) -> None:
        self.id, self.template, self.params, self.link, self.count = id, template, params, link, count


def _check(service: Service, channel: str, body: Mapping[str, Any], known: Any) -> None:
    provider, faults = PROVIDERS[body["provider"]], []
    if provider.channel != channel:
        faults.append(FieldProblem("/provider", "not_a_choice"))
    if body["address"] is None and provider.address is None:
        faults.append(FieldProblem("/address", "required"))
    code = fault_of(service, body["address"]) if body["address"] else None
    if code:
        faults.append(FieldProblem("/address", code))
    moved = known is None or (known.provider, known.address) != (body["provider"], body["address"])
    if moved and not body["secret"]:
        faults.append(FieldProblem("/secret", "required"))
    if body["secret"] and not is_secret(body["secret"]):
        faults.append(FieldProblem("/secret", "wrong_type"))
    if faults:
        raise invalid(*faults)


def _locked(uow: UnitOfWork, channel: str) -> Any:
    return uow.execute(
        select(channel_account).where(channel_account.c.channel == channel).with_for_update()).one_or_none()


def _found(row: Any) -> Any:
    if row is None:
        raise not_found("channel")
    return row


def _told(uow: UnitOfWork, principal: Principal, action: str, channel: str) -> None:
    row = _found(_locked(uow, channel))
    tell(uow, principal, action, Target("channel", None, channel),
         {"provider": row.provider, "host": host_of(row.address or PROVIDERS[row.provider].address or ""),
          "active": row.active})

"""Where people are found on a channel: a mobile number of their own choice, or an id that an administrator enters."""

from __future__ import annotations

import re

from sqlalchemy import delete

from chassis.clock import utcnow
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import FieldProblem, invalid
from services.notify.model.channels import SMS, mobile
from services.notify.store.tables import channel_address

_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}\Z", re.ASCII)  # of one person: `@all` and lists are many


def put_address(uow: UnitOfWork, user_id: str, channel: str, address: str | None, origin: str) -> str | None:
    """Keep where a person is found, None to forget it; returns the address in its standard form. Raises 422."""
    if address is None or not address.strip():
        uow.execute(delete(channel_address).where(
            channel_address.c.user_id == user_id, channel_address.c.channel == channel))
        return None
    standard = mobile(address) if channel == SMS else address.strip()
    if channel != SMS and not _USER_ID.match(standard or ""):
        raise invalid(FieldProblem("/address", "wrong_type"))
    if standard is None:
        raise invalid(FieldProblem("/address", "bad_mobile"))
    row = {"user_id": user_id, "channel": channel, "address": standard, "origin": origin, "updated_at": utcnow()}
    uow.execute(insert_or(uow, channel_address).values(row).on_conflict_do_update(
        index_elements=["user_id", "channel"], set_=row))
    return standard

"""What the logs of notify have in common: the states of a message that goes out, and how a log is filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf
from sqlalchemy import Select, Table, select

from chassis.http.openapi import PageQuery
from chassis.http.parsing import Text
from services.notify.api.webhook_schemas import in_our_time

STATES = ("waiting", "sending", "sent", "failed", "skipped", "uncertain")


class LogQuery(PageQuery):
    """Filters that every log has."""

    status = fields.String(load_default=None, validate=OneOf(STATES))
    template = Text(max=60, load_default=None)
    since = fields.AwareDateTime(load_default=None, validate=in_our_time)
    until = fields.AwareDateTime(load_default=None, validate=in_our_time)


def entries(log: Table, query: Mapping[str, Any], names: Sequence[str]) -> Select[Any]:
    """The entries of a log that meet a query: equal in the named columns, made from `since` until before `until`."""
    statement = select(log)
    for name in names:
        if query[name]:
            statement = statement.where(log.c[name] == query[name])
    if query["since"]:
        statement = statement.where(log.c.created_at >= query["since"].astimezone(UTC))
    if query["until"]:
        statement = statement.where(log.c.created_at < query["until"].astimezone(UTC))
    return statement

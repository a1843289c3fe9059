"""The record that a conversion uses instead of making one: the surest of those that would be named on entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.queries.duplicates import comparable, matches
from services.customer.store.record_type import Record
from services.customer.usecases.access import Access
from services.customer.usecases.duplicates.scan import setup_of

if TYPE_CHECKING:
    from chassis.service import Service


def surest_match(service: Service, uow: UnitOfWork, access: Access, draft: Record,
                 linked: Mapping[str, str]) -> str | None:
    """The id of the visible record that is taken for the same; None without one.

    `linked` are its links to what the conversion has made or used before it. Only a record with the same links is the
    same one; and that it has them speaks for nothing, or the second deal of a customer would be lost in his first.
    Raises 409 `conversion_ambiguous` when two are equally sure: then somebody has to say which.
    """
    if not access.policy.allows("read"):
        return None
    setup = setup_of(uow.connection, access.record_type)
    seen = matches(service, uow.connection, access, setup, comparable(access, draft)).seen
    alike = [id for id, one in seen.items() if linked.keys().isdisjoint(one.matched)]
    found = {id: seen[id] for id in _linked_alike(uow, access, alike, linked)}
    if not found:
        return None
    best = max(one.order for one in found.values())
    ids = [id for id, one in found.items() if one.order == best]
    if len(ids) > 1:
        raise Problem(409, "conversion_ambiguous", params={"object": access.record_type.name},
                      extra={"object": access.record_type.name, "matches": ids})
    return ids[0]


def _linked_alike(uow: UnitOfWork, access: Access, ids: Sequence[str], linked: Mapping[str, str]) -> Sequence[str]:
    """Those of the records that have these links."""
    if not ids or not linked:
        return ids
    columns = access.record_type.columns
    same = [columns[name] == value for name, value in linked.items()]
    query = select(columns["id"]).where(columns["id"].in_(ids), *same)
    return uow.execute(query).scalars().all()

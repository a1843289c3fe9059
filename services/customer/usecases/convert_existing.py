"""The record that a conversion uses instead of making one: the surest of those that would be named on entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.db import UnitOfWork
from chassis.http.problem import Problem
from services.customer.queries.duplicates import comparable, matches
from services.customer.store.record_type import Record
from services.customer.usecases.access import Access
from services.customer.usecases.duplicates.scan import setup_of

if TYPE_CHECKING:
    from chassis.service import Service


def surest_match(service: Service, uow: UnitOfWork, access: Access, draft: Record) -> str | None:
    """The id of the visible record that is taken for the same; None without one.

    Raises 409 `conversion_ambiguous` when two are equally sure: then somebody has to say which.
    """
    if not access.policy.allows("read"):
        return None
    setup = setup_of(uow.connection, access.record_type)
    found = matches(service, uow.connection, access, setup, comparable(access, draft)).seen
    if not found:
        return None
    best = max(one.order for one in found.values())
    ids = [id for id, one in found.items() if one.order == best]
    if len(ids) > 1:
        raise Problem(409, "conversion_ambiguous", params={"object": access.record_type.name},
                      extra={"object": access.record_type.name, "matches": ids})
    return ids[0]

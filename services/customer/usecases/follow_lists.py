"""Indexes follow use: which composite indexes an object shall have, by the lists that people ask for.

A decision is a row of `list_index`; building and dropping is the work of `settle_schema`. Small tables need none, each
object has at most some, and a shape must be asked for often before it gets one. An index in place counts double
against newcomers, so that two shapes of equal use do not take turns.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.list_shapes import ListShape
from services.customer.model.objects import ObjectDef
from services.customer.store.columns import record_table
from services.customer.store.list_indexes import index_of, kept_indexes
from services.customer.store.list_shapes import age_counts, is_worth_a_look, list_index, shapes_of
from services.customer.store.schema import is_large

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_NEWEST = (("created_at", True), ("id", True))


@dataclass
class _Wish:
    name: str
    shape: ListShape
    asked: int
    last_at: datetime


def follow_lists(service: Service, definition: ObjectDef) -> None:
    """Decide anew which composite indexes the object shall have."""
    settings = service.settings
    with service.db.read() as connection:
        if not is_worth_a_look(connection, definition.name, settings.index_after_lists):
            return
    with service.db.unit_of_work() as uow:
        kept = kept_indexes(uow.connection, definition.name)
        wishes = _wishes(uow, definition, shapes_of(uow, definition.name))
        since = utcnow() - timedelta(days=settings.index_unused_days)
        standing = {name for name, row in kept.items() if max(row.last_at, _last(wishes, name, row)) >= since}
        often = [wish for wish in wishes.values()
                 if wish.name in standing or (wish.asked >= settings.index_after_lists and wish.last_at >= since)]
        often.sort(key=lambda wish: (-wish.asked * (2 if wish.name in standing else 1), wish.name))
        room = settings.index_most if kept or (often and is_large(uow.connection, definition.name)) else 0
        chosen = {wish.name: wish for wish in often[:room]}
        quiet = sorted(standing - chosen.keys() - wishes.keys())[:max(room - len(chosen), 0)]
        _decide(uow, definition.name, kept, chosen, set(quiet))


def age_list_counts(service: Service) -> None:
    """Let what was asked long ago weigh less."""
    with service.db.unit_of_work() as uow:
        age_counts(uow)


def _wishes(uow: UnitOfWork, definition: ObjectDef, shapes: Iterable[tuple[ListShape, int, datetime]]
            ) -> dict[str, _Wish]:
    """The indexes for each list, with the scope's member when most of its callers have that scope."""
    table = record_table(definition.name, definition.fields)
    lists: defaultdict[ListShape, list[tuple[ListShape, int, datetime]]] = defaultdict(list)
    for one in shapes:
        lists[one[0].without_scope()].append(one)
    wishes = {}
    for callers in lists.values():
        for shape in _shapes(max(callers, key=lambda one: (one[1], one[0].scope))[0], definition):
            index = index_of(shape, table, definition, uow.database.is_sqlite)
            if index is not None and not _is_served(shape, definition):
                asked, last_at = sum(asked for _, asked, _ in callers), max(at for _, _, at in callers)
                wishes[str(index.name)] = _Wish(str(index.name), shape, asked, last_at)
    return wishes


def _shapes(shape: ListShape, definition: ObjectDef) -> list[ListShape]:
    """A list with a scope asks twice where references are followed: what is seen through another record has no scope
    of its own, and is found by walking in the order of the list."""
    follows = any(field.options.get("follow") for field in definition.ready.values())
    return [shape, shape.without_scope()] if shape.scope and follows else [shape]


def _is_served(shape: ListShape, definition: ObjectDef) -> bool:
    """Whether an index that the object has anyhow gives exactly this list."""
    fixed = {*shape.equal, *([shape.scope] if shape.scope else [])}
    ready = definition.ready
    if any(name in ready and ready[name].unique for name in fixed):
        return True
    if shape.order != _NEWEST or len(fixed) > 1:
        return False
    own = {name for name, field in ready.items() if field.has_index}
    return fixed <= own | {"owner_id", "department_id"}


def _last(wishes: dict[str, _Wish], name: str, row: Any) -> datetime:
    return wishes[name].last_at if name in wishes else row.last_at


def _decide(uow: UnitOfWork, object_name: str, kept: Any, chosen: dict[str, _Wish], quiet: set[str]) -> None:
    mine = list_index.c.object == object_name
    for name in sorted(kept.keys() - chosen.keys() - quiet):
        uow.execute(delete(list_index).where(mine, list_index.c.name == name))
        log.info("index %s is no longer asked for", name)
    for name, wish in chosen.items():
        values = {"asked": wish.asked, "last_at": wish.last_at}
        if name in kept:
            uow.execute(update(list_index).where(mine, list_index.c.name == name).values(values))
        else:
            uow.execute(list_index.insert().values(object=object_name, name=name, shape=wish.shape.to_json(),
                                                   created_at=utcnow(), **values))
            log.info("index %s is wanted: %s lists", name, wish.asked)

"""The service's own copy of the definitions of objects, kept by the customer service's events.

A definition that no event has brought yet is asked for once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select, update

from chassis.calls import Calls
from chassis.db import UnitOfWork, insert_or
from chassis.http.problem import Problem
from services.workflow.model.objects import ObjectModel
from services.workflow.store.tables import object_copy, rulebook_state

OBJECT_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z", re.ASCII)


def keep_object(uow: UnitOfWork, definition: Mapping[str, Any], deleted: bool = False) -> None:
    """Take in a definition; an older one than is known changes nothing."""
    row = {"name": definition["name"], "version": definition["version"], "deleted": deleted, "body": dict(definition)}
    insert = insert_or(uow, object_copy).values(row)
    newer = or_(object_copy.c.version <= insert.excluded.version, object_copy.c.deleted)
    uow.execute(insert.on_conflict_do_update(index_elements=["name"], set_={
        name: insert.excluded[name] for name in ("version", "deleted", "body")}, where=newer))
    turn_page(uow)


def turn_page(uow: UnitOfWork) -> None:
    """Let every process read the rule book anew."""
    uow.execute(update(rulebook_state).values(revision=rulebook_state.c.revision + 1))


class KnownObjects:
    """Objects by name, each looked for once."""

    def __init__(self, uow: UnitOfWork, calls: Calls) -> None:
        self._uow, self._calls = uow, calls
        self._found: dict[str, ObjectModel | None] = {}

    def get(self, name: str) -> ObjectModel | None:
        """Return an object, or None when there is none."""
        if name not in self._found:
            known = OBJECT_NAME.match(name) is not None
            self._found[name] = find_object(self._uow, self._calls, name) if known else None
        return self._found[name]


def find_object(uow: UnitOfWork, calls: Calls, name: str) -> ObjectModel | None:
    """Return an object, asking the customer service for one that is not known here; None when there is none."""
    row = uow.execute(select(object_copy.c.body).where(
        object_copy.c.name == name, object_copy.c.deleted.is_(False))).scalar()
    if row is not None:
        return ObjectModel(row)
    answer = calls.request("customer", "GET", f"/v1/objects/{name}")
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"})
    keep_object(uow, answer.json)
    return ObjectModel(answer.json)

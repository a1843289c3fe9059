"""The record types of this process: compiled once, renewed when a definition has changed.

At most once a second somebody looks whether the revision in the database has grown. Who is about to say
"there is no such object" or "no such field" looks first, so a process never denies what another has just
made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row

from chassis.criteria import Scope
from chassis.db import Database
from chassis.http.problem import not_found
from services.customer.model.calculated.plan import NOTHING, ObjectPlan, build
from services.customer.model.fields import BINNED, REMOVING
from services.customer.model.layouts import Layout
from services.customer.model.objects import ObjectDef
from services.customer.model.sharing import Sharing, sharing_of
from services.customer.model.type_change import Place
from services.customer.store.definitions import read_all, revision
from services.customer.store.layouts import read_layouts
from services.customer.store.pools.pools import read_pools
from services.customer.store.record_type import RecordType
from services.customer.store.relations import Neighbours, neighbours_of
from services.customer.store.segments import segments_by_object
from services.customer.store.sharing.rules import read_rules, read_shared_objects

_LOOK_SECONDS = 1.0
_URGENT_SECONDS = 0.02


class Registry:
    """Record types by name; one per process."""

    def __init__(self, database: Database, company_scope: Callable[[], Scope], place: Place | None = None) -> None:
        self._database, self._company_scope, self._place = database, company_scope, place
        self._lock = threading.Lock()
        self._types: dict[str, RecordType] = {}
        self._binned: dict[str, ObjectDef] = {}
        self._revision = -1
        self._looked_at = float("-inf")

    def get(self, name: str) -> RecordType:
        """The record type of an object; raises 404 when there is none."""
        found = self.all().get(name) or self.renewed().get(name)
        if found is None:
            raise not_found("object")
        return found

    def find(self, name: str) -> RecordType | None:
        """The record type of an object, if there is one."""
        return self.all().get(name)

    def all(self) -> dict[str, RecordType]:
        """Every record type by the name of its object; not to be changed."""
        return self._types if time.monotonic() - self._looked_at < _LOOK_SECONDS else self._look(_LOOK_SECONDS)

    def binned(self) -> dict[str, ObjectDef]:
        """The definitions of deleted objects that can still come back; not to be changed."""
        self.all()
        return self._binned

    def renewed(self) -> dict[str, RecordType]:
        """The same, surely as new as the database."""
        return self._look(_URGENT_SECONDS)

    def expire(self) -> None:
        """Look again at the next question."""
        self._looked_at = float("-inf")

    def _look(self, age: float) -> dict[str, RecordType]:
        with self._lock:
            if time.monotonic() - self._looked_at >= age:
                self._load()
            return self._types

    def _load(self) -> None:
        looked_at = time.monotonic()
        with self._database.read() as connection:
            current = revision(connection)
            if current != self._revision:
                every = read_all(connection)
                found = {name: one for name, one in every.items() if one.state not in (BINNED, REMOVING)}
                self._binned = {name: one for name, one in every.items() if one.state == BINNED}
                plans, layouts, segments = build(found), read_layouts(connection), segments_by_object(connection)
                shared = sharing_of(found, read_rules(connection), read_shared_objects(connection), self._known,
                                    read_pools(connection))
                around = neighbours_of(found, segments, self._known)
                self._types = {
                    name: self._compiled(definition, plans.get(name, NOTHING), layouts.get(name, ()), shared[name],
                                         tuple(segments.get(name, ())), around[name])
                    for name, definition in found.items()}
                self._revision = current
        self._looked_at = looked_at

    def _known(self, name: str) -> RecordType | None:
        """The record type as it stands when it is asked for, without looking."""
        return self._types.get(name)

    def _compiled(self, definition: ObjectDef, plan: ObjectPlan, layouts: tuple[Layout, ...],
                  sharing: Sharing, segments: tuple[Row[Any], ...], around: Neighbours) -> RecordType:
        known = self._types.get(definition.name)
        if (known is None or known.definition != definition or known.layouts != layouts
                or known.sharing.key != sharing.key or known.segment_rows != segments):
            return RecordType(definition, plan, layouts, sharing, segments, self._company_scope, self._place,
                              around)
        known = known if known.neighbours == around else known.beside(around)
        return known if known.plan.key == plan.key else known.planned(plan)

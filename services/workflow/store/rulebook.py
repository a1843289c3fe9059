"""The rule book: all active rules, compiled and indexed, in the memory of this process.

A counter in the database grows with every change of a rule or of an object's definition; who reads the book compares
it and reads anew when it has grown. A rule is compiled again only when it, its object or a related object that it asks
has a new version.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.criteria import CriteriaError
from services.workflow.model.compiled import CompiledRule
from services.workflow.model.index import ObjectIndex
from services.workflow.model.objects import ObjectModel
from services.workflow.model.rules import Rule
from services.workflow.store.tables import object_copy, rule, rulebook_state

if TYPE_CHECKING:
    from chassis.service import Service

log = logging.getLogger(__name__)

_COLUMNS = [rule.c[name] for name in Rule.__dataclass_fields__]
_REVISION = select(rulebook_state.c.revision)
_RULES = select(*_COLUMNS).where(rule.c.active)
_OBJECTS = select(object_copy.c.body).where(object_copy.c.deleted.is_(False))


@dataclass(frozen=True)
class Book:
    """The rules at one revision."""

    revision: int = -1
    objects: Mapping[str, ObjectModel] = field(default_factory=dict)
    indexes: Mapping[str, ObjectIndex] = field(default_factory=dict)
    rules: Mapping[str, list[CompiledRule]] = field(default_factory=dict)  # of each object


@dataclass(frozen=True)
class TriedBook(Book):
    """The active rules of one object with one that is tried, saved or not."""

    tried: CompiledRule | None = None


class Rulebook:
    """One process' view of the rules in its service's database."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._book = Book()
        self._compiled: dict[tuple[str, int, int], CompiledRule] = {}
        self._lock = threading.Lock()

    def current(self, connection: Connection) -> Book:
        """Return the book as the present transaction sees it."""
        revision = connection.execute(_REVISION).scalar_one()
        if revision == self._book.revision:
            return self._book
        with self._lock:
            self._book = self._read(connection, revision)
            return self._book

    def trying(self, connection: Connection, tried: Rule) -> TriedBook:
        """Return the book as if `tried` were active, in place of its saved version; raises CriteriaError."""
        book, index = self.current(connection), ObjectIndex()
        ready = CompiledRule(tried, book.objects[tried.object], self._name_of, book.objects)
        for one in (ready, *(one for one in book.rules.get(tried.object, ()) if one.rule.id != tried.id)):
            index.add(one)
        return TriedBook(book.revision, book.objects, {tried.object: index}, tried=ready)

    def _read(self, connection: Connection, revision: int) -> Book:
        bodies = connection.execute(_OBJECTS).scalars()
        objects = {model.name: model for model in map(ObjectModel, bodies)}
        rules = [Rule(**row) for row in connection.execute(_RULES).mappings()]
        compiled = {}
        indexes: dict[str, ObjectIndex] = {}
        by_object: dict[str, list[CompiledRule]] = {}
        for one in rules:
            ready = self._compile(one, objects)
            if ready is not None:
                compiled[one.id, one.version, ready.model.version] = ready
                indexes.setdefault(one.object, ObjectIndex()).add(ready)
                by_object.setdefault(one.object, []).append(ready)
        self._compiled = compiled
        return Book(revision, objects, indexes, by_object)

    def _compile(self, one: Rule, objects: Mapping[str, ObjectModel]) -> CompiledRule | None:
        model = objects.get(one.object)
        if model is None:
            log.warning("rule %s rests: there is no object %s", one.id, one.object)
            return None
        known = self._compiled.get((one.id, one.version, model.version))
        if known is not None and known.still_fits(objects):
            return known
        try:
            return CompiledRule(one, model, self._name_of, objects)
        except CriteriaError as error:
            log.warning("rule %s rests: its condition no longer fits the object: %s", one.id, error)
            return None

    def _name_of(self, id: str) -> str | None:
        directory: Any = self._service.directory.snapshot()
        known = directory.users.get(id) or directory.departments.get(id)
        return known["name"] if known else None

"""From staged rows to canonical values: every cell of a row is read, and everything that is wrong with it is said.

Cells are read one by one; links (colleagues, departments, records) are looked up for a chunk at once. What belongs to
other objects is a row of its own within the row; its errors are errors of the whole row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.customer.model.faults import BadValueError
from services.customer.model.mapping.people import department_book, user_book
from services.customer.model.mapping.readers import many_lines, one_line, reader_of
from services.customer.model.mapping.rules import UPDATING
from services.customer.model.mapping.targets import ID, Target
from services.customer.model.mapping.usual import usual_of
from services.customer.model.sheets.cells import shown, unpack
from services.customer.model.types import REFERENCE_TYPES
from services.customer.model.values.links import identifier
from services.customer.usecases.imports.plan import Part, Plan
from services.customer.usecases.imports.references import ReferenceBook

if TYPE_CHECKING:
    from chassis.service import Service

Values = dict[str, Any]


@dataclass(slots=True)
class ReadRow:
    """One row: its number in the sheet, the values that could be read, what is wrong, what a new record lacks.

    `key` is what says which record it means, `parts` are the records of other objects that it brings.
    """

    number: int
    values: Values = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    key: Any = None
    parts: dict[str, ReadRow] = field(default_factory=dict)


_REPEATING = frozenset({"choice", "multi_choice", "boolean", "date", "region", "user", "department", "percent"})
_REMEMBERED = 2000
_BETWEEN_NAMES = re.compile(r"[;；、|\n]")


_NEW = object()


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sheet: how its cells are read; quickly where they are usual, and what stands in many rows once.

    What was read is known by the cell, with its type unless it is a text: 1, 1.0 and true are equal to each other.
    """

    index: int
    name: str
    labelled: bool
    careful: Callable[[Any], Any]
    quick: Callable[[str], Any]
    known: dict[Any, Any] | None = None

    def value(self, cell: Any) -> Any:
        """What a cell that has something means; raises BadValueError."""
        if type(cell) is dict:
            cell = unpack(cell)
        if self.known is None:
            return self.careful(cell)
        key = cell if type(cell) is str else (type(cell), cell)
        value = self.known.get(key, _NEW)
        if value is _NEW:
            value = self.careful(cell)
            if len(self.known) < _REMEMBERED:
                self.known[key] = value
        return value


class SheetReader:
    """Reads the rows of one import, with all of their parts."""

    def __init__(self, service: Service, plan: Plan) -> None:
        self.of = {part.name: PartReader(service, plan, part) for part in plan.parts}
        self._related = [(part.name, self.of[part.name]) for part in plan.related]
        written = {plan.run.object, *(part.name for part in plan.related)}
        self.looks_back = any(not written.isdisjoint(reader.reaches) for reader in self.of.values())

    @property
    def main(self) -> PartReader:
        """What reads the imported object."""
        return self.of[""]

    def read(self, connection: Connection, rows: Sequence[tuple[int, list[Any]]]) -> list[ReadRow]:
        """The rows of a chunk, read."""
        found = self.main.read(connection, rows)
        for name, reader in self._related:
            for row, part in zip(found, reader.read(connection, rows), strict=True):
                if part.values or part.errors:
                    row.parts[name] = part
                    row.errors += part.errors
        return found


class PartReader:
    """Reads what one part of the columns says."""

    def __init__(self, service: Service, plan: Plan, part: Part) -> None:
        self._plan, self._part = plan, part
        people = service.directory.snapshot()
        self._finders: dict[str, Callable[[Any], Any]] = {
            "user": user_book(people.users).find, "department": department_book(people.departments).find}
        zone = ZoneInfo(plan.principal.timezone)
        mapped = [(index, part.targets[name]) for index, name in part.columns.items()]
        self._columns = [self._column(index, target, zone) for index, target in mapped
                         if target.type not in REFERENCE_TYPES]
        self._links = [(index, target, ReferenceBook(service, plan, target))
                       for index, target in mapped if target.type in REFERENCE_TYPES]
        self._indexes = {target.name: index for index, target in mapped}
        self._needed = {target.name for target in part.targets.values() if target.needed}
        self._key = None if part.name else plan.run.key

    @property
    def reaches(self) -> set[str]:
        """The objects whose records its cells name."""
        return {target.options["object"] for _, target, _ in self._links}

    def read(self, connection: Connection, rows: Sequence[tuple[int, list[Any]]]) -> list[ReadRow]:
        """The rows of a chunk, read."""
        found = [ReadRow(number) for number, _ in rows]
        sheet = [cells for _, cells in rows]
        for column in self._columns:
            self._read_column(column, sheet, found)
        for index, target, book in self._links:
            self._follow(connection, rows, found, index, target, book)
        for row in found:
            if row.values or not self._part.name:
                self._check_needed(row)
            if self._key is not None:
                self._take_key(row)
        return found

    def _take_key(self, row: ReadRow) -> None:
        """What is never written leaves the values."""
        row.key = row.values.get(self._key)
        if self._part.targets[self._key].key_only:
            row.values.pop(self._key, None)

    def error(self, name: str | None, code: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """An error about a field, with the column it came from."""
        field = None if name is None else self._part.spelled(name)
        return {"index": self._indexes.get(name or ""), "field": field, "code": code, "params": dict(params)}

    def _column(self, index: int, target: Target, zone: ZoneInfo) -> _Column:
        read = self._finders.get(target.type) or reader_of(target, zone)
        if target.key_only:
            return _Column(index, target.name, False, _careful(read, identifier if target.name == ID else str), _none)
        careful, labelled = _careful(read, self._coercer(target.name)), target.type in self._finders
        if target.type in _REPEATING:
            known: dict[Any, Any] = {}
            return _Column(index, target.name, labelled, careful, known.get, known)
        return _Column(index, target.name, labelled, careful, usual_of(target.type, target.options) or _none)

    def _read_column(self, column: _Column, sheet: Sequence[list[Any]], found: Sequence[ReadRow]) -> None:
        index, name, quick = column.index, column.name, column.quick
        for cells, row in zip(sheet, found, strict=True):
            cell = cells[index] if index < len(cells) else None
            if cell is None:
                continue
            value = quick(cell) if type(cell) is str else None
            if value is None:
                try:
                    value = column.value(cell)
                except BadValueError as problem:
                    row.errors.append(self.error(name, problem.code, problem.params))
                    continue
            if value is not None:
                row.values[name] = value
                if column.labelled:
                    row.labels[name] = shown(cell)

    def _follow(self, connection: Connection, rows: Iterable[tuple[int, list[Any]]], found: Sequence[ReadRow],
                index: int, target: Target, book: ReferenceBook) -> None:
        several = target.type == "reference_list"
        named = [_names_in(cells[index], several) if index < len(cells) else [] for _, cells in rows]
        book.learn(connection, {name for names in named for name in names})
        for row, names in zip(found, named, strict=True):
            if not names:
                continue
            try:
                ids = list(dict.fromkeys(book.find(name) for name in names))
                row.values[target.name] = self._coerced(target, ids if several else ids[0])
                row.labels[target.name] = ", ".join(names)
            except BadValueError as problem:
                row.errors.append(self.error(target.name, problem.code, problem.params))

    def _coerced(self, target: Target, value: Any) -> Any:
        return self._coercer(target.name)(value)

    def _coercer(self, name: str) -> Callable[[Any], Any]:
        return self._part.access.shape.writers[name][0]

    def _check_needed(self, row: ReadRow) -> None:
        if self._needed <= row.values.keys():
            return
        wrong = {error["field"] for error in row.errors}
        lacking = {name for name in self._needed - row.values.keys() if self._part.spelled(name) not in wrong}
        row.lacks = [name for name in self._part.targets if name in lacking]
        if self._plan.run.duplicates not in UPDATING:
            self.complain_of_lacks(row)

    def complain_of_lacks(self, row: ReadRow) -> None:
        """Say that a new record of this row would lack something."""
        row.errors += [self.error(name, "required", {}) for name in row.lacks]


def _names_in(cell: Any, several: bool) -> list[str]:
    """The records that a cell names."""
    if cell is None:
        return []
    plain = unpack(cell)
    text = many_lines(plain) if several else one_line(plain)
    names = _BETWEEN_NAMES.split(text) if several else [text]
    return [name.strip() for name in names if name.strip()]


def _none(_: str) -> None:
    """No cell is usual."""


def _careful(read: Callable[[Any], Any], coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def value_of(cell: Any) -> Any:
        value = read(cell)
        return coerce(value) if value or value not in ("", []) else None

    return value_of

"""A record type: one version of an object, compiled for this process.

Everything that does not depend on the request is made once: the table, the statements, the plan by which
rows become wire records and wire records become parameters. In between, a record is a plain dict in wire
form; that is what is compared, kept as history, published and answered, so a write converts each value
exactly twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Delete, Insert, Select, Update, bindparam, delete, select, update
from sqlalchemy.sql.elements import NamedColumn

from chassis.criteria.fields import Field
from services.customer.model.fields import FieldDef
from services.customer.model.names import SYSTEM_FIELDS
from services.customer.model.objects import ObjectDef
from services.customer.model.types import FIELD_TYPES
from services.customer.model.values import times
from services.customer.store.columns import CURRENCY, record_table

Record = dict[str, Any]
Convert = Callable[[Any], Any]

SYSTEM_KINDS: Mapping[str, str] = {
    "id": "id", "version": "integer", "created_at": "datetime", "created_by": "user", "updated_at": "datetime",
    "updated_by": "user", "owner_id": "user", "department_id": "department",
}
_SHAPES = 200


class RecordType:
    """One object at one version; immutable, shared by all threads."""

    def __init__(self, definition: ObjectDef) -> None:
        self.definition = definition
        self.name = definition.name
        self.version = definition.version
        self.fields = definition.ready
        self.table = record_table(definition.name, self.fields.values())
        self.members = (*SYSTEM_FIELDS, *self.fields)
        self.columns = {name: self.table.c[self.column_of(name)] for name in self.members}
        self._updates: dict[frozenset[str], Update] = {}
        self.shapes: dict[Any, Any] = {}  # what follows from a policy, see usecases.access
        self.lists: dict[Any, Select[Any]] = {}  # statements of lists, see queries.list_records
        self._plan_loading()
        self._plan_binding()

    def column_of(self, member: str) -> str:
        """The name of the (first) column of a member."""
        return self.fields[member].column if member in self.fields else member

    # -- statements, built once ------------------------------------------------------------------

    @cached_property
    def insert(self) -> Insert:
        """Insert a record; parameters as `params` makes them."""
        return self.table.insert().values({column.name: bindparam(column.name) for column in self.table.c})

    @cached_property
    def by_id(self) -> Select[Any]:
        """One record; parameter `id`."""
        return self.selection.where(self.table.c.id == bindparam("id"))

    @cached_property
    def for_update(self) -> Select[Any]:
        """One record, locked; parameter `id`."""
        return self.by_id.with_for_update(of=self.table)

    @cached_property
    def many_for_update(self) -> Select[Any]:
        """Records, locked in the order of their ids so that two batches never wait for each other; parameter `ids`."""
        wanted = self.table.c.id.in_(bindparam("ids", expanding=True))
        return self.selection.where(wanted).order_by(self.table.c.id).with_for_update(of=self.table)

    @cached_property
    def delete(self) -> Delete:
        """Delete one record; parameter `key`."""
        return delete(self.table).where(self.table.c.id == bindparam("key"))

    @cached_property
    def selection(self) -> Select[Any]:
        """All columns, in the order that `load` expects."""
        return select(*self.table.c)

    def update(self, changed: Iterable[str]) -> Update:
        """Set these members, the version and who did it; parameters `key` and those of `params`."""
        shape = frozenset(changed)
        known = self._updates.get(shape)
        if known is None:
            known = self._update(shape)
            if len(self._updates) < _SHAPES:
                self._updates[shape] = known
        return known

    def _update(self, changed: frozenset[str]) -> Update:
        columns = [name for member in self.members if member in changed for name in self._columns_of(member)]
        values = {name: bindparam(name) for name in columns}
        return update(self.table).where(self.table.c.id == bindparam("key")).values(values)

    def _columns_of(self, member: str) -> tuple[str, ...]:
        field = self.fields.get(member)
        if field is None:
            return (member,)
        return (field.column, field.column + CURRENCY) if field.type == "money" else (field.column,)

    # -- between rows and records ----------------------------------------------------------------

    def load(self, row: Sequence[Any]) -> Record:
        """The record of a row of `selection`."""
        record = dict(zip(self._names, row, strict=True))
        for name, convert in self._loads:
            if record[name] is not None:
                record[name] = convert(record[name])
        for name, currency in self._moneys:
            code = record.pop(currency)
            if record[name] is not None:
                record[name] = {"amount": f"{record[name]:f}", "currency": code}
        return record

    def params(self, record: Mapping[str, Any], members: Iterable[str] | None = None) -> Record:
        """The parameters of all members, or of some, of a record."""
        params: Record = {}
        for name in self.members if members is None else members:
            column, bind, is_money = self._binds[name]
            value = record.get(name)
            if is_money:
                params[column] = bind(value["amount"]) if value else None
                params[column + CURRENCY] = value["currency"] if value else None
            else:
                params[column] = bind(value) if bind is not None and value is not None else value
        return params

    def _plan_loading(self) -> None:
        by_column = {self.column_of(name): name for name in self.members}
        self._names = tuple(by_column.get(column.name, column.name) for column in self.table.c)
        self._loads = tuple((name, convert) for name in self.members if (convert := self._converter(name, "load")))
        self._moneys = tuple((name, field.column + CURRENCY) for name, field in self.fields.items()
                             if field.type == "money")

    def _plan_binding(self) -> None:
        self._binds = {name: (self.column_of(name), self._converter(name, "bind"),
                              name in self.fields and self.fields[name].type == "money") for name in self.members}

    def _converter(self, member: str, way: str) -> Convert | None:
        field = self.fields.get(member)
        if field is not None and field.type == "money":
            return FIELD_TYPES["decimal"].bind if way == "bind" else None
        if field is not None:
            return getattr(field.row, way)
        is_moment = SYSTEM_KINDS[member] == "datetime"
        return (times.parse_moment if way == "bind" else times.moment_text) if is_moment else None

    # -- what criteria may speak of ---------------------------------------------------------------

    @cached_property
    def criteria_columns(self) -> dict[str, ColumnElement[Any]]:
        """Name → column, also inside money."""
        columns: dict[str, ColumnElement[Any]] = dict(self.columns)
        for name, currency in self._moneys:
            columns[f"{name}.amount"] = self.columns[name]
            columns[f"{name}.currency"] = self.table.c[currency]
        return columns

    def criteria_fields(self, readable: Callable[[str], bool]) -> dict[str, Field]:
        """What the criteria of a caller may speak of."""
        fields = {name: Field(name, kind) for name, kind in SYSTEM_KINDS.items()}
        for name, field in self.fields.items():
            fields[name] = _criteria_field(field, readable(name))
        return fields

    def sort_column(self, member: str) -> NamedColumn[Any]:
        """The column that a list is sorted by."""
        return self.columns[member]

    @cached_property
    def references(self) -> tuple[FieldDef, ...]:
        """The fields that point at other records."""
        return tuple(field for field in self.fields.values() if field.type == "reference")

    @cached_property
    def searched(self) -> tuple[FieldDef, ...]:
        """The fields that a search looks into: the title, and what is marked, listed or matched."""
        rules = {name for rule in self.definition.duplicate_rules for name in rule["fields"]}
        wanted = {self.definition.title_field, *self.definition.list_fields, *rules}
        return tuple(field for field in self.fields.values()
                     if field.row.searchable and (field.name in wanted or field.indexed))


def _criteria_field(field: FieldDef, readable: bool) -> Field:
    choices = [choice["value"] for choice in field.options.get("choices", ())] or None
    scale = field.storage.size[1] if field.storage.kind == "exact" else None
    return Field(field.name, field.row.kind, readable, scale, field.options.get("currency"), choices, field.target)

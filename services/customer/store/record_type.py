"""A record type: one version of an object, compiled for this process.

Everything that does not depend on the request is made once: the table, the statements, the plan by which
rows become wire records and wire records become parameters. In between, a record is a plain dict in wire
form; that is what is compared, kept as history, published and answered, so a write converts each value
exactly twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from typing import Any

from sqlalchemy import Delete, FromClause, Insert, Row, Select, Table, Update, bindparam, delete, select, update
from sqlalchemy.sql.elements import NamedColumn

from chassis.clock import utcnow
from chassis.criteria import CriteriaError, Criterion, Field, LinkColumns, Scope, is_related, to_predicate
from chassis.db.bulk import NULL, copied_column
from chassis.db.prepared import Prepared
from services.customer.model.calculated.plan import NOTHING, ObjectPlan
from services.customer.model.faults import InvalidError
from services.customer.model.fields import FieldDef
from services.customer.model.gates import Pipeline, pipelines_of
from services.customer.model.layouts import CompiledLayout, Layout, compile_layouts
from services.customer.model.locks import Lock, compiled_lock
from services.customer.model.names import SYSTEM_FIELDS
from services.customer.model.objects import ObjectDef
from services.customer.model.segments import SEGMENTS, Segment, Watch, compiled, read_criterion
from services.customer.model.sharing import NOT_SHARED, Sharing, SharingRule
from services.customer.model.type_change import Place
from services.customer.model.types import FILE_TYPES, Composite
from services.customer.model.values import times
from services.customer.store.columns import copy_writer_of, criteria_field, field_columns, record_table
from services.customer.store.converting import shadows_of
from services.customer.store.link_tables import link_table
from services.customer.store.pools.of_type import PoolsOfType
from services.customer.store.relations import ALONE, Neighbours, related_fields, related_table
from services.customer.store.segments import segment_member

log = logging.getLogger(__name__)

Record = dict[str, Any]
Convert = Callable[[Any], Any]

SYSTEM_KINDS: Mapping[str, str] = {
    "id": "id", "version": "integer", "created_at": "datetime", "created_by": "user", "updated_at": "datetime",
    "updated_by": "user", "owner_id": "user", "department_id": "department",
}
_SHAPES = 200
_TOGETHER = 250
_ALWAYS_SEARCHED = ("phone", "email", "auto_number")


@dataclass(frozen=True)
class CompiledRule:
    """A sharing rule with its criterion and its predicate."""

    rule: SharingRule
    criterion: Criterion
    judge: Callable[[Mapping[str, Any], Scope], bool]

    @property
    def is_related(self) -> bool:
        """Whether it asks related records."""
        return is_related(self.criterion)


class RecordType(PoolsOfType):
    """One object at one version; immutable, shared by all threads."""

    def __init__(self, definition: ObjectDef, plan: ObjectPlan = NOTHING, layouts: tuple[Layout, ...] = (),
                 sharing: Sharing = NOT_SHARED, segments: Sequence[Row[Any]] = (),
                 company_scope: Callable[[], Scope] | None = None, place: Place | None = None,
                 neighbours: Neighbours = ALONE) -> None:
        self.definition, self.plan, self.layouts, self.sharing = definition, plan, layouts, sharing
        self.segment_rows, self.neighbours = tuple(segments), neighbours
        self._company_scope = company_scope or (lambda: Scope(utcnow()))
        self.name, self.version, self.fields = definition.name, definition.version, definition.ready
        self.table = record_table(definition.name, self.fields.values())
        self._shadows = shadows_of(definition, place or Place())
        new = (shadow.target for shadow in self._shadows.values())
        self.written = record_table(definition.name, [*self.fields.values(), *new])  # with columns that are filled
        self.members = (*SYSTEM_FIELDS, *self.fields)
        self.columns = {name: self.table.c[self.column_of(name)] for name in self.members}
        self._updates: dict[frozenset[str], Update] = {}
        self.shapes: dict[Any, Any] = {}  # what follows from a policy, see usecases.access
        self.lists: dict[Any, Prepared] = {}  # statements of lists, see queries.list_records
        self.masks = {}  # see `masks_of`
        self.searches: dict[Any, Select[Any]] = {}  # those of searches, see queries.search_index
        self._plan_loading()
        self._plan_binding()

    def planned(self, plan: ObjectPlan) -> RecordType:
        """The same definition under another plan; table and statements are shared, what follows from rights is not."""
        twin = copy(self)
        twin.plan, twin.shapes, twin.masks = plan, {}, {}
        return twin

    def beside(self, neighbours: Neighbours) -> RecordType:
        """The same definition among other objects; what speaks of related records is read anew."""
        twin = copy(self)
        twin.neighbours, twin.lists, twin.searches = neighbours, {}, {}
        for name in ("segments", "sharing_rules", "watches", "form_layouts", "pipelines"):
            twin.__dict__.pop(name, None)
        return twin

    def company_scope(self) -> Scope:
        """What segments and sharing rules are judged by: nobody is the caller, every related record counts."""
        return replace(self._company_scope(), tables=related_table(self.neighbours.find))

    def column_of(self, member: str) -> str:
        """The name of the (first) column of a member."""
        return self.fields[member].column if member in self.fields else member

    # -- statements, built once ------------------------------------------------------------------

    @cached_property
    def insert(self) -> Insert:
        """Insert a record; parameters as `params` makes them."""
        return self.written.insert().values({column.name: bindparam(column.name) for column in self.written.c})

    @cached_property
    def by_id(self) -> Prepared:
        """One record; parameter `id`."""
        return Prepared(self._of_id)

    @cached_property
    def for_update(self) -> Prepared:
        """One record, locked; parameter `id`."""
        return Prepared(self._of_id.with_for_update(of=self.table))

    @property
    def _of_id(self) -> Select[Any]:
        return self.selection.where(self.table.c.id == bindparam("id"))

    @cached_property
    def many_for_update(self) -> Select[Any]:
        """Records, locked in the order of their ids so that two batches never wait for each other; parameter `ids`."""
        wanted = self.table.c.id.in_(bindparam("ids", expanding=True))
        return self.selection.where(wanted).order_by(self.table.c.id).with_for_update(of=self.table)

    @cached_property
    def many_for_touch(self) -> Select[Any]:
        """Records locked in the order of their ids; others may still link to them meanwhile; parameter `ids`."""
        wanted = self.table.c.id.in_(bindparam("ids", expanding=True))
        return self.selection.where(wanted).order_by(self.table.c.id).with_for_update(of=self.table, key_share=True)

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
        columns += [name for member, shadow in self._shadows.items() if member in changed for name in shadow.columns]
        values = {name: bindparam(name) for name in columns}
        return update(self.written).where(self.written.c.id == bindparam("key")).values(values)

    def _columns_of(self, member: str) -> tuple[str, ...]:
        field = self.fields.get(member)
        return (member,) if field is None else tuple(column.name for column in field_columns(field))

    # -- between rows and records ----------------------------------------------------------------

    def load(self, row: Sequence[Any]) -> Record:
        """The record of a row of `selection`."""
        record = dict(zip(self._names, row, strict=True))
        for name, convert in self._loads:
            if record[name] is not None:
                record[name] = convert(record[name])
        for name, others, gather in self._gathered:
            parts = [record.pop(other) for other in others]
            if record[name] is not None:
                record[name] = gather(record[name], *parts)
        return record

    def params(self, record: Mapping[str, Any], members: Iterable[str] | None = None) -> Record:
        """The parameters of all members, or of some, of a record."""
        params: Record = {}
        for name in self.members if members is None else members:
            columns, bind = self._binds[name]
            value = record.get(name)
            if len(columns) == 1:
                params[columns[0]] = bind(value) if bind is not None and value is not None else value
            else:
                params.update(zip(columns, bind(value) if value else repeat(None), strict=False))
            if name in self._shadows:
                params.update(self._shadows[name].params(value))
        return params

    def key(self, member: str, value: Any) -> Any:
        """What orders a wire value, in wire form."""
        composite = self._composite(member)
        return value if composite is None or value is None else composite.key(value)

    def bind_key(self, member: str, key: Any) -> Any:
        """The parameter for what `key` gave."""
        bind = self.fields[member].row.bind if self._composite(member) else self._binds[member][1]
        return key if bind is None or key is None else bind(key)

    def copy_lines(self, records: Sequence[Record]) -> Iterator[str]:
        """Whole records as lines of COPY, written member by member, some records at a time.

        PostgreSQL reads numbers, days and moments as the wire writes them.
        """
        for start in range(0, len(records), _TOGETHER):
            some = records[start:start + _TOGETHER]
            columns = [copied_column([record[name] for record in some], text, nothing)
                       for name, text, nothing in self._copies]
            columns += [copied_column([shadow.convert(record[name]) for record in some], text, nothing)
                        for name, shadow, text, nothing in self._shadow_copies]
            yield from map("\t".join, zip(*columns, strict=True))

    def _plan_loading(self) -> None:
        by_column = {self.column_of(name): name for name in self.members}
        self._names = tuple(by_column.get(column.name, column.name) for column in self.table.c)
        self._loads = tuple((name, convert) for name in self.members if (convert := self._converter(name, "load")))
        self._gathered = tuple((name, self._columns_of(name)[1:], composite.gather)
                               for name in self.fields if (composite := self._composite(name)))

    def _plan_binding(self) -> None:
        self._binds = {name: (self._columns_of(name), self._converter(name, "bind")) for name in self.members}
        self._copies = tuple((name, *self._copy_writer(name)) for name in self.members)
        self._shadow_copies = tuple((name, shadow, *copy_writer_of(shadow.target))
                                    for name, shadow in self._shadows.items())

    def _copy_writer(self, member: str) -> tuple[Convert | None, str]:
        """How a value is written for COPY (None: its wire form is the very text), and how none is."""
        if member in self.fields:
            return copy_writer_of(self.fields[member])
        return str if SYSTEM_KINDS[member] == "integer" else None, NULL

    def _composite(self, member: str) -> Composite | None:
        return self.fields[member].row.composite if member in self.fields else None

    def _converter(self, member: str, way: str) -> Convert | None:
        field, composite = self.fields.get(member), self._composite(member)
        if composite is not None:
            return composite.spread if way == "bind" else None
        if field is not None:
            return getattr(field.row, way)
        is_moment = SYSTEM_KINDS[member] == "datetime"
        return (times.parse_moment if way == "bind" else times.moment_text) if is_moment else None

    # -- what criteria may speak of ---------------------------------------------------------------

    @cached_property
    def criteria_columns(self) -> dict[str, Any]:
        """Name → column, also inside values of several parts, and the link tables of lists."""
        return self.criteria_columns_of(self.table)

    def criteria_columns_of(self, table: FromClause) -> dict[str, Any]:
        """The same for an alias of the table."""
        own, member = table.c.id, segment_member.c
        columns: dict[str, Any] = {SEGMENTS: own, f"{SEGMENTS}.links": LinkColumns(
            own, member.record_id, member.segment_id)}
        columns |= {name: table.c[self.column_of(name)] for name in self.members}
        for name, links in self.link_tables.items():
            columns[f"{name}.links"] = LinkColumns(table.c.id, links.c.record_id, links.c.target_id)
        for name, field in self.fields.items():
            for part, suffix in field.row.composite.parts.items() if field.row.composite else ():
                columns[f"{name}.{part}"] = table.c[field.column + suffix]
        return columns

    @cached_property
    def sharing_rules(self) -> tuple[CompiledRule, ...]:
        """The sharing rules whose criteria still mean something, ready to be asked."""
        fields = related_fields(self)
        found = ((rule, rule.criterion(fields)) for rule in self.sharing.rules)
        return tuple(CompiledRule(rule, criterion, to_predicate(criterion))
                     for rule, criterion in found if criterion is not None)

    def criteria_fields(self, readable: Callable[[str], bool]) -> dict[str, Field]:
        """What the criteria of a caller may speak of."""
        fields = {name: Field(name, kind) for name, kind in SYSTEM_KINDS.items()}
        for name, field in self.fields.items():
            fields[name] = criteria_field(field, readable(name))
        return fields

    @cached_property
    def form_layouts(self) -> tuple[CompiledLayout, ...]:
        """The active layouts of its form, in the order in which they are tried."""
        return compile_layouts(self.layouts, related_fields(self)) if self.layouts else ()

    @cached_property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """The choice fields whose stages have gates."""
        return pipelines_of(self.fields.values(), related_fields(self))

    @cached_property
    def lock(self) -> Lock | None:
        """What locks its records, if anything does."""
        return compiled_lock(self.definition.lock, self.name, self.criteria_fields(lambda _: True))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the object, ready to judge; one whose condition fits the object no more rests."""
        fields, found = related_fields(self), []
        for row in self.segment_rows:
            try:
                found.append(compiled(row.id, row.version, row.name, read_criterion(row.criteria, fields)))
            except (CriteriaError, InvalidError):
                log.warning("segment %s rests: its condition no longer fits the object %s", row.id, self.name)
        return tuple(found)

    @cached_property
    def watches(self) -> tuple[Watch, ...]:
        """The segments of other objects, or of this one, that ask records of this object as related ones."""
        return tuple(watch for name in self.neighbours.around if (beside := self.neighbours.find(name)) is not None
                     for one in beside.segments for watch in one.watches_on(self.name))

    def sort_column(self, member: str) -> NamedColumn[Any]:
        """The column that a list is sorted by."""
        return self.columns[member]

    @cached_property
    def references(self) -> tuple[FieldDef, ...]:
        """The fields that point at other records."""
        return tuple(field for field in self.fields.values() if field.type == "reference")

    @cached_property
    def lists_of_references(self) -> tuple[FieldDef, ...]:
        """The fields that point at several other records."""
        return tuple(field for field in self.fields.values() if field.type == "reference_list")

    @cached_property
    def file_fields(self) -> tuple[FieldDef, ...]:
        """The fields that hold attached files."""
        return tuple(field for field in self.fields.values() if field.type in FILE_TYPES)

    @cached_property
    def link_tables(self) -> dict[str, Table]:
        """Name of a list of references → its link table."""
        return {field.name: link_table(self.name, field, self.table.metadata) for field in self.lists_of_references}

    @cached_property
    def calculated(self) -> tuple[str, ...]:
        """The fields whose values nobody gives."""
        return tuple(name for name, field in self.fields.items() if field.is_calculated)

    @cached_property
    def tag_field(self) -> FieldDef | None:
        """The field that holds tags of the company, if the object has one."""
        return next((field for field in self.fields.values() if field.options.get("tags")), None)

    @cached_property
    def sensitive(self) -> tuple[str, ...]:
        """The fields whose readers are told to the audit log."""
        return tuple(name for name, field in self.fields.items() if field.sensitive)

    @cached_property
    def searched(self) -> tuple[FieldDef, ...]:
        """The fields that a search looks into: the title, ways to reach people, numbers, and what is marked, listed or
        matched."""
        rules = {name for rule in self.definition.duplicate_rules for name in rule["fields"]}
        wanted = {self.definition.title_field, *self.definition.list_fields, *rules}
        return tuple(field for field in self.fields.values()
                     if field.row.searchable and (field.name in wanted or field.indexed
                                                  or field.type in _ALWAYS_SEARCHED))

    @cached_property
    def as_searched(self) -> RecordType:
        """The object with the fields that a search looks into alone: what reads many records for it reads no others."""
        return self.narrowed(field.name for field in self.searched)

    def narrowed(self, names: Iterable[str]) -> RecordType:
        """The object with these fields alone, for who reads many records for them."""
        wanted = frozenset(names)
        return RecordType(replace(self.definition, fields=tuple(
            field for field in self.fields.values() if field.name in wanted)))

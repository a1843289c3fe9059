"""What people keep that speaks of an object or of a field: views, web forms, segments, sharing rules, pools, retention.

A condition may ask related records, so what is kept for one object may speak of the fields of another. A rule of
retention that is switched on must not stop unnoticed: its fields cannot be deleted before it is changed. One that is
switched off rests already and cannot be switched on again while it speaks of what is gone. The others lose the field,
share nothing or rest until somebody sees to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from chassis.criteria import CriteriaError, asked, parse
from services.customer.model.mentions import fields_in
from services.customer.model.web_forms import WebForm
from services.customer.store.record_type import RecordType
from services.customer.store.relations import related_fields
from services.customer.store.retention import retention_rule
from services.customer.store.segments import segment
from services.customer.store.views import saved_view
from services.customer.store.web_forms import all_forms

MOST_READ = 2000  # views, of all people; what administrators keep are few
_IN_VIEWS = ("group_field", "sum_field", "date_field", "end_field", "color_field")
Types = Mapping[str, RecordType]


@dataclass(frozen=True)
class Kept:
    """One thing that is kept for an object: the fields it names, and its conditions."""

    kind: str
    object: str
    id: str
    name: Mapping[str, str] | None
    names: frozenset[str] = frozenset()
    conditions: tuple[Any, ...] = ()
    holds_fields: bool = False  # they cannot go before it is changed

    def speaks_of(self, types: Types, object_name: str, field: str | None) -> bool:
        """Whether it speaks of an object at all, or of one of its fields."""
        if self.object == object_name and (field is None or field in self.names):
            return True
        return any(object_name in found and (field is None or field in found[object_name])
                   for found in (_asked(types.get(self.object), self.object, one) for one in self.conditions))


def kept_uses(connection: Connection, types: Types, object_name: str, field: str | None) -> Iterator[Kept]:
    """Everything kept that speaks of an object or of a field."""
    for read in _READERS:
        yield from (one for one in read(connection, types) if one.speaks_of(types, object_name, field))


def retained(connection: Connection, types: Types, object_name: str, field: str) -> bool:
    """Whether a rule of retention that is switched on speaks of a field."""
    return any(one.holds_fields and one.speaks_of(types, object_name, field) for one in _retention(connection, types))


def _asked(record_type: RecordType | None, object_name: str, condition: Any) -> dict[str, set[str]]:
    """Object → fields that decide about a condition; of one that no longer holds, what it says of its own object."""
    if record_type is None or condition is None:
        return {}
    try:
        criterion = parse(condition, related_fields(record_type))
    except CriteriaError:
        return {object_name: fields_in(condition)}
    found: dict[str, set[str]] = {}
    for route, members in asked(criterion):
        found.setdefault(route[-1].object if route else object_name, set()).update(members)
    return found


def _views(connection: Connection, _: Types) -> Iterator[Kept]:
    for row in connection.execute(select(saved_view).order_by(saved_view.c.id).limit(MOST_READ)):
        body = row.body
        names = {*fields_in({"columns": body["columns"], "totals": body["totals"]}),
                 *(word.removeprefix("-") for word in body["sort"]), *(body.get(member) for member in _IN_VIEWS)}
        yield Kept("view", row.object, row.id, row.name, frozenset(names), (body["criteria"],))


def _web_forms(connection: Connection, _: Types) -> Iterator[Kept]:
    for form in all_forms(connection):
        yield Kept("web_form", form.object, form.id, form.label, _names_of_form(form))


def _names_of_form(form: WebForm) -> frozenset[str]:
    return frozenset({*fields_in([*form.sections, {"values": dict(form.values)}]), *form.tracking.values()})


def _segments(connection: Connection, _: Types) -> Iterator[Kept]:
    for row in connection.execute(select(segment).order_by(segment.c.id)):
        yield Kept("segment", row.object, row.id, row.name, conditions=(row.criteria,))


def _sharing_rules(_: Connection, types: Types) -> Iterator[Kept]:
    for record_type in types.values():
        for rule in record_type.sharing.rules:
            if rule.pool_id is None:
                yield Kept("sharing", rule.object, rule.id, rule.name, conditions=(rule.criteria,))


def _pools(_: Connection, types: Types) -> Iterator[Kept]:
    for record_type in types.values():
        for pool in record_type.pools.values():
            names = {*pool.masked, *(rule["field"] for rule in pool.returns)}
            conditions = (pool.criteria, *(rule["unless"] for rule in pool.returns))
            yield Kept("pool", pool.object, pool.id, pool.name, frozenset(names), conditions)


def _retention(connection: Connection, _: Types) -> Iterator[Kept]:
    for row in connection.execute(select(retention_rule).order_by(retention_rule.c.id)):
        yield Kept("retention", row.object, row.id, None, frozenset({row.field}), (row.criteria,),
                   holds_fields=row.active)


_READERS: Iterable[Callable[[Connection, Types], Iterator[Kept]]] = (
    _views, _web_forms, _segments, _sharing_rules, _pools, _retention)

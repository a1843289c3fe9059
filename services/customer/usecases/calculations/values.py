"""What calculated fields give: formulas from one record and those it leads to, roll-ups from related records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.clock import utcnow
from chassis.criteria import Scope
from chassis.db import UnitOfWork
from chassis.formulas import EvaluationError, Money
from chassis.formulas.results import fixed
from chassis.formulas.values import EXACT
from services.customer.model.calculated.rollups import Rollup
from services.customer.model.currencies import NO_RATE
from services.customer.model.fields import FieldDef
from services.customer.model.values.times import moment_text
from services.customer.store.calculations import load_records, roll_up, roll_up_matching
from services.customer.store.record_type import Record, RecordType

if TYPE_CHECKING:
    from chassis.service import Service

_PERCENT = (9, 4)
_ALONE: Mapping[str, Record] = {}


def company_scope(service: Service) -> Scope:
    """The moment, the time zone and the departments of the company: a stored value is the same for every reader."""
    return Scope(now=utcnow(), timezone=service.settings.default_timezone,
                 departments_below=lambda id: service.directory.snapshot().departments_below(id),
                 calendars=lambda id: service.directory.snapshot().calendar_of(id, service.settings.default_timezone))


def apply_formulas(service: Service, uow: UnitOfWork, record_type: RecordType, records: Sequence[Record]) -> None:
    """Put the values of all formulas into whole records."""
    plan = record_type.plan
    formulas = [(name, formula) for name, formula in plan.formulas if name in record_type.fields]
    if not formulas or not records:
        return
    scope = company_scope(service)
    related = related_records(service, uow.connection, record_type, records) if plan.hops else repeat(_ALONE)
    for record, found in zip(records, related, strict=False):
        known: dict[str, Any] = {}
        for name, formula in formulas:
            record[name] = formula.value(record, scope, found, known)


def apply_empty_rollups(record_type: RecordType, records: Sequence[Record]) -> None:
    """Put what a record without related ones has."""
    for rollup in record_type.plan.rollups:
        if rollup.name in record_type.fields:
            empty = value_of(rollup, None)
            for record in records:
                record[rollup.name] = empty


def apply_rollups(service: Service, connection: Connection, record_type: RecordType, records: Sequence[Record],
                  children: Collection[str] | None = None) -> None:
    """Count roll-ups anew, all or those over some objects, all records together."""
    types, scope = service.parts["types"].all(), company_scope(service)
    for rollup in record_type.plan.rollups:
        child = types.get(rollup.child)
        wanted = children is None or rollup.child in children
        if not wanted or child is None or rollup.name not in record_type.fields or not _stands(child, rollup):
            continue
        found = _counted(connection, child, rollup, records, scope)
        for record in records:
            record[rollup.name] = value_of(rollup, found.get(record["id"]))


def _counted(connection: Connection, child: RecordType, rollup: Rollup, records: Sequence[Record],
             scope: Scope) -> dict[str, tuple[Any, int]]:
    if rollup.match is None:
        return roll_up(connection, child, rollup, [record["id"] for record in records], scope)
    asked = {record["id"]: criterion for record in records
             if (criterion := rollup.match.others_of(record)) is not None}
    return roll_up_matching(connection, child, rollup, asked, scope)


def value_of(rollup: Rollup, found: tuple[Any, int] | None) -> Any:
    """The wire value of what the database has counted; None for one that the field cannot hold."""
    value, count = found or (None, 0)
    if rollup.function == "count":
        return count
    value, currency = value if isinstance(value, Money) else (value, None)
    if value is None and rollup.function == "sum":
        value = 0
    if value is None or value is NO_RATE:
        return None
    if rollup.function == "average":
        value = EXACT.divide(Decimal(value), Decimal(count))
    try:
        return _wire(rollup.result, value, currency)
    except EvaluationError:
        return None


def _wire(field: FieldDef, value: Any, currency: str | None) -> Any:
    options = field.options
    match field.value_type:
        case "integer":
            return int(value)
        case "decimal":
            return fixed(Decimal(value), options["precision"], options["scale"])
        case "percent":
            return fixed(Decimal(value), *_PERCENT)
        case "money":
            return {"amount": fixed(Decimal(value), 18, 2), "currency": currency or options["currency"]}
        case "datetime":
            return moment_text(value)
        case _:
            return value.isoformat()


def _stands(child: RecordType, rollup: Rollup) -> bool:
    """Whether this version of the child has the fields; a newer definition is calculated by its own job."""
    return all(name in child.columns for name in rollup.reads)


def related_records(service: Service, connection: Connection, record_type: RecordType,
             records: Sequence[Record]) -> list[Mapping[str, Record]]:
    """For each record those that its references lead to, by path; one statement per step of a path."""
    found: list[dict[str, Record]] = [{} for _ in records]
    types = service.parts["types"].all()
    for hop in record_type.plan.hops:
        bases = [one.get(hop.base) if hop.base else record for one, record in zip(found, records, strict=True)]
        ids = {base[hop.field] for base in bases if base is not None and base.get(hop.field)}
        target = types.get(hop.target)
        known = load_records(connection, target, ids) if target is not None and ids else {}
        for one, base in zip(found, bases, strict=True):
            if base is not None and base.get(hop.field) in known:
                one[hop.prefix] = known[base[hop.field]]
    return found

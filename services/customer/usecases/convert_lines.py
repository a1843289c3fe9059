"""The lines of what a conversion makes: one per line of the source, or per line of a record that it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.sharing_out import shared_out
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.lines.family import Kind, as_parent, kinds_of, lines_of
from services.customer.usecases.links import visible_ids

if TYPE_CHECKING:
    from chassis.service import Service


def converted_lines(service: Service, uow: UnitOfWork, principal: Principal, source_type: RecordType, source: Record,
                    step: Mapping[str, Any]) -> dict[str, list[Record]]:
    """Object of the lines → the lines that a step of a conversion makes with its record."""
    return {line["object"]: _made(service, uow, principal, source_type, source, line)
            for line in step.get("lines", ())}


def _made(service: Service, uow: UnitOfWork, principal: Principal, source_type: RecordType, source: Record,
          told: Mapping[str, Any]) -> list[Record]:
    origins = _origins(service, uow, principal, source_type, source, told)
    rows = [{target: line[name] for target, name in told["fields"].items() if line.get(name) is not None}
            for line in origins]
    _share_out(source, told.get("split"), origins, rows)
    _reckon_days(source, told.get("days"), origins, rows)
    return rows


def _origins(service: Service, uow: UnitOfWork, principal: Principal, source_type: RecordType, source: Record,
             told: Mapping[str, Any]) -> list[Record]:
    """The lines that new ones are made from; none when the caller may not see what they belong to."""
    home, holder = source_type, source["id"]
    if "through" in told:
        field = source_type.fields[told["through"]]
        home, holder = service.parts["types"].get(str(field.target)), source[field.name]
        if holder is None or not visible_ids(uow.connection, principal, home, [holder]):
            return []
    kind: Kind | None = kinds_of(service, home).get(told["from"])
    if kind is None:
        return []
    readable = as_parent(principal, home, kind).objects(kind.name).readable
    return [{name: value for name, value in line.items() if readable(name)}
            for line in lines_of(uow.connection, kind, holder)]


def _share_out(source: Record, split: Mapping[str, str] | None, origins: Sequence[Record], rows: list[Record]) -> None:
    total = source.get(split["amount"]) if split else None
    if split is None or not isinstance(total, dict):
        return
    parts = shared_out(Decimal(total["amount"]), [Decimal(line.get(split["share"]) or 0) for line in origins])
    for row, part in zip(rows, parts, strict=True):
        row[split["into"]] = {"amount": f"{part:f}", "currency": total["currency"]}


def _reckon_days(source: Record, days: Mapping[str, str] | None, origins: Sequence[Record],
                 rows: list[Record]) -> None:
    if days is None:
        return
    start = date.fromisoformat(source[days["from"]]) if source.get(days["from"]) else utcnow().date()
    for row, line in zip(rows, origins, strict=True):
        row[days["into"]] = (start + timedelta(days=int(line.get(days["add"]) or 0))).isoformat()

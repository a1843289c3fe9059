"""The rows of an export, read page by page through the same order as a list.

Each page is a short transaction of its own, so an export of an hour holds back no other work on the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, literal_column, select

from chassis.auth.principal import Principal
from chassis.criteria import address_line
from chassis.http.problem import Problem
from chassis.i18n import t
from services.customer.model.fields import FieldDef
from services.customer.model.labels import label_in
from services.customer.model.values.times import parse_moment
from services.customer.queries.export.round_trip import RoundTrip
from services.customer.queries.labels import add_labels
from services.customer.queries.list_records import read_members, scoped
from services.customer.queries.search import combined, read_criteria, search_criterion
from services.customer.queries.sorting import after, cursor_values, order_by, place_params, read_sort
from services.customer.store.record_type import SYSTEM_KINDS, Record, RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service

PAGE = 500
Cell = Any


@dataclass(frozen=True)
class ExportRequest:
    """What a caller wants to take out; `for_import` is for who means to bring it back."""

    criteria: Any = None
    fields: Sequence[str] | None = None
    sort: Sequence[str] | None = None
    q: str | None = None
    for_import: bool = False


@dataclass(frozen=True)
class Sheet:
    """A name, the heads of the columns, the rows one after the other, and how many there were at the beginning."""

    name: str
    heads: Sequence[str]
    rows: Iterator[Sequence[Cell]]
    count: int


def prepare_export(service: Service, principal: Principal, record_type: RecordType, asked: ExportRequest) -> Sheet:
    """Check the request and open the rows; raises 403 and 422 before the first byte."""
    access = Access(principal, record_type)
    access.need("export")
    members = _members(access, asked.fields)
    criterion = combined(read_criteria(access, asked.criteria, "/criteria"),
                         search_criterion(access, asked.q, "/q"))
    keys = read_sort(access, asked.sort, "/sort")
    query = scoped(access, record_type.selection, criterion)
    count = _count(service, query)
    label = label_in(record_type.definition.plural, principal.locale, record_type.name)
    pages = _pages(service, record_type, query, keys)
    if asked.for_import:
        trip = RoundTrip(service, access, asked.fields and members)
        rows: Iterator[Sequence[Cell]] = (row for page in pages for row in trip.rows(_without_masked(access, page)))
        return Sheet(label, trip.heads, rows, count)
    columns = [column for name in members for column in (
        [_masked_column(record_type, name, principal)] if name in access.shape.masks
        else _columns(record_type, name, principal))]
    rows = (tuple(column.cell(record) for column in columns)
            for page in pages for record in add_labels(service, principal, record_type, [
                access.show(one) for one in page]))
    return Sheet(label, [column.head for column in columns], rows, count)


def _without_masked(access: Access, page: Sequence[Record]) -> list[Record]:
    """The records without what is masked: a masked value could not be brought back."""
    return [{**one, **dict.fromkeys(access.masks_over(one))} for one in page]


def _count(service: Service, query: Select[Any]) -> int:
    """Count the rows; raises 422 for more than may leave at once."""
    most = service.settings.export_max_rows
    one = query.with_only_columns(literal_column("1"), maintain_column_froms=True).limit(most + 1)
    with service.db.read() as connection:
        count = connection.execute(select(func.count()).select_from(one.subquery())).scalar_one()
    if count > most:
        raise Problem(422, "too_many_to_export", params={"max": most})
    return count


def _pages(service: Service, record_type: RecordType, query: Select[Any], keys: Any) -> Iterator[list[Record]]:
    ordered = query.order_by(*order_by(record_type, keys)).limit(PAGE)
    place: list[Any] | None = None
    while True:
        with service.db.read() as connection:
            if place is None:
                rows = connection.execute(ordered)
            else:
                page = ordered.where(after(record_type, keys, place))
                rows = connection.execute(page, place_params(record_type, keys, place))
            records = [record_type.load(row) for row in rows]
        yield records
        if len(records) < PAGE:
            return
        place = cursor_values(record_type, keys, records[-1])


def _members(access: Access, given: Sequence[str] | None) -> list[str]:
    read_members(access, given, "/fields")
    if given is not None:
        return list(dict.fromkeys(given))
    fields = sorted(access.record_type.fields.values(), key=lambda one: (one.position, one.name))
    wanted = [*(field.name for field in fields), "owner_id", "created_at"]
    return [name for name in wanted if name in access.shape.shown]


@dataclass(frozen=True)
class _Column:
    head: str
    cell: Callable[[Record], Cell]


def _masked_column(record_type: RecordType, name: str, principal: Principal) -> _Column:
    return _Column(label_in(record_type.fields[name].label, principal.locale, name), lambda record: record[name])


def _columns(record_type: RecordType, name: str, principal: Principal) -> list[_Column]:
    field, locale = record_type.fields.get(name), principal.locale
    if field is None:
        head = t(f"customer.system.{name}", locale)
        return [_Column(head, _value(name, SYSTEM_KINDS[name], None, principal))]
    head = label_in(field.label, locale, name)
    if field.value_type == "money":
        return [_Column(head, lambda record: record[name] and Decimal(record[name]["amount"])),
                _Column(f"{head} ({t('customer.export.currency', locale)})",
                        lambda record: record[name] and record[name]["currency"])]
    return [_Column(head, _value(name, field.value_type, field, principal))]


def _value(name: str, kind: str, field: FieldDef | None, principal: Principal) -> Callable[[Record], Cell]:
    if kind in _CELLS:
        return _CELLS[kind](name, principal)
    if field is not None and "choices" in field.options:
        return _chosen(name, field, principal.locale)
    return lambda record: record[name]


def _linked(name: str, _: Principal) -> Callable[[Record], Cell]:
    return lambda record: record["_labels"].get(name) or record[name]


def _linked_list(name: str, _: Principal) -> Callable[[Record], Cell]:
    def cell(record: Record) -> Cell:
        names = record["_labels"].get(name, {})
        return ", ".join(names.get(one, one) for one in record[name] or ()) or None

    return cell


def _moment(name: str, principal: Principal) -> Callable[[Record], Cell]:
    zone = ZoneInfo(principal.timezone)
    return lambda record: record[name] and _wall_clock(record[name], zone)


def _yes_or_no(name: str, principal: Principal) -> Callable[[Record], Cell]:
    locale = principal.locale
    words = {True: t("customer.export.yes", locale), False: t("customer.export.no", locale), None: None}
    return lambda record: words[record[name]]


def _number(name: str, _: Principal) -> Callable[[Record], Cell]:
    return lambda record: record[name] and Decimal(record[name])


def _address(name: str, _: Principal) -> Callable[[Record], Cell]:
    return lambda record: record[name] and address_line(record[name])


def _files(name: str, _: Principal) -> Callable[[Record], Cell]:
    return lambda record: ", ".join(one["name"] for one in record[name] or ()) or None


_CELLS: Mapping[str, Callable[[str, Principal], Callable[[Record], Cell]]] = {
    **dict.fromkeys(("user", "department", "reference"), _linked), "reference_list": _linked_list,
    "datetime": _moment, "boolean": _yes_or_no, "decimal": _number, "percent": _number, "address": _address,
    "file": _files, "image": _files,
}


def _chosen(name: str, field: FieldDef, locale: str) -> Callable[[Record], Cell]:
    labels = {one["value"]: label_in(one["label"], locale, one["value"]) for one in field.options["choices"]}

    def cell(record: Record) -> Cell:
        value = record[name]
        if isinstance(value, list):
            return ", ".join(labels.get(one, one) for one in value)
        return labels.get(value, value)

    return cell


def _wall_clock(text: str, zone: ZoneInfo) -> str:
    moment: datetime = parse_moment(text).astimezone(zone)
    return moment.strftime("%Y-%m-%d %H:%M:%S")

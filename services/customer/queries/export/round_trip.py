"""The columns of an export that is meant to come back: edited in a spreadsheet and imported again by the record's id.

Every cell is read back as the import will read it before it is written. Of the ways to say a value, the first that
comes back as the same value is taken; where none does, the cell stays empty, which changes nothing. Colleagues,
departments and records are named by what names only them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from chassis.auth.principal import Principal
from chassis.criteria import ADDRESS_PARTS, address_line
from chassis.i18n import t
from services.customer.model.faults import BadValueError
from services.customer.model.labels import label_in
from services.customer.model.mapping.people import department_book, department_path, user_book
from services.customer.model.mapping.readers import reader_of
from services.customer.model.mapping.targets import ID, Target, targets_of
from services.customer.model.types import REFERENCE_TYPES
from services.customer.model.values.times import parse_moment
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.links import targets_of as linked_ids

if TYPE_CHECKING:
    from chassis.service import Service

_LONGEST = 32_000  # a cell of a spreadsheet holds little more
_EXACT_DIGITS = 15
_BETWEEN_NAMES = (";", "；", "、", "|", "\n", "\r")
Names = Mapping[str, Mapping[str, str]]  # field → id → what names the record
Cell = Callable[[Record, Names], Any]


class RoundTrip:
    """The columns of one caller's export, the id first."""

    def __init__(self, service: Service, access: Access, members: Sequence[str] | None) -> None:
        self._service, self._access = service, access
        targets = targets_of(access.record_type.definition, access.shape.writers)
        wanted = [target for name, target in targets.items()
                  if name in access.shape.readable and (members is None or name in members)]
        locale = access.principal.locale
        self.heads = [t("customer.system.id", locale), *(_head(target, access, locale) for target in wanted)]
        self._cells: list[Cell] = [lambda record, names: record[ID], *(self._cell(target) for target in wanted)]
        self._links = {target.name: target.options["object"] for target in wanted if target.type in REFERENCE_TYPES}

    def rows(self, records: Sequence[Record]) -> Iterator[Sequence[Any]]:
        """The cells of a page of records."""
        names = self._names(records)
        return (tuple(cell(record, names) for cell in self._cells) for record in records)

    def _cell(self, target: Target) -> Cell:
        name = target.name
        if target.type == "reference":
            return lambda record, names: names.get(name, {}).get(record[name] or "")
        if target.type == "reference_list":
            return lambda record, names: _joined([names.get(name, {}).get(one) for one in record[name] or ()])
        said, understood = self._ways(target), self._understood(target)
        return lambda record, names: None if record[name] is None else _first(said, understood, record[name])

    def _ways(self, target: Target) -> Callable[[Any], Iterable[Any]]:
        people, principal = self._service.directory.snapshot(), self._access.principal
        if target.type == "user":
            return lambda id: [*_some(people.users.get(id, {}), "username", "email", "name"), id]
        if target.type == "department":
            return lambda id: [department_path(people.departments, id), *_some(people.departments.get(id, {}), "key"),
                               id]
        made = _WAYS.get(target.type)
        return made(target, principal) if made else lambda value: [value]

    def _understood(self, target: Target) -> Callable[[Any], Any]:
        """What the import makes of a cell."""
        people = self._service.directory.snapshot()
        coerce = self._access.shape.writers[target.name][0]
        if target.type == "user":
            read: Callable[[Any], Any] = user_book(people.users).find
        elif target.type == "department":
            read = department_book(people.departments).find
        else:
            read = reader_of(target, ZoneInfo(self._access.principal.timezone))
        return lambda cell: coerce(read(cell))

    def _names(self, records: Sequence[Record]) -> Names:
        types, found = self._service.parts["types"].all(), {}
        with self._service.db.read() as connection:
            for name, object_name in self._links.items():
                ids = {id for record in records for id in linked_ids(record[name])}
                if ids and (other := types.get(object_name)) is not None:
                    found[name] = naming_of(connection, self._access.principal, other, ids)
        return found


def naming_of(connection: Connection, principal: Principal, target: RecordType, ids: set[str]) -> dict[str, str]:
    """id → what names only this record, among those that the caller may read: a unique value, the title, or the id."""
    access, wanted = Access(principal, target), sorted(ids)
    if not access.policy.allows("read"):
        return {}
    title, known = target.definition.title_field, access.shape.readable - access.masked_in_pools
    unique = [name for name, field in target.fields.items()
              if field.unique and field.row.searchable and name != title and name in known]
    shown = [title] if title in known else []
    query = select(target.table.c.id, *(target.columns[name] for name in (*unique, *shown)))
    query = query.where(target.table.c.id.in_(wanted))
    condition = access.where()
    rows = connection.execute(query if condition is None else query.where(condition)).all()
    firsts = {row[0]: next((str(value) for value in row[1:] if value not in (None, "")), row[0]) for row in rows}
    several = _named_twice(connection, target, [*unique, *shown], set(firsts.values()) - firsts.keys())
    return {id: id if text in several else text for id, text in firsts.items()}


def _named_twice(connection: Connection, target: RecordType, names: Sequence[str], texts: set[str]) -> set[str]:
    """Those of the texts that more than one record has as a name."""
    found: Counter[str] = Counter()
    for name in names:
        column: Any = target.columns[name]
        query = select(column, func.count()).where(column.in_(sorted(texts))).group_by(column)
        for text, count in connection.execute(query):
            found[text] += count
    return {text for text, count in found.items() if count > 1}


def _head(target: Target, access: Access, locale: str) -> str:
    return label_in(target.label, locale, target.name)


def _first(said: Callable[[Any], Iterable[Any]], understood: Callable[[Any], Any], value: Any) -> Any:
    for cell in said(value):
        if isinstance(cell, str) and len(cell) > _LONGEST:
            continue
        try:
            if cell not in (None, "") and understood(cell) == value:
                return cell
        except BadValueError:
            continue
    return None


def _joined(names: Sequence[str | None]) -> str | None:
    """The names of several records; nothing when one of them cannot be said."""
    if not names or any(name is None or any(mark in name for mark in _BETWEEN_NAMES) for name in names):
        return None
    return "; ".join(name for name in names if name is not None)


def _some(body: Mapping[str, Any], *names: str) -> list[Any]:
    return [body[name] for name in names if body.get(name)]


def _numbers(_: Target, __: Principal) -> Callable[[Any], Iterable[Any]]:
    return lambda value: [Decimal(value) if len(value) <= _EXACT_DIGITS else value, value]


def _integers(_: Target, __: Principal) -> Callable[[Any], Iterable[Any]]:
    return lambda value: [value if abs(value) < 10**_EXACT_DIGITS else str(value)]


def _money(target: Target, _: Principal) -> Callable[[Any], Iterable[Any]]:
    own = target.options["currency"]

    def said(value: Any) -> Iterable[Any]:
        amount = value["amount"]
        if value["currency"] == own and len(amount) <= _EXACT_DIGITS:
            yield Decimal(amount)
        yield f"{amount} {value['currency']}"

    return said


def _choices(target: Target, principal: Principal) -> Callable[[Any], Iterable[Any]]:
    labels = {one["value"]: label_in(one["label"], principal.locale, one["value"])
              for one in target.options["choices"]}

    def said(value: Any) -> Iterable[Any]:
        values = value if isinstance(value, list) else [value]
        yield ", ".join(labels.get(one, one) for one in values)
        yield ", ".join(values)

    return said


def _moments(_: Target, principal: Principal) -> Callable[[Any], Iterable[Any]]:
    zone = ZoneInfo(principal.timezone)

    def said(value: Any) -> Iterable[Any]:
        yield parse_moment(value).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        yield value

    return said


def _booleans(_: Target, principal: Principal) -> Callable[[Any], Iterable[Any]]:
    words = {True: t("customer.export.yes", principal.locale), False: t("customer.export.no", principal.locale)}
    return lambda value: [words[value], "1" if value else "0"]


def _addresses(_: Target, __: Principal) -> Callable[[Any], Iterable[Any]]:
    def said(value: Any) -> Iterable[Any]:
        steps = "/".join(value[part] for part in ADDRESS_PARTS if part in value and part not in (
            "country", "postal_code"))
        code = value.get("postal_code")
        yield address_line(value)
        yield f"{steps} {code}" if code else steps

    return said


_WAYS: Mapping[str, Callable[[Target, Principal], Callable[[Any], Iterable[Any]]]] = {
    "decimal": _numbers, "percent": _numbers, "integer": _integers, "money": _money, "choice": _choices,
    "multi_choice": _choices, "datetime": _moments, "boolean": _booleans, "address": _addresses,
}

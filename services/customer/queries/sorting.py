"""The order of a list, and the condition for what comes after a row of it (keyset paging).

Missing values come last in either direction, on both databases. The id ends every order, so no two rows are equal.
When all members of the order are never missing and go the same way, the condition is one comparison of tuples, which
an index answers directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, bindparam, false, or_, tuple_

from services.customer.model.faults import Fault
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import refusal

MAX_SORT = 3
DEFAULT = ("-created_at",)
NEVER_MISSING = frozenset({"id", "version", "created_at", "updated_at"})


@dataclass(frozen=True)
class Key:
    """One member of an order."""

    name: str
    down: bool

    @property
    def word(self) -> str:
        """As it is written in a request."""
        return f"-{self.name}" if self.down else self.name


def read_sort(access: Access, given: Sequence[str] | None, pointer: str) -> tuple[Key, ...]:
    """The order that a request asks for, ended by the id; raises 422."""
    words = given or DEFAULT
    keys = [Key(word.removeprefix("-"), word.startswith("-")) for word in words if isinstance(word, str)]
    faults = [Fault(pointer, "cannot_sort", {"field": key.name[:100]})
              for key in keys if not _sortable(access, key.name)]
    names = [key.name for key in keys]
    if len(words) > MAX_SORT or len(keys) < len(words) or len(set(names)) < len(names):
        faults.append(Fault(pointer, "bad_sort", {"max": MAX_SORT}))
    if faults:
        raise refusal(faults)
    access.asked.update(names)
    if "id" not in names:
        keys.append(Key("id", keys[-1].down))
    return tuple(keys)


def order_by(record_type: RecordType, keys: Sequence[Key]) -> list[UnaryExpression[Any]]:
    """The ORDER BY of an order."""
    return [_ordered(record_type.columns[key.name], key) for key in keys]


def cursor_values(record_type: RecordType, keys: Sequence[Key], record: Record) -> list[Any]:
    """The wire values of a row that a cursor keeps."""
    return [record_type.key(key.name, record[key.name]) for key in keys]


def place_params(record_type: RecordType, keys: Sequence[Key], values: Sequence[Any]) -> dict[str, Any]:
    """The parameters of `after` for the row with these wire values."""
    return {f"after_{place}": record_type.bind_key(key.name, value)
            for place, (key, value) in enumerate(zip(keys, values, strict=True))}


def after(record_type: RecordType, keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition for rows that come after a row: only which of its values are missing decides its form."""
    columns = [record_type.columns[key.name] for key in keys]
    bound = [bindparam(f"after_{place}", type_=column.type) for place, column in enumerate(columns)]
    if all(key.name in NEVER_MISSING for key in keys) and len({key.down for key in keys}) == 1:
        left, right = tuple_(*columns), tuple_(*bound)
        return left < right if keys[0].down else left > right
    steps = []
    for place, key in enumerate(keys):
        same = [_same(columns[one], bound[one], values[one]) for one in range(place)]
        steps.append(and_(*same, _beyond(key, columns[place], bound[place], values[place])))
    return or_(*steps)


def is_divided(keys: Sequence[Key], values: Sequence[Any]) -> bool:
    """Whether what comes after a row is first the rows with a further value, then those without one.

    Both parts are comparisons that an index answers, where the whole would be an OR that none does.
    """
    rest_is_sure = all(key.name in NEVER_MISSING for key in keys[1:])
    return (keys[0].name not in NEVER_MISSING and values[0] is not None and rest_is_sure
            and len({key.down for key in keys}) == 1)


def after_said(record_type: RecordType, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The condition for rows that come after a row and have a value in the first member."""
    columns = [record_type.columns[key.name] for key in keys]
    bound = [bindparam(f"after_{place}", type_=column.type) for place, column in enumerate(columns)]
    left, right = tuple_(*columns), tuple_(*bound)
    return left < right if keys[0].down else left > right


def _sortable(access: Access, name: str) -> bool:
    if name not in access.shape.readable:
        return False
    field = access.record_type.fields.get(name)
    return field is None or field.row.sortable


def _ordered(column: ColumnElement[Any], key: Key) -> UnaryExpression[Any]:
    ordered = column.desc() if key.down else column.asc()
    return ordered if key.name in NEVER_MISSING else ordered.nulls_last()


def _same(column: ColumnElement[Any], bound: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == bound


def _beyond(key: Key, column: ColumnElement[Any], bound: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    if value is None:
        return false()
    further = column < bound if key.down else column > bound
    return further if key.name in NEVER_MISSING else or_(further, column.is_(None))

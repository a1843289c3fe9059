"""Finding the records that cells name: by title, by a unique field or by id, among those that the importer may read.

The names of a chunk are looked up together. What was found is remembered; what was not is asked again, for the
record may be made by the import itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef
from services.customer.model.mapping.targets import Target
from services.customer.model.values.links import is_identifier
from services.customer.store.record_type import RecordType
from services.customer.usecases.access import Access

if TYPE_CHECKING:
    from chassis.service import Service
    from services.customer.usecases.imports.plan import Plan

_ASKED_AT_ONCE, _REMEMBERED = 400, 50_000
_AMBIGUOUS = ""


class ReferenceBook:
    """Names of the records that one reference field points at."""

    def __init__(self, service: Service, plan: Plan, target: Target) -> None:
        record_type: RecordType = service.parts["types"].get(target.options["object"])
        self._access = Access(plan.principal, record_type)
        self._type = record_type
        self._known: dict[str, str] = {}

    def learn(self, connection: Connection, texts: set[str]) -> None:
        """Look up the names that are not known yet."""
        unknown = texts - self._known.keys()
        if not unknown or not self._access.policy.allows("read"):
            return
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for name in self._naming_fields():
            self._ask(connection, name, unknown)
        ids = {text.lower() for text in unknown if is_identifier(text.lower())}
        self._ask(connection, "id", ids)

    def find(self, text: str) -> str:
        """The id of the record that a cell names; raises BadValueError."""
        found = self._known.get(text) or self._known.get(text.lower() if is_identifier(text.lower()) else text)
        if found is None:
            raise BadValueError("unknown_reference", value=text[:60])
        if found == _AMBIGUOUS:
            raise BadValueError("reference_ambiguous", value=text[:60])
        return found

    def _naming_fields(self) -> Iterator[str]:
        for name, field in self._type.fields.items():
            naming = name == self._type.definition.title_field or (field.unique and field.row.searchable)
            if naming and name in self._access.shape.readable:
                yield name

    def _ask(self, connection: Connection, name: str, texts: Iterable[str]) -> None:
        column: Any = self._type.columns[name]
        spelled = _spellings(self._type.fields.get(name), texts)
        values = sorted(spelled)
        for start in range(0, len(values), _ASKED_AT_ONCE):
            chunk = values[start:start + _ASKED_AT_ONCE]
            query = select(self._type.table.c.id, column).where(column.in_(chunk)).limit(_ASKED_AT_ONCE * 5)
            condition = self._access.where()
            for id, value in connection.execute(query if condition is None else query.where(condition)):
                for text in spelled[value]:
                    self._known[text] = id if self._known.get(text, id) == id else _AMBIGUOUS


def _spellings(field: FieldDef | None, texts: Iterable[str]) -> dict[str, list[str]]:
    """Canonical value → the texts of the sheet that mean it."""
    spelled: dict[str, list[str]] = {}
    for text in texts:
        try:
            value = field.coerce(text) if field is not None else text
        except BadValueError:
            continue
        if value is not None:
            spelled.setdefault(value, []).append(text)
    return spelled

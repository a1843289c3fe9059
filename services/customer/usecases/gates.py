"""Hold people and their programs to the gates of a pipeline: a record moves on only when the stages' conditions hold.

Judged is the record as it will be, with the eyes of the system: a gate says the same to everybody who stands before it.
Key tasks and check lists are asked as they stand (see `stages`). Who is refused reads what is not met, as far as he may
know what it asks. Rules, processes, conversions and imports pass, as they pass layouts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from chassis.criteria import Criterion, Scope, all_of, describe, names_of, places_of, to_predicate
from chassis.i18n import t
from chassis.ids import is_id
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.gates import CLOSE, ENTER, EXIT, Gate, Pipeline, parts_of
from services.customer.model.labels import label_in
from services.customer.store.record_type import SYSTEM_KINDS, Record, RecordType
from services.customer.store.relations import known_type, related_table
from services.customer.usecases.access import Access
from services.customer.usecases.around import TablesAround
from services.customer.usecases.stages.unfinished import Unfinished

if TYPE_CHECKING:
    from chassis.service import Service

_PEOPLE = ("user", "key")
_CODES = {ENTER: "stage_entry", EXIT: "stage_gate", CLOSE: "stage_closed"}


def check_gates(service: Service, connection: Connection, access: Access, standing: Sequence[Record | None],
                values: Sequence[Record], faults: Sequence[list[Fault]]) -> None:
    """Add a fault for each move that a gate does not let through; None stands for what was refused."""
    if access.principal.kind not in _PEOPLE:
        return
    moves = [(pipeline, gates, {**before, **given}, found)
             for before, given, found in zip(standing, values, faults, strict=True) if before is not None
             for pipeline in access.record_type.pipelines if pipeline.field in given
             if (gates := pipeline.asked(before.get(pipeline.field), given[pipeline.field]))]
    if not moves:
        return
    scope = _scope(connection, access, [after for _, _, after, _ in moves])
    unfinished = Unfinished(connection, [after["id"] for _, gates, after, _ in moves if any(one.work for one in gates)])
    for pipeline, gates, after, found in moves:
        for gate in gates:
            unmet, left = _unmet(gate, after, scope), unfinished.of(after["id"], pipeline.field, gate)
            if unmet or left:
                found.append(_refusal(service, access, pipeline, gate, unmet, left))
                break


def _scope(connection: Connection, access: Access, records: Sequence[Record]) -> Scope:
    """The caller is "me", but what is around the records is looked at by the system."""
    return replace(access.scope, tables=related_table(access.record_type.neighbours.find),
                   around=TablesAround(connection, records))


def _unmet(gate: Gate, record: Record, scope: Scope) -> list[Criterion]:
    parts = parts_of(gate.criterion) if gate.criterion is not None else ()
    return [part for part in parts if not to_predicate(part)(record, scope)]


def _refusal(service: Service, access: Access, pipeline: Pipeline, gate: Gate, unmet: Sequence[Criterion],
             left: Mapping[str, Sequence[Mapping[str, str]]]) -> Fault:
    stage = gate.stage
    locale, known = access.principal.locale, [part for part in unmet if access.may_ask(part)]
    words = [_Words(service, access, locale).tell(all_of(*known))] if known else []
    words += [t("customer.gate.hidden", locale)] if unmet and not known else []
    words += [t(f"customer.gate.{kind}", locale, names=t("customer.timeline.and", locale).join(
        label_in(one, locale, "") for one in some)) for kind, some in left.items()]
    said = {"said": dict(stage.message)} if stage.message else {}
    return Fault(pointer_to(pipeline.field), _CODES[gate.side], {"stage": label_in(stage.label, locale, stage.value),
                                                                 "conditions": "; ".join(words), **said})


class _Words:
    """Conditions as sentences, with the names of this company."""

    def __init__(self, service: Service, access: Access, locale: str) -> None:
        self._directory = service.directory.snapshot()
        self._type, self._locale = access.record_type, locale

    def tell(self, criterion: Criterion) -> str:
        places = dict(places_of(criterion, self._type.name))
        names = names_of(criterion, self._type.name, self._labels, self._title)
        return describe(criterion, names, self._locale, lambda name, value: self._value(*places[name], value))

    def _record_type(self, name: str) -> RecordType:
        return self._type if name == self._type.name else known_type(self._type.neighbours.find, name)

    def _labels(self, object: str) -> dict[str, str]:
        system = {name: t(f"customer.system.{name}", self._locale) for name in SYSTEM_KINDS}
        own = {name: label_in(field.label, self._locale, name)
               for name, field in self._record_type(object).fields.items()}
        return {**system, **own}

    def _title(self, object: str) -> str:
        return label_in(self._record_type(object).definition.plural, self._locale, object)

    def _value(self, object: str, member: str, value: Any) -> str | None:
        field = self._record_type(object).fields.get(member)
        for choice in field.options.get("choices") or () if field is not None else ():
            if choice["value"] == value:
                return label_in(choice.get("label") or {}, self._locale, value)
        known = self._directory.users.get(value) or self._directory.departments.get(value) if is_id(value) else None
        return known["name"] if known else None

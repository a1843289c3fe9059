"""Lines of a record are in one currency when its sums keep theirs: that of those that stand, or of the first new one.

An amount of 0 is no amount of another currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import func, select

from chassis.db import UnitOfWork
from services.customer.model.faults import Fault, pointer_to
from services.customer.store.line_sums import has_one_currency
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.edits import Edit
from services.customer.usecases.refusals import refusal
from services.customer.usecases.results import Result

_CHUNK = 500


def refuse_other_lines(uow: UnitOfWork, record_type: RecordType, drafts: Sequence[Record],
                       results: list[Result]) -> None:
    """Refuse new lines in another currency than those of their record have."""
    if has_one_currency(record_type):
        places = [place for place, result in enumerate(results) if result.problem is None]
        _refuse(uow, record_type, [(place, drafts[place]) for place in places], results)


def refuse_other_edits(uow: UnitOfWork, record_type: RecordType, edits: list[Edit | None],
                       results: list[Result]) -> None:
    """Refuse edits after which a line is in another currency than those of its record have."""
    if has_one_currency(record_type):
        watched = {*_money_of(record_type), _reference(record_type)}
        rows = [(place, edit.after) for place, edit in enumerate(edits)
                if edit is not None and not watched.isdisjoint(edit.changed)]
        for place in _refuse(uow, record_type, rows, results):
            edits[place] = None


def other_currencies(record_type: RecordType, rows: Iterable[Record], known: dict[str, str]) -> list[list[Fault]]:
    """For each line what is in another currency; `known` has the currency of each record with lines."""
    reference, names = _reference(record_type), _money_of(record_type)
    return [[Fault(pointer_to(name), "other_currency", {"currency": wanted}) for name in names
             if (money := row.get(name)) and Decimal(money["amount"]) and row.get(reference)
             and (wanted := known.setdefault(row[reference], money["currency"])) != money["currency"]] for row in rows]


def _refuse(uow: UnitOfWork, record_type: RecordType, rows: Sequence[tuple[int, Record]],
            results: list[Result]) -> list[int]:
    known = _standing(uow, record_type, [row for _, row in rows])
    found = other_currencies(record_type, [row for _, row in rows], known)
    refused = {place: faults for (place, _), faults in zip(rows, found, strict=True) if faults}
    for place, faults in refused.items():
        results[place] = Result.refused(refusal(faults))
    return list(refused)


def _standing(uow: UnitOfWork, record_type: RecordType, rows: Sequence[Record]) -> dict[str, str]:
    """The currency of each record that has other lines than these."""
    reference = _reference(record_type)
    parents = sorted({row[reference] for row in rows if row.get(reference)})
    own, known = [row["id"] for row in rows if "id" in row], dict[str, str]()
    told, id = record_type.columns[reference], record_type.columns["id"]
    for name in _money_of(record_type) if parents else ():
        amount, currency = record_type.columns[name], record_type.criteria_columns[f"{name}.currency"]
        for start in range(0, len(parents), _CHUNK):
            query = select(told, func.min(currency)).where(
                told.in_(parents[start:start + _CHUNK]), id.not_in(own), amount != 0).group_by(told)
            known = {row[0]: row[1] for row in uow.execute(query)} | known
    return known


def _reference(record_type: RecordType) -> str:
    told = record_type.definition.line_of
    return told["reference"] if told else ""


def _money_of(record_type: RecordType) -> list[str]:
    return [name for name, field in record_type.fields.items() if field.type == "money"]

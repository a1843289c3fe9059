"""Create or change a record together with its lines, all or nothing.

A list of lines is the whole list as it shall be: lines with an `id` are kept or changed, others are new, those that are
not named any more go. Their order is the order of the list. Whoever has seen an older version of the record is refused,
because any change of its lines gives the record a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from services.customer.model.faults import Fault, pointer_to
from services.customer.model.values.times import moment_text
from services.customer.store.line_sums import has_one_currency
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.create_records import create_records
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.edits import lock_records, write_edits
from services.customer.usecases.lines.family import MAX_LINES, Kind, as_parent, kinds_of, lines_of
from services.customer.usecases.lines.fill import fill_new_lines
from services.customer.usecases.lines.one_currency import other_currencies
from services.customer.usecases.lines.totals import count_anew
from services.customer.usecases.locks import OWN, Above, is_locked, locked
from services.customer.usecases.refusals import placed, refusal
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

Lines = Mapping[str, Sequence[Record]]


@dataclass
class _Written:
    """What became of the lines of one kind: all that were or are, and whether anything is different."""

    touched: list[Record] = field(default_factory=list)
    changed: bool = False


def create_with_lines(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType, values: Any,
                      lines: Any, *, backdate: bool = False, by_layout: bool = True) -> Record:
    """Create a record with its lines; returns the record as it stands then. Raises 403, 422 with pointers."""
    kinds = _checked(service, parent, lines)
    made = create_records(service, uow, principal, parent, [values], backdate=backdate, by_layout=by_layout)[0]
    if made.problem is not None:
        raise placed(made.problem, "/values")
    return _with_lines(service, uow, principal, parent, made.unwrap(), kinds, lines)


def change_with_lines(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType, record_id: str,
                      values: Any, lines: Any, version: int | None) -> Record:
    """Change a record and those kinds of its lines that are named; raises 403, 404, 412, 422 with pointers."""
    kinds = _checked(service, parent, lines)
    was_locked = parent.lock is not None and _is_locked(uow, principal, parent, record_id)
    above = Above(service, uow, principal, parent, ids=[record_id])
    done = update_records(service, uow, principal, parent, [Patch(record_id, values, version)])[0]
    if done.problem is not None:
        raise placed(done.problem, "/values")
    held = parent if was_locked and is_locked(parent, done.unwrap()) else above.holder(done.unwrap())
    return _with_lines(service, uow, principal, parent, done.unwrap(), kinds, lines, done.changed, held)


def _is_locked(uow: UnitOfWork, principal: Principal, parent: RecordType, record_id: str) -> bool:
    """Whether a record is locked before it is changed; it stays as it is until then."""
    standing = lock_records(uow, Access(principal, parent), [record_id]).get(record_id)
    return standing is not None and is_locked(parent, standing)


def _checked(service: Service, parent: RecordType, lines: Any) -> dict[str, Kind]:
    """The kinds that the request speaks of; raises 422 for what are no lines of this object."""
    if not isinstance(lines, dict):
        raise refusal([Fault("/lines", "not_an_object")])
    kinds = kinds_of(service, parent)
    faults = [Fault(pointer_to("lines", name), "no_lines_here", {"object": str(name)[:100]})
              for name in lines if name not in kinds]
    for name, rows in lines.items():
        if not isinstance(rows, list) or len(rows) > MAX_LINES:
            faults.append(Fault(pointer_to("lines", name), "bad_list", {"max": MAX_LINES}))
            continue
        faults += [Fault(pointer_to("lines", name, place), "not_an_object")
                   for place, row in enumerate(rows) if not isinstance(row, dict)]
    if faults:
        raise refusal(faults)
    return {name: kinds[name] for name in lines}


def _with_lines(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType, record: Record,
                kinds: Mapping[str, Kind], lines: Lines, parent_changed: bool = True,
                held: RecordType | None = None) -> Record:
    written = {name: _write(service, uow, principal, parent, record, kinds[name], lines[name])
               for name in sorted(kinds)}
    if held is not None and (changed := [name for name, one in written.items() if one.changed]):
        raise locked(held, [pointer_to("lines", name) for name in changed])
    access = Access(as_parent(principal, parent, next(iter(kinds.values()))) if kinds else principal, parent)
    if not parent_changed and any(one.changed for one in written.values()):
        record = write_edits(service, uow, access, [(record, {"updated_at": moment_text(utcnow())})])[0]
    for name, one in written.items():
        count_anew(service, uow, kinds[name].type, one.touched)
    return lock_records(uow, access, [record["id"]])[record["id"]]


def _write(service: Service, uow: UnitOfWork, principal: Principal, parent: RecordType, record: Record, kind: Kind,
           rows: Sequence[Record]) -> _Written:
    caller = as_parent(principal, parent, kind)
    standing = {line["id"]: line for line in lines_of(uow.connection, kind, record["id"], MAX_LINES + 1)}
    places = _places(kind, rows, standing)
    new = [place for place, row in enumerate(rows) if "id" not in row]
    drafts = _drafts(service, uow, caller, kind, record, rows, new)
    gone = [one for one in standing if one not in places]
    removed = delete_records(service, uow, caller, kind.type, [Removal(one) for one in gone],
                             locks=OWN) if gone else []
    _all_or_nothing(kind, dict.fromkeys(range(len(removed))), removed)
    kept = update_records(service, uow, caller, kind.type, [
        Patch(one, _placed(kind, rows[place], place)) for one, place in places.items()], locks=OWN) if places else []
    made = create_records(service, uow, caller, kind.type, drafts, locks=OWN) if drafts else []
    results = [*kept, *made]
    sites = dict(enumerate([*places.values(), *new]))
    _all_or_nothing(kind, sites, results)
    _hold_one_currency(kind, {place: results[number].unwrap() for number, place in sites.items()})
    return _Written([*standing.values(), *(result.unwrap() for result in results)],
                    bool(removed) or any(result.changed for result in results))


def _hold_one_currency(kind: Kind, lines: Mapping[int, Record]) -> None:
    """Raise 422 for lines in another currency than the first that has one, when their sums keep theirs."""
    places = sorted(lines) if has_one_currency(kind.type) else []
    found = other_currencies(kind.type, [lines[place] for place in places], {})
    faults = [fault.below(pointer_to("lines", kind.name, place))
              for place, some in zip(places, found, strict=True) for fault in some]
    if faults:
        raise refusal(faults)


def _places(kind: Kind, rows: Sequence[Record], standing: Mapping[str, Record]) -> dict[str, int]:
    """The id of each line that stays → its place; raises 422 for ids of other records, or said twice."""
    places: dict[str, int] = {}
    faults = []
    for place, row in enumerate(rows):
        if "id" in row:
            one = row["id"]
            if not isinstance(one, str) or one not in standing or one in places:
                faults.append(Fault(pointer_to("lines", kind.name, place, "id"), "unknown_line"))
            else:
                places[one] = place
    if faults:
        raise refusal(faults)
    return places


def _drafts(service: Service, uow: UnitOfWork, caller: Principal, kind: Kind, record: Record, rows: Sequence[Record],
            new: Sequence[int]) -> list[Record]:
    """New lines with what can be filled in, as lines of the record."""
    fixed = {kind.reference: record["id"], **({"owner_id": record["owner_id"]} if record["owner_id"] else {})}
    given = [_placed(kind, rows[place], place) for place in new]
    filled = fill_new_lines(service, uow.connection, caller, kind, record, given)
    return [{**values, **fixed} for values in filled]


def _placed(kind: Kind, row: Record, place: int) -> Record:
    """What is given of a line, with its place in the order; its parent is not the list's to say."""
    values = {name: value for name, value in row.items() if name not in ("id", kind.reference)}
    return values | ({kind.order: place + 1} if kind.order else {})


def _all_or_nothing(kind: Kind, places: Mapping[int, Any], results: Sequence[Result]) -> None:
    errors: list[FieldProblem] = []
    for number, result in enumerate(results):
        if result.problem is not None:
            place = places.get(number)
            prefix = pointer_to("lines", kind.name, *(() if place is None else (place,)))
            inner = placed(result.problem, prefix).errors
            errors.extend(inner or [FieldProblem(prefix, result.problem.code)])
    if errors:
        status = next(result.status for result in results if result.problem is not None)
        raise Problem(status, "batch_refused", errors=errors)

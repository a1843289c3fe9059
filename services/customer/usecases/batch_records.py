"""Many operations on records of one object in one call, set by set.

Creates go together; changes and removals go in waves, so that two operations on one record keep their
order. With `atomic` the first refusal undoes everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, Problem
from services.customer.model.faults import Fault, pointer_to, unknown_members
from services.customer.store.record_type import RecordType
from services.customer.usecases.create_records import create_records
from services.customer.usecases.delete_records import Removal, delete_records
from services.customer.usecases.locks import EVERY, locks_of_moving
from services.customer.usecases.refusals import placed, refusal
from services.customer.usecases.results import Result
from services.customer.usecases.update_records import Patch, update_records

if TYPE_CHECKING:
    from chassis.service import Service

MAX_OPERATIONS = 500
_MEMBERS: Mapping[str, frozenset[str]] = {
    "create": frozenset({"action", "values"}),
    "update": frozenset({"action", "id", "version", "values"}),
    "delete": frozenset({"action", "id", "version"}),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of a batch."""

    action: str
    id: str = ""
    version: int | None = None
    values: Any = None


def read_operations(given: Any) -> list[Operation]:
    """The operations of a request; raises 422 with the place of everything that is none."""
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_OPERATIONS:
        raise refusal([Fault("/operations", "bad_operations", {"max": MAX_OPERATIONS})])
    faults: list[Fault] = []
    operations = [_read(item, pointer_to("operations", place), faults) for place, item in enumerate(given)]
    if faults:
        raise refusal(faults)
    return operations


def batch_records(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                  operations: Sequence[Operation], *, atomic: bool = False,
                  backdate: bool = False) -> list[Result]:
    """Do the operations; the results stand in their order. With `atomic`, raises when one is refused."""
    results: list[Result] = [Result(200)] * len(operations)
    for action, places in _waves(operations):
        lines = [operations[place] for place in places]
        if action == "create":
            rows = [line.values for line in lines]
            done = create_records(service, uow, principal, record_type, rows, backdate=backdate)
        elif action == "update":
            patches = [Patch(line.id, line.values, line.version) for line in lines]
            done = update_records(service, uow, principal, record_type, patches, backdate=backdate)
        else:
            removals = [Removal(line.id, line.version) for line in lines]
            locks = locks_of_moving(service, principal, record_type) if backdate else EVERY
            done = delete_records(service, uow, principal, record_type, removals, locks=locks)
        for place, result in zip(places, done, strict=True):
            results[place] = result
    if atomic:
        _all_or_nothing(results)
    return [_placed(result) for result in results]


def _waves(operations: Sequence[Operation]) -> Iterator[tuple[str, list[int]]]:
    """Sets of operations that may go together, in an order that keeps each record's own."""
    waves: dict[tuple[int, str], list[int]] = {}
    seen: dict[str, int] = {}
    for place, operation in enumerate(operations):
        turn = 0
        if operation.action != "create":
            turn = seen[operation.id] = seen.get(operation.id, -1) + 1
        waves.setdefault((turn, operation.action), []).append(place)
    for (_, action), places in sorted(waves.items()):
        yield action, places


def _all_or_nothing(results: Sequence[Result]) -> None:
    """Raise one problem that names the place of every refusal."""
    errors: list[FieldProblem] = []
    for place, result in enumerate(results):
        if result.problem is None:
            continue
        inner = placed(result.problem, pointer_to("operations", place, "values")).errors
        errors.extend(inner or [FieldProblem(pointer_to("operations", place), result.problem.code)])
    if errors:
        status = next(result.status for result in results if result.problem is not None)
        raise Problem(status, "batch_refused", errors=errors)


def _placed(result: Result) -> Result:
    """Pointers of a single operation point into it."""
    return result if result.problem is None else Result.refused(placed(result.problem, "/values"))


def _read(item: Any, pointer: str, faults: list[Fault]) -> Operation:
    action = item.get("action") if isinstance(item, dict) else None
    if not isinstance(action, str) or action not in _MEMBERS:
        faults.append(Fault(f"{pointer}/action", "unknown_batch_action"))
        return Operation("create")
    found = unknown_members(item, _MEMBERS[action], pointer)
    if action != "create" and not isinstance(item.get("id"), str):
        found.append(Fault(f"{pointer}/id", "required"))
    version = item.get("version")
    if version is not None and type(version) is not int:
        found.append(Fault(f"{pointer}/version", "not_integer"))
    if "values" in _MEMBERS[action] and "values" not in item:
        found.append(Fault(f"{pointer}/values", "required"))
    faults.extend(found)
    return Operation(action, item.get("id", ""), version, item.get("values")) if not found else Operation("create")

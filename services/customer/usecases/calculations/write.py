"""Write what was calculated: only what differs, as changes that nobody made.

The version grows, as listeners expect, but who changed a record last and when stays: a calculation is nobody's edit,
and it does not make the edit of somebody stale who has the record open (`versions`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from chassis.auth.principal import EVERYTHING, Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from services.customer.model.values.times import moment_text
from services.customer.store.record_type import Record, RecordType
from services.customer.store.search_entries import change_entries
from services.customer.usecases.calculations.values import apply_formulas, apply_rollups
from services.customer.usecases.history import CALCULATED, Change, remember

if TYPE_CHECKING:
    from chassis.service import Service

SYSTEM = Principal(kind="service", name="customer", policy_of=lambda _: EVERYTHING)
Group = tuple[list[Record], Collection[str] | None]


def keep_calculated(service: Service, uow: UnitOfWork, record_type: RecordType, groups: Iterable[Group], *,
                    lines: bool = True) -> int:
    """Calculate locked records and write those that differ; returns how many did.

    A group is records with the objects over which their roll-ups are counted anew: all of them when None.
    """
    changes: list[Change] = []
    for records, children in groups:
        after = [dict(record) for record in records]
        apply_rollups(service, uow.connection, record_type, after, children)
        apply_formulas(service, uow, record_type, after)
        changes += [change for pair in zip(records, after, strict=True) if (change := _change(record_type, *pair))]
    _update(uow, record_type, changes)
    change_entries(uow, record_type, [({**one.record, **one.before}, one.record) for one in changes])
    remember(uow, record_type, SYSTEM, changes, moment_text(utcnow()), lines=lines)
    return len(changes)


def _change(record_type: RecordType, before: Record, after: Record) -> Change | None:
    names = [name for name in record_type.calculated if before[name] != after[name]]
    if not names:
        return None
    after["version"] = before["version"] + 1
    return Change(CALCULATED, after, names, {name: before[name] for name in names})


def _update(uow: UnitOfWork, record_type: RecordType, changes: Sequence[Change]) -> None:
    groups: dict[frozenset[str], list[Record]] = {}
    for change in changes:
        groups.setdefault(frozenset({*change.changed, "version"}), []).append(change.record)
    for shape, records in groups.items():
        rows = [{**record_type.params(record, shape), "key": record["id"]} for record in records]
        uow.execute(record_type.update(shape), rows)

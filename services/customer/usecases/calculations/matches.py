"""Who has the values by which a record matches: due rows that name values become due rows of the records that match.

Rows with the same values are one question. A question that very many records answer is worked off some at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.criteria import Criterion
from chassis.db import UnitOfWork
from chassis.jsonio import loads
from services.customer.model.calculated.rollups import Rollup
from services.customer.store.calculations import add_due, advance_due, forget_due, ids_matching
from services.customer.store.record_type import RecordType
from services.customer.usecases.calculations.values import company_scope

if TYPE_CHECKING:
    from chassis.service import Service

_PIECE = 500


def spread_matches(service: Service, uow: UnitOfWork, record_type: RecordType, rows: Sequence[Any]) -> bool:
    """A row for every record that these match; tells whether there was anything to do."""
    groups: dict[tuple[str, str | None], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.matching, row.after), []).append(row)
    asked = _asked(service, record_type, groups)
    wanted = [(criterion, after) for (_, after), criterion in asked.items()]
    found = ids_matching(uow.connection, record_type, wanted, company_scope(service), _PIECE)
    for (key, _), ids in zip(asked.items(), found, strict=True):
        _hand_on(uow, groups.pop(key), ids)
    forget_due(uow, [row.id for group in groups.values() for row in group])
    return bool(rows)


def _asked(service: Service, record_type: RecordType, groups: Mapping[tuple[str, str | None], Sequence[Any]],
           ) -> dict[tuple[str, str | None], Criterion]:
    """The question of each group; what no record can meet, or a roll-up that is gone, asks none."""
    rollups = {(one.name, one.child): one for one in record_type.plan.rollups}
    asked = {}
    for key, rows in groups.items():
        about = loads(key[0])
        criterion = _criterion(service, rollups.get((about["rollup"], rows[0].child)), about["values"])
        if criterion is not None:
            asked[key] = criterion
    return asked


def _criterion(service: Service, rollup: Rollup | None, values: Mapping[str, Any]) -> Criterion | None:
    if rollup is None or rollup.match is None or not rollup.match.fields <= values.keys():
        return None  # of a definition that is gone; its successor is calculated by a job
    return rollup.match.records_of(values, service.directory.snapshot().departments_above, company_scope(service).zone)


def _hand_on(uow: UnitOfWork, rows: Sequence[Any], ids: Sequence[str]) -> None:
    add_due(uow, [{"object": rows[0].object, "key": id, "child": rows[0].child} for id in ids])
    if len(ids) < _PIECE:
        forget_due(uow, [row.id for row in rows])
    else:
        advance_due(uow, rows[0].id, ids[-1])
        forget_due(uow, [row.id for row in rows[1:]])

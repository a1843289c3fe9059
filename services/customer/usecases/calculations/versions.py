"""Who has seen a record before it was calculated anew has not seen an old one: only edits make an edit stale."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from chassis.db import UnitOfWork
from services.customer.store.record_type import Record
from services.customer.store.tables import record_change
from services.customer.usecases.history import CALCULATED


def stale_ones(uow: UnitOfWork, standing: Mapping[str, Record], seen: Mapping[str, int | None]) -> set[str]:
    """The ids of records that somebody has edited since the version that a caller has seen (None: any will do)."""
    newer = {one: version for one, version in seen.items()
             if version is not None and one in standing and version != standing[one]["version"]}
    if not newer:
        return set()
    table = record_change.c
    query = select(table.record_id, func.max(table.version)).where(
        table.record_id.in_(sorted(newer)), table.action != CALCULATED).group_by(table.record_id)
    edited = dict(uow.execute(query).all())
    return {one for one, version in newer.items()
            if version > standing[one]["version"] or version < edited.get(one, version + 1)}

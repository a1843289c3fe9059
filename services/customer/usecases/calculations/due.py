"""What a write leaves to be calculated elsewhere, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.db import UnitOfWork
from chassis.jsonio import dumps
from services.customer.model.calculated.rollups import Rollup
from services.customer.store.calculations import add_due
from services.customer.store.record_type import Record, RecordType

if TYPE_CHECKING:
    from services.customer.usecases.history import Change

Row = Mapping[str, Any]
Pair = tuple[Record, Record, frozenset[str]]  # before, after, what differs; a new or deleted record has one empty side
_DELETED, _CREATED = "deleted", "created"


def leave_due(uow: UnitOfWork, record_type: RecordType, changes: Sequence[Change]) -> None:
    """Leave a row for each record elsewhere that depends on what changed."""
    if record_type.plan.is_empty:
        return
    every = frozenset(record_type.members)
    pairs = [_pair(change, every) for change in changes]
    found = (*_parents(record_type, pairs), *_matching(record_type, pairs), *_watchers(record_type, pairs),
             *_own(record_type, pairs), *_matched(record_type, pairs))
    add_due(uow, list({tuple(sorted(row.items())): row for row in found}.values()))


def _pair(change: Change, every: frozenset[str]) -> Pair:
    if change.action == _CREATED:
        return {}, change.record, every
    if change.action == _DELETED:
        return change.record, {}, every
    return {**change.record, **change.before}, change.record, frozenset(change.changed)


def _parents(record_type: RecordType, pairs: Iterable[Pair]) -> Iterable[Row]:
    """The records that these count for, before and after."""
    for rollup in (one for one in record_type.plan.feeds if one.match is None):
        for before, after, changed in pairs:
            if changed.isdisjoint(rollup.reads):
                continue
            for side in (before, after):
                if (parent := side.get(rollup.reference)) is not None:
                    yield {"object": rollup.parent, "key": parent, "child": rollup.child}


def _matching(record_type: RecordType, pairs: Iterable[Pair]) -> Iterable[Row]:
    """By which values these match records, before and after.

    Who has these values is asked later: a record that is just being written by somebody else would not be found now.
    """
    for rollup in (one for one in record_type.plan.feeds if one.match is not None):
        scope = record_type.company_scope()
        for side in _sides(rollup, pairs):
            values = rollup.match.values_of(side) if rollup.counts(side, scope) else None
            if values is not None:
                yield {"object": rollup.parent, "key": side["id"], "child": rollup.child,
                       "matching": dumps({"rollup": rollup.name, "values": values})}


def _sides(rollup: Rollup, pairs: Iterable[Pair]) -> Iterable[Record]:
    """What a change that a roll-up reads has made of records: each as it was, and as it is."""
    return (side for before, after, changed in pairs if not changed.isdisjoint(rollup.reads)
            for side in (before, after) if side)


def _watchers(record_type: RecordType, pairs: Iterable[Pair]) -> Iterable[Row]:
    """The records that look at these along a path; nobody looks at a new one yet, nor at a deleted one any more."""
    for watcher in record_type.plan.watchers:
        for before, after, changed in pairs:
            if before and after and not changed.isdisjoint(watcher.fields):
                yield {"object": watcher.object, "path": ".".join(watcher.path), "key": after["id"]}


def _own(record_type: RecordType, pairs: Iterable[Pair]) -> Iterable[Row]:
    """The record itself when it points somewhere new: what it leads to may be changing at this moment."""
    links = {hop.field for hop in record_type.plan.hops if not hop.base}
    for _, after, changed in pairs:
        if any(after.get(link) for link in links & changed):
            yield {"object": record_type.name, "key": after["id"]}


def _matched(record_type: RecordType, pairs: Iterable[Pair]) -> Iterable[Row]:
    """The record itself when others match it now that did not before, or the other way round."""
    for rollup in (one for one in record_type.plan.rollups if one.match is not None):
        for _, after, changed in pairs:
            if after and not changed.isdisjoint(rollup.match.own):
                yield {"object": record_type.name, "key": after["id"], "child": rollup.child}

"""What keeps rules from acting twice, in circles, or in a storm.

Twice: a run is unique for its rule, its record and the record's version. Circles: each automatic change is one step
deeper than its cause, and no rule acts deeper than `MAX_DEPTH`. Storms: one rule acts on one record only so often
within a minute, whatever feeds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from chassis.db import UnitOfWork
from chassis.i18n import LOCALES
from services.workflow.model.texts import pick, said
from services.workflow.store.tables import rule_run
from services.workflow.usecases.judging import Firing

MAX_DEPTH = 8
WINDOW = timedelta(minutes=1)
_SLICE = 500
_CHAIN = 12

_RUN = rule_run.c
_KNOWN = select(_RUN.record_id, _RUN.rule_id, _RUN.record_version).where(
    _RUN.record_id.in_(bindparam("records", expanding=True)),
    _RUN.record_version.in_(bindparam("versions", expanding=True)))
_RECENT = select(_RUN.record_id, _RUN.rule_id, func.count()).where(
    _RUN.record_id.in_(bindparam("records", expanding=True)), _RUN.at > bindparam("since", type_=_RUN.at.type)
).group_by(_RUN.record_id, _RUN.rule_id)


def without_known(uow: UnitOfWork, firings: Sequence[Firing]) -> list[Firing]:
    """Return the firings that have no run yet."""
    known: set[tuple[str, str, int]] = set()
    for some in _slices(firings):
        rows = uow.execute(_KNOWN, {"records": sorted({firing.record_id for firing in some}),
                                    "versions": sorted({firing.change["version"] for firing in some})})
        known.update((record, rule, version) for record, rule, version in rows)
    return list({firing.key: firing for firing in firings if firing.key not in known}.values())


class Guard:
    """Tells which firings are stopped, and why."""

    def __init__(self, uow: UnitOfWork, firings: Sequence[Firing], now: datetime, storm_runs: int) -> None:
        self._uow, self._storm_runs = uow, storm_runs
        self._recent: Counter[tuple[str, str]] = Counter()
        for some in _slices([firing for firing in firings if firing.change["action"] != "created"]):
            for record, rule, count in uow.execute(_RECENT, {
                    "records": sorted({firing.record_id for firing in some}), "since": now - WINDOW}):
                self._recent[record, rule] = count

    def objection(self, firing: Firing) -> dict[str, str] | None:
        """Return why this firing must not act, by language, or None."""
        key = firing.record_id, firing.rule.rule.id
        self._recent[key] += 1
        if firing.message.depth > MAX_DEPTH:
            return said("stopped.depth", depth=firing.message.depth, limit=MAX_DEPTH, chain=self._chain(firing))
        if self._recent[key] > self._storm_runs:
            return said("stopped.storm", limit=self._storm_runs)
        return None

    def _chain(self, firing: Firing) -> dict[str, str]:
        """The rules that led here, oldest first, in each language."""
        rows = self._uow.execute(
            select(_RUN.rule_name).where(_RUN.record_id == firing.record_id,
                                         _RUN.request_id == firing.message.request_id)
            .order_by(_RUN.depth, _RUN.id).limit(_CHAIN)).scalars().all()
        names = [*rows, firing.rule.rule.name]
        return {locale: " → ".join(pick(name, locale) for name in names) for locale in LOCALES}


def _slices(firings: Sequence[Firing]) -> Iterator[Sequence[Firing]]:
    for start in range(0, len(firings), _SLICE):
        yield firings[start:start + _SLICE]

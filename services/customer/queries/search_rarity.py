"""Which grams of a question are worth asking the index for.

A piece of text that a third of all entries have takes the index long to gather and rules little out, and the texts have
the last word anyhow. PostgreSQL's statistics name the grams that most entries have (`most_common_elems`, which ANALYZE
keeps): those beside rarer ones are left out of the question. Where the frequent ones are all there are, what they have
in common can be so much that looking for it is no use (by Bonferroni: of shares p and q, at least p + q - 1 have both).
SQLite has no such statistics, nor a million customers: there every gram is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import Connection, text

_TELLING, _FEW, _FREQUENT = 6, 4, 0.25
_KEPT_SECONDS = 600.0
_STATISTICS = text("""
    SELECT common.gram, common.share, greatest(pg_class.reltuples, 0) AS entries
    FROM pg_stats JOIN pg_class ON pg_class.oid = to_regclass('search_entry')
    CROSS JOIN LATERAL unnest(CAST(CAST(most_common_elems AS text) AS integer[]), most_common_elem_freqs)
        AS common (gram, share)
    WHERE pg_stats.tablename = 'search_entry' AND pg_stats.attname = 'tokens' AND common.gram IS NOT NULL
""")


@dataclass(frozen=True)
class Rarity:
    """`shares`: gram → the share of entries that have it, for the most frequent ones; of how many entries."""

    shares: Mapping[int, float] = field(default_factory=dict)
    entries: float = 0.0

    def telling(self, grams: Sequence[int]) -> Sequence[int]:
        """Those to ask for: a few of the rare ones and, where these are few, the rarer ones of the others."""
        rare = [gram for gram in grams if gram not in self.shares]
        rare = rare[::max(1, -(-len(rare) // _TELLING))]
        others = sorted((share, gram) for gram in grams if (share := self.shares.get(gram)) and share <= _FREQUENT)
        return [*rare, *(gram for _, gram in others[:max(0, _FEW - len(rare))])] or grams

    def are_frequent(self, grams: Sequence[int]) -> bool:
        """Whether each of these is in so many entries that some will have them all."""
        return all(gram in self.shares for gram in grams)

    def rarest(self, grams: Sequence[int]) -> float:
        """How many entries have the rarest of these, as far as known: 0 when one is in few."""
        return min((self.shares.get(gram, 0.0) for gram in grams), default=0.0) * self.entries

    def surely(self, grams: Sequence[int], whose: Sequence[int] = ()) -> float:
        """How many entries have all of these, and one of `whose` when there are any, at the least."""
        shares = [self.shares.get(gram, 0.0) for gram in grams]
        if whose:
            shares.append(max(self.shares.get(gram, 0.0) for gram in whose))
        return max(0.0, sum(shares) - len(shares) + 1) * self.entries


class RarityBook:
    """What the database last said, asked anew after some minutes."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._known, self._until = Rarity(), 0.0

    def known(self, connection: Connection) -> Rarity:
        """The rarity of grams by now; whoever comes while it is read anew goes by the old one."""
        if connection.dialect.name == "sqlite" or self._clock() < self._until or not self._lock.acquire(blocking=False):
            return self._known
        try:
            rows = connection.execute(_STATISTICS).all()
            self._known = Rarity({row.gram: row.share for row in rows}, rows[0].entries if rows else 0.0)
            self._until = self._clock() + _KEPT_SECONDS
        finally:
            self._lock.release()
        return self._known

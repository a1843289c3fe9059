"""Questions to the search entries of one object: which numbers and texts are asked for, for whom.

What a statement looks like depends on few things (how many words, which scopes, which fields may be read), so it is
made once and remembered with the record type; the caller's ids and the words are its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select

from chassis.criteria import AnyOf, Clause
from chassis.criteria.resolve import members
from chassis.jsonio import dumps
from services.customer.model.search import grams
from services.customer.model.search.entries import END
from services.customer.model.search.questions import Way
from services.customer.queries.search_rarity import Rarity
from services.customer.queries.search_statements import (
    Form,
    answering_statement,
    having_statement,
    like_statement,
    newest_statement,
)
from services.customer.usecases.access import Access

Ranks = dict[str, int]
GramSets = Sequence[Sequence[str]]
_GRAMS_OF = {"owner_id": grams.owner_gram, "department_id": grams.department_gram}
_MOST_IDS = 300
_MOST_COMMON = 20_000
_REMEMBERED = 200


def answering(connection: Connection, accesses: Sequence[Access], sets: GramSets, rarity: Rarity) -> list[Access]:
    """Those of the objects in which some entry seems to have all grams of one of the sets, whoever may see it: one
    question instead of one to each object, most of which have nothing to say."""
    sqlite = connection.dialect.name == "sqlite"
    asked = [rarity.telling(grams.tokens(access.record_type.name, one)) for access in accesses for one in sets]
    known = {place // len(sets) for place, one in enumerate(asked) if rarity.are_frequent(one)}
    open_ = [place for place in range(len(asked)) if place // len(sets) not in known]
    sought = [asked[place] for place in open_]
    found = connection.execute(answering_statement(sqlite), {
        "asked": dumps([" AND ".join(_quoted(one)) for one in sought]) if sqlite else list(map(_array, sought))})
    return [accesses[number] for number in sorted(known | {open_[place] // len(sets) for place in found.scalars()})]


def like(connection: Connection, object_name: str, sets: GramSets, rarity: Rarity, most: int) -> list[str]:
    """Ids of records whose entries have all grams of one of the sets, whoever may see them: at most so many of each, in
    the order of the sets. A set of nothing but frequent grams is left out: what it finds first says nothing."""
    every = [grams.tokens(object_name, one) for one in sets]
    asked = [rarity.telling(one) for one in every if rarity.rarest(one) < _MOST_COMMON]
    if not asked:
        return []
    sqlite = connection.dialect.name == "sqlite"
    statement = like_statement(sqlite)
    if not sqlite:
        rows = connection.execute(statement, {"asked": list(map(_array, asked)), "most": most}).all()
        return list(dict.fromkeys(id for _, id in sorted(rows, key=lambda row: row[0])))
    return list(dict.fromkeys(row[1] for place, one in enumerate(asked) for row in connection.execute(
        statement, {"asked": place, "sought": " AND ".join(_quoted(one)), "most": most})))


class SearchIndex:
    """One caller's question to one object; answers are id → rank, at most `most` of them, the best first.

    `granted` asks for what was shared with him beside his scopes, which no gram tells.
    """

    def __init__(self, connection: Connection, access: Access, ways: Sequence[Way], most: int, rarity: Rarity, *,
                 granted: bool = False) -> None:
        self._connection, self._access, self._rarity, self._granted = connection, access, rarity, granted
        self._sqlite = connection.dialect.name == "sqlite"
        self._whose = None if granted else whose(access)
        self._words = tuple(len(way.words) for way in ways)
        self._params: dict[str, Any] = {"most": most}
        for number, way in enumerate(ways):
            self._params |= {f"whole_{number}": f"{END}{way.phrase}{END}", f"beginning_{number}": END + way.phrase,
                             f"phrase_{number}": way.phrase}
            self._params |= {f"word_{number}_{place}": word for place, word in enumerate(way.words)}
        self._params |= {f"of_{member}": list(ids) for member, ids in (self._whose or {}).items()}

    def is_broad(self, sets: GramSets, candidates: int) -> bool:
        """Whether far more entries than `candidates` have all grams of one of the sets: looking at some is no use."""
        name, scope = self._access.record_type.name, self._scope()
        return any(self._rarity.surely(grams.tokens(name, one), scope) > 2 * candidates for one in sets)

    def having(self, sets: GramSets, candidates: int) -> tuple[int, Ranks]:
        """Hits among the entries that have all grams of one of the sets, and how many entries were looked at."""
        statement = self._statement(having_statement, len(sets))
        params = self._params | self._sought(sets) | {"looked_at": candidates}
        rows = self._connection.execute(statement, params).all()
        return rows[0].seen, {row.id: row.rank for row in rows if row.id is not None}

    def newest(self, looked_at: int) -> Ranks:
        """Hits among the newest records that the caller sees."""
        statement = self._statement(newest_statement, 0)
        rows = self._connection.execute(statement, self._params | {"looked_at": looked_at})
        return {row.id: row.rank for row in rows}

    def _statement(self, make: Any, sets: int) -> Select[Any]:
        known, members_of = self._access.record_type.searches, None if self._whose is None else tuple(self._whose)
        key = (make, self._words, sets, members_of, id(self._access.shape))
        statement = known.get(key)
        if statement is None:
            statement = make(Form(self._access, self._sqlite, self._words, sets, members_of, self._granted))
            if members_of is not None and len(known) < _REMEMBERED:
                known[key] = statement
        return statement

    def _sought(self, sets: GramSets) -> dict[str, Any]:
        """The numbers to look for, in the words of the database."""
        name = self._access.record_type.name
        asked = [self._rarity.telling(grams.tokens(name, one)) for one in sets]
        scope = self._scope()
        if not self._sqlite:
            return {f"sought_{number}": one for number, one in enumerate(asked)} | {"scope": scope}
        words = " OR ".join(f"({' AND '.join(_quoted(one))})" for one in asked)
        return {"sought": f"({words}) AND ({' OR '.join(_quoted(scope))})" if scope else words}

    def _scope(self) -> Sequence[int]:
        """The numbers of whose records the caller sees; none when that is no matter of numbers."""
        whose = [_GRAMS_OF[member](id) for member, ids in (self._whose or {}).items() for id in ids]
        return grams.tokens(self._access.record_type.name, whose)


def whose(access: Access) -> Mapping[str, Sequence[str]] | None:
    """Member → ids one of which each visible record has there; empty when the caller sees everything, None when
    something else decides."""
    criterion = access.shape.scope
    if criterion is None:
        return {}
    found: dict[str, list[str]] = {}
    for clause in criterion.parts if isinstance(criterion, AnyOf) else ():
        if not isinstance(clause, Clause) or clause.field not in _GRAMS_OF or clause.op not in ("eq", "under"):
            return None
        found.setdefault(clause.field, []).extend(members(clause, access.scope))
    return found if found and sum(map(len, found.values())) <= _MOST_IDS else None


def _array(numbers: Sequence[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


def _quoted(numbers: Sequence[int]) -> list[str]:
    return [f'"{number}"' for number in numbers]

"""The statements of the search, in the words of each database.

PostgreSQL: `tokens @> {…}` and `tokens && {scope}` on a GIN index over integers, which needs no extension. SQLite: the
same numbers as words of an FTS5 index. Both give entries; those are joined with the records that the caller sees, and
their texts are compared, ranked and cut to a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    TextClause,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
    true,
    union,
)

from services.customer.model.search.entries import END, FIELD, mark_of
from services.customer.store.tables import search_entry
from services.customer.usecases.access import Access

_FTS = table("search_words", column("rowid"))
_FTS_ID = column("fts_id", _selectable=search_entry)


_ANSWERING = {
    False: text("""
        SELECT asked.place - 1 FROM unnest(CAST(:asked AS text[])) WITH ORDINALITY AS asked (sought, place)
        WHERE EXISTS (WITH entries AS MATERIALIZED (
            SELECT 1 FROM search_entry WHERE tokens @> CAST(asked.sought AS integer[])) SELECT 1 FROM entries)"""),
    True: text("""
        SELECT asked.key FROM json_each(:asked) AS asked
        WHERE EXISTS (SELECT 1 FROM search_words WHERE search_words MATCH asked.value)"""),
}
_LIKE = {
    False: text("""
        SELECT asked.place - 1, found.record_id
        FROM unnest(CAST(:asked AS text[])) WITH ORDINALITY AS asked (sought, place) CROSS JOIN LATERAL (
            WITH entries AS MATERIALIZED (
                SELECT record_id FROM search_entry WHERE tokens @> CAST(asked.sought AS integer[]))
            SELECT record_id FROM entries LIMIT :most) AS found"""),
    True: text("""
        SELECT :asked, record_id FROM search_words JOIN search_entry ON fts_id = search_words.rowid
        WHERE search_words MATCH :sought LIMIT :most"""),
}


class Form(NamedTuple):
    """What a statement depends on: `words` of each way, `sets` of grams, `whose` members decide what is visible;
    `granted`: only what the caller sees by a grant."""

    access: Access
    sqlite: bool
    words: Sequence[int]
    sets: int
    whose: Sequence[str] | None
    granted: bool = False


def answering_statement(sqlite: bool) -> TextClause:
    """The places in `asked`, a list of sets of numbers, of those that some entry has.

    PostgreSQL plans what is materialized as if it wanted all of it, that is by the index, and stops at the first row;
    a plain EXISTS would be planned as a walk through the table which soon meets one, and there may be none.
    """
    return _ANSWERING[sqlite]


def like_statement(sqlite: bool) -> TextClause:
    """The place of each set of numbers in `asked`, with records whose entries have all of them, at most so many of
    each; on SQLite of the one set `sought`."""
    return _LIKE[sqlite]


def having_statement(form: Form) -> Select[Any]:
    """How many entries have the grams, beside the best hits among them; one row without a hit when there is none.

    PostgreSQL plans what is materialized as if it wanted all of it, that is by the index, and stops where it may; with
    the limit inside it would walk through the table in the hope of meeting enough soon.
    """
    records = form.access.record_type.table
    having = _entries_having(form)
    if not form.sqlite:
        having = select(having.cte("having").prefix_with("MATERIALIZED"))
    entries = having.limit(bindparam("looked_at")).cte("entries")
    joined = select(records.c.id, entries.c.title, entries.c.rest).join_from(
        entries, records, records.c.id == entries.c.record_id)
    best = _best(form, joined.where(*_visible(form)).subquery("visible")).subquery("best")
    seen = select(func.count().label("seen")).select_from(entries).subquery("seen")
    return select(seen.c.seen, best).join_from(seen, best, true(), isouter=True)


def newest_statement(form: Form) -> Select[Any]:
    """The best hits among the newest records."""
    some = _newest(form).subquery("newest")
    joined = select(some.c.id, search_entry.c.title, search_entry.c.rest).join_from(
        some, search_entry, search_entry.c.record_id == some.c.id)
    return _best(form, joined.subquery("visible"))


def _newest(form: Form) -> Select[Any]:
    """The newest records; by grants the newest of each way, with the index that serves it, and of these the newest."""
    records = form.access.record_type.table.c
    ways = form.access.granted_ways() if form.granted else []
    if not ways:
        return _first(select(records.id, records.created_at).where(*_visible(form)), records)
    parts = [_first(select(records.id, records.created_at).where(way), records).subquery() for way in ways]
    found = union(*(select(part) for part in parts)).subquery()
    return _first(select(found.c.id, found.c.created_at), found.c)


def _first(query: Select[Any], columns: Any) -> Select[Any]:
    return query.order_by(columns.created_at.desc(), columns.id.desc()).limit(bindparam("looked_at"))


def _visible(form: Form) -> list[ColumnElement[bool]]:
    if form.granted:
        return [form.access.granted()]
    if form.whose is None:
        condition = form.access.where()
        return [] if condition is None else [condition]
    columns = form.access.record_type.table.c
    theirs = [columns[member].in_(bindparam(f"of_{member}", expanding=True)) for member in form.whose]
    return [or_(*theirs)] if theirs else []


def _entries_having(form: Form) -> Select[Any]:
    entries = select(search_entry.c.record_id, search_entry.c.title, search_entry.c.rest)
    if form.sqlite:
        return entries.join(_FTS, _FTS.c.rowid == _FTS_ID).where(text("search_words MATCH :sought"))
    tokens = search_entry.c.tokens
    scope = [tokens.bool_op("&&")(bindparam("scope", type_=ARRAY(Integer)))] if form.whose else []
    return entries.where(or_(*[
        and_(tokens.bool_op("@>")(bindparam(f"sought_{number}", type_=ARRAY(Integer))), *scope)
        for number in range(form.sets)]))


def _best(form: Form, entries: Subquery) -> Select[Any]:
    title, rest = _texts(form, entries)
    found = or_(*[and_(*[or_(_in(form, title, f"word_{way}_{place}"), _in(form, rest, f"word_{way}_{place}"))
                         for place in range(count)]) for way, count in enumerate(form.words)])
    rank = _rank(form, title, rest).label("rank")
    return select(entries.c.id, rank).where(found).order_by(rank, entries.c.id.desc()).limit(bindparam("most"))


def _rank(form: Form, title: ColumnElement[str], rest: ColumnElement[str]) -> ColumnElement[int]:
    """Equal before beginning before within; in each the title before other fields; words apart come last."""
    places = [(name, where) for name in ("whole", "beginning", "phrase") for where in (title, rest)]
    return case(*[(or_(*[_in(form, where, f"{name}_{way}") for way in range(len(form.words))]), number)
                  for number, (name, where) in enumerate(places)], else_=len(places))


def _in(form: Form, where: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    return (func.instr if form.sqlite else func.strpos)(where, bindparam(parameter, type_=where.type)) > 0


def _texts(form: Form, entries: Subquery) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The texts of title and other fields, as far as the caller may read them."""
    readable, record_type = form.access.shape.readable, form.access.record_type
    if form.granted:
        readable -= form.access.masked_in_pools
    title_field = record_type.definition.title_field
    title = entries.c.title if title_field in readable else literal("")
    others = [field.name for field in record_type.searched if field.name != title_field]
    if readable.issuperset(others):
        return title, entries.c.rest
    rest: ColumnElement[str] = literal("")
    for name in others:
        if name in readable:
            rest = rest + _part(form, entries.c.rest, name)
    return title, rest


def _part(form: Form, rest: ColumnElement[str], name: str) -> ColumnElement[str]:
    """The texts of one field, from the mark before its first text."""
    mark = mark_of(name)
    if not form.sqlite:
        return literal(END) + func.split_part(func.split_part(rest, mark, 2), FIELD, 1)
    behind = func.substr(rest, func.instr(rest, mark) + len(mark))
    inside = func.substr(behind, 1, func.instr(behind + literal(FIELD), literal(FIELD)) - 1)
    return case((func.instr(rest, mark) > 0, literal(END) + inside), else_="")

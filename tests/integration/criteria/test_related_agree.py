"""Conditions over related records: the predicate, SQLite, PostgreSQL and DuckDB give the same answer.

Records refer to records of their own table, some of which are gone; paths and groups lead up to two steps away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import FromClause, create_engine

from chassis.criteria import (
    ObjectFields,
    RecordsAround,
    RelatedTable,
    Relation,
    Scope,
    parse,
    to_json,
    to_predicate,
    to_sql,
)
from tests.integration.criteria.tables import (
    COLUMNS,
    TABLE,
    BackEnd,
    DuckDBBackEnd,
    SqlAlchemyBackEnd,
    sqlite_engine,
    to_row,
)
from tests.integration.criteria.world import FIELDS, IDS, criteria, on_the_wire, record, scopes

EXAMPLES = 60
GROUP, PATH = "customer.customer_id", "customer_id"
SOME = Scope(datetime(2026, 1, 1, tzinfo=UTC))


def fields() -> ObjectFields:
    known = {PATH: Relation("customer", fields), GROUP: Relation("customer", fields)}
    return ObjectFields(FIELDS, known.get)


def table(_object: str) -> RelatedTable:
    alias: FromClause = TABLE.alias()
    return RelatedTable(alias, {name: alias.c[column.name] for name, column in COLUMNS.items()})


@pytest.fixture(scope="module")
def back_ends(make_postgres_database: Callable[[str], str]) -> Iterator[dict[str, BackEnd]]:
    engines = {"sqlite": sqlite_engine(), "postgresql": create_engine(make_postgres_database("related"))}
    duck = DuckDBBackEnd()
    yield {name: SqlAlchemyBackEnd(engine) for name, engine in engines.items()} | {"duckdb": duck}
    duck.connection.close()
    for engine in engines.values():
        engine.dispose()


@st.composite
def related(draw: st.DrawFn, scope: Scope, hops: int = 2) -> dict[str, Any]:
    """A path or a group, perhaps with another one inside."""
    if draw(st.booleans()):
        steps = draw(st.integers(1, hops))
        inner = draw(criteria(scope, 0))
        return {**inner, "field": ".".join([PATH] * steps + [inner["field"]])}
    op = draw(st.sampled_from(("some", "none", "at_least")))
    deeper = [related(scope, hops - 1)] if hops > 1 else []
    where = draw(st.one_of(criteria(scope, 1), *deeper))
    return {"related": GROUP, "op": op, "where": where} | (
        {"value": draw(st.integers(1, 3))} if op == "at_least" else {})


def test_related_records_are_judged_alike_by_the_predicate_and_all_databases(back_ends: dict[str, BackEnd]) -> None:
    seen = {True: 0, False: 0}

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), scope=scopes(), random=st.randoms(use_true_random=True))
    def agree(data: st.DataObject, scope: Scope, random: Random) -> None:
        records = {id: record(random, scope) for id in random.sample(IDS[:10], 7)}
        for one in records.values():
            one["customer_id"] = random.choice([None, *IDS[:6]])
        wire = [on_the_wire(one) | {"id": id} for id, one in records.items()]
        asking = replace(scope, tables=table, around=RecordsAround({"customer": wire}))
        parsed = [parse(data.draw(related(scope)), fields()) for _ in range(6)]
        assert [parse(to_json(one), fields()) for one in parsed] == parsed
        expected = {one["id"]: [to_predicate(each)(one, asking) for each in parsed] for one in wire}
        rows = [to_row(id, one) for id, one in records.items()]
        conditions = [to_sql(one, COLUMNS, asking) for one in parsed]
        for name, back_end in back_ends.items():
            assert back_end.judge(rows, conditions) == expected, name
        for answers in expected.values():
            for answer in answers:
                seen[answer] += 1

    agree()
    assert min(seen.values()) > sum(seen.values()) / 10, "the cases are true and false often enough to mean something"


def test_a_record_that_is_gone_or_was_never_named_has_no_values(back_ends: dict[str, BackEnd]) -> None:
    empty = dict.fromkeys(FIELDS)
    records = {IDS[0]: empty | {"name": "华为技术", "customer_id": IDS[0]}, IDS[1]: empty | {"customer_id": IDS[5]},
               IDS[2]: empty | {"customer_id": IDS[0]}, IDS[3]: empty}
    asked = [{"field": "customer_id.name", "op": "contains", "value": "为技"},
             {"field": "customer_id.name", "op": "ne", "value": "华为技术"},
             {"field": "customer_id.name", "op": "is_empty"},
             {"related": GROUP, "op": "some"}, {"related": GROUP, "op": "at_least", "value": 2},
             {"related": GROUP, "op": "none"}]
    conditions = [to_sql(parse(one, fields()), COLUMNS, replace(SOME, tables=table)) for one in asked]
    expected = {IDS[0]: [True, False, False, True, True, False], IDS[1]: [False, True, True, False, False, True],
                IDS[2]: [True, False, False, False, False, True], IDS[3]: [False, True, True, False, False, True]}
    for name, back_end in back_ends.items():
        assert back_end.judge([to_row(id, one) for id, one in records.items()], conditions) == expected, name


"""The property that carries lists, rules, permissions and reports: every back end gives the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from chassis.criteria import OPERATORS, Criterion, Scope, parse, to_json, to_predicate, to_sql
from tests.integration.criteria.tables import COLUMNS, BackEnd, DuckDBBackEnd, SqlAlchemyBackEnd, sqlite_engine, to_row
from tests.integration.criteria.world import CHOICES, FIELDS, IDS, PATHS, clause, criteria, on_the_wire, record, scopes

EXAMPLES_PER_FIELD = 10
RECORDS = 14


@pytest.fixture(scope="module")
def back_ends(make_postgres_database: Callable[[str], str]) -> Iterator[dict[str, BackEnd]]:
    engines = {"sqlite": sqlite_engine(), "postgresql": create_engine(make_postgres_database("criteria"))}
    duck = DuckDBBackEnd()
    yield {name: SqlAlchemyBackEnd(engine) for name, engine in engines.items()} | {"duckdb": duck}
    duck.connection.close()
    for engine in engines.values():
        engine.dispose()


@dataclass
class Comparison:
    """Compares the back ends case by case (a criterion judged on a record) and counts."""

    back_ends: dict[str, BackEnd]
    cases: Counter[str] = field(default_factory=Counter)
    true: int = 0

    def compare(self, criteria: list[Criterion], records: dict[str, dict[str, Any]], scope: Scope) -> None:
        predicates = [to_predicate(one) for one in criteria]
        expected = {
            identity: [predicate(on_the_wire(record) | {"id": identity}, scope) for predicate in predicates]
            for identity, record in records.items()
        }
        rows = [to_row(identity, record) for identity, record in records.items()]
        conditions = [to_sql(one, COLUMNS, scope) for one in criteria]
        for name, back_end in self.back_ends.items():
            assert back_end.judge(rows, conditions) == expected, name
            self.cases[name] += len(rows) * len(criteria)
        self.true += sum(map(sum, expected.values()))


def test_predicate_and_all_databases_agree_on_20000_generated_cases(back_ends: dict[str, BackEnd]) -> None:
    comparison = Comparison(back_ends)
    for path in PATHS:
        _agree_on(path, comparison)
    assert set(comparison.cases) == {"sqlite", "postgresql", "duckdb"}
    assert min(comparison.cases.values()) >= 20_000
    assert 0.1 < comparison.true / comparison.cases["sqlite"] < 0.9


def _agree_on(path: str, comparison: Comparison) -> None:
    """Every operator of one field, and mixed criteria besides, on generated records."""

    @settings(max_examples=EXAMPLES_PER_FIELD, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), scope=scopes(), random=st.randoms(use_true_random=True))
    def agree(data: st.DataObject, scope: Scope, random: Random) -> None:
        records = {identity: record(random, scope) for identity in IDS[:RECORDS]}
        written = [data.draw(clause(scope, path, op)) for op in sorted(OPERATORS[PATHS[path]])]
        written += data.draw(st.lists(criteria(scope), min_size=2, max_size=2))
        comparison.compare([_parsed(one) for one in written], records, scope)

    agree()


def test_every_cased_character_is_found_alike(back_ends: dict[str, BackEnd]) -> None:
    cased = [char for char in map(chr, range(0x21, 0x1F000)) if len({char, char.lower(), char.upper()}) > 1]
    empty = dict.fromkeys(FIELDS)
    records = {str(UUID(int=number)): empty | {"name": f"x{char}y"} for number, char in enumerate(cased)}
    needles = {*cased[::41], *"kKsSiIßσς", "\u0130", "\u0131", "\u017f", "\u212a", "\u212b", "ｆ", "𐐨"}
    written = [{"field": "name", "op": "contains", "value": needle} for needle in sorted(needles)]
    assert len(cased) > 2500
    Comparison(back_ends).compare([parse(one, FIELDS) for one in written], records, Scope(datetime.now(UTC)))


def test_the_largest_criterion_is_accepted_by_every_database(back_ends: dict[str, BackEnd]) -> None:
    lists = [{"field": "quantity", "op": "in", "value": list(range(n, n + 500))} for n in range(9)]
    texts = [{"field": "name", "op": "contains", "value": "%ÄΣж" * 500} for _ in range(45)]
    choices = [{"field": "tags", "op": "has_any", "value": list(CHOICES)} for _ in range(46)]
    deep: dict[str, Any] = {"all": [*texts, *choices, *lists]}
    for _ in range(6):
        deep = {"not": deep}
    records = {IDS[0]: record(Random(1), Scope(datetime.now(UTC)))}
    Comparison(back_ends).compare([_parsed(deep)] * 2, records, Scope(datetime.now(UTC)))


def _parsed(written: dict[str, object]) -> Criterion:
    criterion = parse(written, FIELDS)
    assert parse(to_json(criterion), FIELDS) == criterion
    return criterion

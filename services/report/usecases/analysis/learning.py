"""What is learned, by the kind of an analysis: from the read model to a card, parameters and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.criteria import render_duckdb
from services.report.model.analysis import customers
from services.report.model.analysis.customers import QUARTER, Customer
from services.report.model.analysis.mapping import VALUE, ValueMapping
from services.report.queries.analysis.facts import customers_statement, read_customer
from services.report.queries.answering import Asking
from services.report.store.read_model.scores import Score

_AT_ONCE = 5000


@dataclass
class Learned:
    """What came out; with `too_little` nothing else."""

    too_little: dict[str, Any] | None = None
    card: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    scores: Iterable[Score] = field(default_factory=tuple)


def learn_value(at: Asking, mapping: ValueMapping) -> Learned:
    """The value of customers: fitted on a sample, told of all."""
    today = at.company_today
    sample = [read_customer(row) for row in at.rows(
        customers_statement(mapping, at.money, today, today - QUARTER, sample=True))]
    little = customers.too_little(sample, today)
    if little is not None:
        return Learned(too_little=little)
    models = customers.fit([one.now for one in sample], today)
    card = {"currency": at.view.base if mapping.amount is not None and mapping.amount.field.kind == "money" else None,
            "months": mapping.months, "sample": len(sample), "check": customers.check(sample, today)}
    scores = (_value_score(customers.foretell(models, one, today, mapping.months))
              for one in _everybody(at, mapping))
    return Learned(card=card, parameters=customers.parameters(models, sample), scores=scores)


def _everybody(at: Asking, mapping: ValueMapping) -> Iterator[Customer]:
    """All customers, some thousands at a time."""
    today = at.company_today
    found = at.cursor.execute(*render_duckdb(customers_statement(mapping, at.money, today, today - QUARTER)))
    while rows := found.fetchmany(_AT_ONCE):
        yield from (read_customer(row) for row in rows)


def _value_score(value: customers.Value) -> Score:
    return Score(value.id, value.alive, value.amount, value.next_on, value.details)


LEARNERS: Mapping[str, Callable[[Asking, Any], Learned]] = {VALUE: learn_value}

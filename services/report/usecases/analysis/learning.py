"""What is learned, by the kind of an analysis: from the read model to a card, parameters and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.criteria import render_duckdb
from services.report.model.analysis import customers, deals
from services.report.model.analysis.customers import QUARTER, Customer
from services.report.model.analysis.deals import Deal, WinModel
from services.report.model.analysis.mapping import VALUE, WIN, ValueMapping, WinMapping
from services.report.queries.analysis.facts import customers_statement, deals_statement, read_customer, read_deal
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


def learn_win(at: Asking, mapping: WinMapping) -> Learned:
    """The chances of open deals, learned from those that have ended."""
    ended = [read_deal(row) for row in at.rows(deals_statement(mapping, at.money, ended=True))]
    little = deals.too_few(ended)
    if little is not None:
        return Learned(too_little=little)
    model = deals.learn(ended)
    won = sum(deal.won for deal in ended)
    card = {"currency": at.view.base if mapping.amount is not None and mapping.amount.field.kind == "money" else None,
            "sample": len(ended), "won": won, "check": deals.check(ended, at.company_today)}
    return Learned(card=card, parameters=_win_parameters(model, mapping),
                   scores=(_win_score(model, mapping, deal) for deal in _open_deals(at, mapping)))


def _open_deals(at: Asking, mapping: WinMapping) -> Iterator[Deal]:
    found = at.cursor.execute(*render_duckdb(deals_statement(mapping, at.money, ended=False)))
    while rows := found.fetchmany(_AT_ONCE):
        yield from (read_deal(row) for row in rows)


def _win_score(model: WinModel, mapping: WinMapping, deal: Deal) -> Score:
    chance = model.chance(deal)
    reasons = [{"field": mapping.features[one.field].name, "value": one.value, "weight": round(one.weight, 3)}
               for one in model.reasons(deal)]
    return Score(deal.id, chance, None if deal.amount is None else chance * deal.amount, None, {"reasons": reasons})


def _win_parameters(model: WinModel, mapping: WinMapping) -> dict[str, Any]:
    """The weights, by field and value."""
    weights = [{"field": mapping.features[number].name, "value": value, "weight": round(weight, 4)}
               for (number, value), weight in zip(model.columns.of, model.weights.values[1:], strict=True)]
    return {"constant": round(model.weights.values[0], 4), "slope": round(model.weights.slope, 4),
            "shift": round(model.weights.shift, 4), "weights": weights}


LEARNERS: Mapping[str, Callable[[Asking, Any], Learned]] = {VALUE: learn_value, WIN: learn_win}

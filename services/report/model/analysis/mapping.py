"""Which objects and fields an analysis looks at, read against what somebody may see.

No name of an object is known here: what is a customer, an order or a deal stands in the analysis. For training it is
read with everybody's rights, for a viewer with his own; a field that he may not read is as unknown as one that is not
there, and then nothing that was learned from it is for him.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.criteria import Criterion
from chassis.criteria.fields import NUMBER_KINDS, TEMPORAL_KINDS
from chassis.http.problem import FieldProblem, invalid
from services.report.model.access import Access, Place
from services.report.model.measures import read_criterion

VALUE, WIN, FORECAST, BASKET = KINDS = ("value", "win", "forecast", "basket")
TRAINED = (VALUE, WIN)
AMOUNTS = frozenset({"money"}) | NUMBER_KINDS
FEATURES = frozenset({"choice", "boolean", "user", "department"}) | AMOUNTS
AccessOf = Callable[[str, str], Access]  # object, pointer


@dataclass(frozen=True)
class ValueMapping:
    """Customers by what they buy: `orders` have the customer, the day and the amount."""

    scored: Access
    orders: Access
    customer: Place
    day: Place
    amount: Place | None
    criterion: Criterion | None
    months: int


@dataclass(frozen=True)
class WinMapping:
    """Deals by whether they are won."""

    scored: Access
    stage: Place
    won: Sequence[str]
    lost: Sequence[str]
    closed: Place
    amount: Place | None
    features: Sequence[Place]
    criterion: Criterion | None


@dataclass(frozen=True)
class ForecastMapping:
    """Records over time; without an amount they are counted."""

    facts: Access
    day: Place
    amount: Place | None
    criterion: Criterion | None
    months: int


@dataclass(frozen=True)
class BasketMapping:
    """Lines: what stands together in one basket."""

    lines: Access
    basket: Place
    item: Place
    criterion: Criterion | None


AnyMapping = ValueMapping | WinMapping | ForecastMapping | BasketMapping


def read_mapping(kind: str, asked: Mapping[str, Any], access_of: AccessOf) -> AnyMapping:
    """The mapping of an analysis; raises 403 or 422 for what the viewer may not read or what is not there."""
    return _READERS[kind](asked, access_of)


def _value(asked: Mapping[str, Any], access_of: AccessOf) -> ValueMapping:
    scored, orders = access_of(asked["object"], "/mapping/object"), access_of(asked["orders"], "/mapping/orders")
    customer = _place(orders, asked["customer"], "/mapping/customer", {"reference"})
    if customer.described.target != scored.model.name:
        raise invalid(FieldProblem("/mapping/customer", "other_object", {"object": scored.model.name}))
    scored.speaks_of_masked()
    return ValueMapping(scored, orders, customer, _place(orders, asked["date"], "/mapping/date", TEMPORAL_KINDS),
                        _amount(orders, asked), _criterion(orders, asked), asked["months"])


def _win(asked: Mapping[str, Any], access_of: AccessOf) -> WinMapping:
    scored = access_of(asked["object"], "/mapping/object")
    stage = _place(scored, asked["stage"], "/mapping/stage", {"choice"})
    if stage.path:  # the end of a deal is the deal's own
        raise invalid(FieldProblem("/mapping/stage", "unknown_field"))
    known = {choice["value"] for choice in stage.described.choices}
    for member in ("won", "lost"):
        for place, value in enumerate(asked[member]):
            if value not in known:
                raise invalid(FieldProblem(f"/mapping/{member}/{place}", "not_a_choice"))
    features = tuple(_place(scored, name, f"/mapping/fields/{place}", FEATURES)
                     for place, name in enumerate(asked["fields"]))
    closed = _place(scored, asked["date"], "/mapping/date", TEMPORAL_KINDS)
    scored.speaks_of_masked()
    return WinMapping(scored, stage, asked["won"], asked["lost"], closed, _amount(scored, asked), features,
                      _criterion(scored, asked))


def _forecast(asked: Mapping[str, Any], access_of: AccessOf) -> ForecastMapping:
    facts = access_of(asked["object"], "/mapping/object")
    return ForecastMapping(facts, _place(facts, asked["date"], "/mapping/date", TEMPORAL_KINDS), _amount(facts, asked),
                           _criterion(facts, asked), asked["months"])


def _basket(asked: Mapping[str, Any], access_of: AccessOf) -> BasketMapping:
    lines = access_of(asked["object"], "/mapping/object")
    return BasketMapping(lines, _place(lines, asked["basket"], "/mapping/basket", {"reference"}),
                         _place(lines, asked["item"], "/mapping/item", {"reference", "choice"}),
                         _criterion(lines, asked))


_READERS: Mapping[str, Callable[[Mapping[str, Any], AccessOf], AnyMapping]] = {
    VALUE: _value, WIN: _win, FORECAST: _forecast, BASKET: _basket}


def _place(access: Access, name: str, pointer: str, kinds: frozenset[str] | set[str]) -> Place:
    place = access.place(name)
    if place is None:
        raise invalid(FieldProblem(pointer, "unknown_field"))
    if place.field.kind not in kinds:
        raise invalid(FieldProblem(pointer, "kind_not_usable", {"kind": place.field.kind}))
    return place


def _amount(access: Access, asked: Mapping[str, Any]) -> Place | None:
    name = asked.get("amount")
    return None if name is None else _place(access, name, "/mapping/amount", AMOUNTS)


def _criterion(access: Access, asked: Mapping[str, Any]) -> Criterion | None:
    return read_criterion(access, asked.get("criteria"), "/mapping/criteria")

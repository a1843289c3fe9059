"""What a formula may speak of: the types of values, and the fields that a record has.

| kind | value while a formula is worked out |
|---|---|
| number | Decimal; whole numbers, decimals and percentages alike (35% is 0.35) |
| money | Money(amount, currency) |
| text, choice | str; "" and no value are the same |
| date, datetime | date; aware datetime |
| boolean | bool |
| link | str, the id of a person, a department or a record |
| list | list of one of these, or of records |
| record | dict in wire form |

A missing value is None in every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from chassis.formulas.messages import KINDS


class Money(NamedTuple):
    """An amount in a currency."""

    amount: Decimal
    currency: str | None


@dataclass(frozen=True)
class Type:
    """The type of a value. `reads` is the type of the field that it comes from, for values still in wire form.

    `currency` is known for money of a field; `choices` limits what a choice may be compared with; `target` is the
    object that a link or a list of records leads to; `item` is what a list holds.
    """

    kind: str
    reads: str | None = None
    currency: str | None = None
    choices: tuple[str, ...] | None = None
    target: str | None = None
    item: Type | None = None

    def name(self, locale: str) -> str:
        """The type as people call it."""
        return KINDS[self.kind].get(locale, KINDS[self.kind]["en"])

    @property
    def is_text(self) -> bool:
        """Whether it is read as text."""
        return self.kind in ("text", "choice")

    @property
    def plain(self) -> Type:
        """The same type of a value that is computed, no longer read from a field."""
        if self.kind == "choice":
            return TEXT
        return Type(self.kind, currency=self.currency, item=self.item, target=self.target)


BLANK, TEXT, NUMBER, BOOLEAN = Type("blank"), Type("text"), Type("number"), Type("boolean")
DATE, DATETIME, MONEY = Type("date"), Type("datetime"), Type("money")

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("text", "long_text", "phone", "email", "url", "region", "auto_number"), "text"),
    **dict.fromkeys(("integer", "decimal", "percent"), "number"),
    **dict.fromkeys(("user", "department", "reference", "id"), "link"),
    "money": "money", "date": "date", "datetime": "datetime", "boolean": "boolean", "choice": "choice",
}


def field_type(type_name: str, options: Mapping[str, Any]) -> Type | None:
    """The type of a field of the product; None for one that formulas cannot speak of."""
    if type_name == "multi_choice":
        return Type("list", "multi_choice", item=Type("choice", choices=_choices(options)))
    kind = _KINDS.get(type_name)
    if kind is None:
        return None
    return Type(kind, type_name, options.get("currency"), _choices(options) if kind == "choice" else None,
                options.get("object") if type_name == "reference" else None)


def records_of(target: str) -> Type:
    """A list of records of an object."""
    return Type("list", "records", target=target, item=Type("record", target=target))


def _choices(options: Mapping[str, Any]) -> tuple[str, ...] | None:
    return tuple(choice["value"] for choice in options.get("choices", ())) or None


@dataclass(frozen=True)
class Schema:
    """The fields of the record that a formula is about, and of those that it leads to.

    `follow` gives the fields of an object by its name, None where a path must not go. `refused` names functions that
    cannot be used, with the reason in both languages.
    """

    fields: Mapping[str, Type]
    follow: Callable[[str], Mapping[str, Type] | None] = lambda _: None
    currencies: frozenset[str] | None = None
    refused: Mapping[str, Mapping[str, str]] | None = None

"""A piece of a formula after it was checked: its type and the closure that works it out; and how types fit together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.formulas.errors import FormulaError, nearest, shown
from chassis.formulas.nodes import Literal, Node
from chassis.formulas.types import BLANK, TEXT, Money, Type
from chassis.formulas.values import Frame

Run = Callable[[Frame], Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """A checked piece. `path` tells which fields it reads, when it is a path; `weight` counts its nodes; `terms` are
    those of a sum of numbers, which a longer one takes over."""

    type: Type
    run: Run
    node: Node
    path: tuple[str, ...] = ()
    weight: int = 1
    terms: tuple[Run, ...] = ()

    @property
    def is_literal(self) -> bool:
        """Whether it stands in the formula as it is."""
        return isinstance(self.node, Literal)

    @property
    def value(self) -> Any:
        """The value of a literal."""
        assert isinstance(self.node, Literal)
        return self.node.value

    def error(self, code: str, suggestion: str | None = None, **params: str | int) -> FormulaError:
        """An error at this place."""
        return FormulaError(code, self.node.start, self.node.end, suggestion, **params)


_FITS: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "choice"}),
    "amount": frozenset({"number", "money"}),
    "day": frozenset({"date", "datetime"}),
    "sortable": frozenset({"number", "money", "date", "datetime"}),
    "scalar": frozenset({"text", "choice", "number", "money", "date", "datetime", "boolean", "link"}),
    "any": frozenset({"text", "choice", "number", "money", "date", "datetime", "boolean", "link", "list", "record"}),
}


def fits(wanted: str, found: Type) -> bool:
    """Whether a value of this type may stand where that kind is wanted."""
    if wanted == "printable":
        return found.kind != "record" and (found.item is None or found.item.kind != "record")
    return found.kind == "blank" or found.kind in _FITS.get(wanted, (wanted,))


def need(wanted: str, piece: Typed) -> Typed:
    """The piece itself, or an error when its type does not fit."""
    if not fits(wanted, piece.type):
        raise piece.error("wrong_type", wanted=wanted, found=piece.type.kind)
    return piece


def unified(pieces: Sequence[Typed]) -> tuple[Type, list[Run]]:
    """One type for pieces of which one becomes the result, and their closures giving values of it."""
    common = BLANK
    for piece in pieces:
        common = _common(common, piece)
    if common.kind != "money":
        return common, [piece.run for piece in pieces]
    return common, [lifted(piece) for piece in pieces]


def _common(so_far: Type, piece: Typed) -> Type:
    found = piece.type.plain
    if so_far.kind == "blank" or so_far == found:
        return found
    if found.kind == "blank":
        return so_far
    if {so_far.kind, found.kind} == {"number", "money"}:
        return so_far if so_far.kind == "money" else found
    if so_far.kind != found.kind or so_far.item != found.item:
        raise piece.error("types_differ", left=so_far.kind, right=found.kind)
    if found.kind == "money":
        return replace(so_far, currency=one_currency(so_far, found, piece))
    return replace(so_far, target=None)


def one_currency(left: Type, right: Type, at: Typed) -> str | None:
    """The currency of both, None when it is known only while working; raises when they surely differ."""
    if left.currency and right.currency and left.currency != right.currency:
        raise at.error("currencies_differ", left=left.currency, right=right.currency)
    return left.currency if left.currency == right.currency else None


def lifted(piece: Typed, currency: str | None = None) -> Run:
    """The closure giving money; a number is meant in this currency, or in whatever it meets."""
    run = piece.run
    if piece.type.kind != "number":
        return run

    def as_money(frame: Frame) -> Money | None:
        value = run(frame)
        return None if value is None else Money(value, currency)

    return as_money


def fixed_text(piece: Typed) -> str:
    """The text of a literal; raises when it is anything else."""
    if not isinstance(piece.node, Literal) or not isinstance(piece.node.value, str):
        raise piece.error("literal_needed")
    return piece.node.value


def fixed_word(piece: Typed, words: Sequence[str]) -> str:
    """A literal that is one of these words."""
    text = fixed_text(piece)
    if text.lower() not in words:
        raise piece.error("unknown_word", nearest(text.lower(), words), words=", ".join(words))
    return text.lower()


def check_choice(field: Typed, compared: Typed) -> None:
    """A choice compared with a text that it can never be is a mistake."""
    choices = field.type.choices
    if field.type.kind != "choice" or choices is None or not isinstance(compared.node, Literal):
        return
    value = compared.node.value
    if isinstance(value, str) and value and value not in choices:
        raise compared.error("unknown_choice", nearest(value, choices), value=shown(value))


def as_text(piece: Typed) -> bool:
    """Whether the piece is text already."""
    return piece.type in (TEXT, BLANK) or piece.type.is_text

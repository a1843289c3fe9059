"""What a formula's value becomes in the field that keeps it: its type is checked once, its size for every value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chassis.formulas.errors import EvaluationError
from chassis.formulas.functions.rounding import rounded
from chassis.formulas.typed import Run, Typed, fits
from chassis.formulas.types import Money, Type
from chassis.formulas.values import EXACT, Frame, text_of

_LARGEST_INTEGER = 2**53 - 1
_WANTED = {"text": "scalar", "integer": "number", "decimal": "number", "percent": "number", "money": "amount",
           "date": "day", "datetime": "datetime", "boolean": "boolean", "choice": "text"}
RESULTS = tuple(_WANTED)
Convert = Callable[[Any, Frame], Any]


@dataclass(frozen=True)
class Result:
    """The type of a field that keeps values, with its options: `scale` and `precision`, `currency` (and whether
    to `keep_currency`, the one that the amount has), `max_length`, `choices`."""

    type: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def convert(self, piece: Typed) -> Run:
        """The closure that gives wire values; raises FormulaError when the formula gives something else."""
        if not fits(_WANTED[self.type], piece.type):
            raise piece.error("wrong_result", wanted=self.type, found=piece.type.kind)
        self._check_currency(piece.type, piece)
        run, convert = piece.run, self._converter()

        def converted(frame: Frame) -> Any:
            value = run(frame)
            return None if value is None or value == "" else convert(value, frame)

        return converted

    def _check_currency(self, type: Type, piece: Typed) -> None:
        wanted = self.options.get("currency")
        if self.type == "money" and type.currency and type.currency != wanted:
            raise piece.error("currencies_differ", left=type.currency, right=str(wanted))

    def _converter(self) -> Convert:
        return {"text": self._text, "integer": self._integer, "decimal": self._decimal, "percent": self._percent,
                "money": self._money, "date": _day, "datetime": _moment, "boolean": lambda value, _: value,
                "choice": self._choice}[self.type]

    def _text(self, value: Any, frame: Frame) -> str | None:
        text, limit = text_of(value, frame).strip(), self.options.get("max_length", 255)
        if not text.isprintable():
            text = "".join(letter if letter.isprintable() else " " for letter in text)
        if len(text) > limit:
            raise EvaluationError("text_too_long", limit=limit)
        return text or None

    def _choice(self, value: Any, _: Frame) -> str:
        if value not in {one["value"] for one in self.options["choices"]}:
            raise EvaluationError("no_such_choice", found=str(value)[:100])
        return str(value)

    def _integer(self, value: Decimal, _: Frame) -> int:
        number = rounded(value, 0, ROUND_HALF_UP)
        if abs(number) > _LARGEST_INTEGER:
            raise EvaluationError("number_too_large")
        return int(number)

    def _decimal(self, value: Decimal, _: Frame) -> str:
        return fixed(value, self.options.get("precision", 18), self.options.get("scale", 2))

    def _percent(self, value: Decimal, _: Frame) -> str:
        return fixed(EXACT.multiply(value, Decimal(100)), 9, 4)

    def _money(self, value: Any, _: Frame) -> dict[str, str]:
        wanted = self.options["currency"]
        money = value if isinstance(value, Money) else Money(value, None)
        if money.currency not in (None, wanted) and money.amount and not self.options.get("keep_currency"):
            raise EvaluationError("wrong_currency", found=str(money.currency), wanted=wanted)
        kept = money.currency if self.options.get("keep_currency") else None
        return {"amount": fixed(money.amount, 18, 2), "currency": kept or wanted}


def fixed(value: Decimal, precision: int, scale: int) -> str:
    """A number with exactly so many places, rounded; raises EvaluationError when it has too many digits."""
    if value.adjusted() >= precision:
        raise EvaluationError("number_too_large")
    number = rounded(value, scale, ROUND_HALF_UP)
    if number.adjusted() >= precision - scale and number:
        raise EvaluationError("number_too_large")
    return format(number if number else abs(number), f".{scale}f")


def _day(value: Any, frame: Frame) -> str:
    return frame.local_day(value).isoformat()


def _moment(value: datetime, _: Frame) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"

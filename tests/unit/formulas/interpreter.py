"""A plain interpreter of formulas, written from the reference page: it walks the tree anew for every record.

It is slow, has no types and shares nothing with the compiler but the parser and the nodes. Tests compare the two.
"""

from __future__ import annotations

import decimal
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chassis.formulas.nodes import Binary, Call, Literal, Member, Name, Node, Unary

FAILED = object()
_CONTEXT = decimal.Context(prec=28, Emin=-200, Emax=200, traps=[
    decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow])
_COMPARE = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
_CALCULATE = {"+": _CONTEXT.add, "-": _CONTEXT.subtract, "*": _CONTEXT.multiply, "/": _CONTEXT.divide,
              "^": _CONTEXT.power}


class Interpreter:
    """Works out trees over records whose values are typed already (`kinds` tells field → type)."""

    def __init__(self, record: dict[str, Any], kinds: dict[str, str], scope: Any) -> None:
        self.record, self.kinds, self.scope = record, kinds, scope

    def value(self, tree: Node) -> Any:
        """The value, or FAILED."""
        try:
            return self.walk(tree)
        except (ArithmeticError, ValueError):
            return FAILED

    def walk(self, node: Node) -> Any:
        match node:
            case Literal(value=value):
                return value
            case Name(name=name):
                return self.field(self.record.get(name), self.kinds[name])
            case Member():
                raise AssertionError("paths are tested elsewhere")
            case Unary(operator=sign, value=inner):
                return self.sign(sign, self.walk(inner))
            case Binary(operator=sign, left=left, right=right):
                return self.binary(sign, self.walk(left), self.walk(right))
            case Call(name=name, args=args):
                return getattr(self, f"call_{name.lower()}")(args)

    def field(self, value: Any, kind: str) -> Any:
        if value is None:
            return None
        if kind in ("integer", "decimal"):
            return Decimal(str(value))
        if kind == "percent":
            return _CONTEXT.divide(Decimal(value), Decimal(100))
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "datetime":
            return datetime.fromisoformat(value)
        return value

    def sign(self, sign: str, value: Any) -> Any:
        if value is None:
            return None
        return {"-": lambda: _CONTEXT.minus(value), "+": lambda: value,
                "%": lambda: _CONTEXT.divide(value, Decimal(100))}[sign]()

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        if sign == "&":
            return self.text(left) + self.text(right)
        if sign in ("=", "<>"):
            return self.same(left, right) == (sign == "=")
        if sign in _COMPARE:
            return left is not None and right is not None and _COMPARE[sign](*self.alike(left, right))
        if left is None or right is None:
            return None
        if isinstance(left, date) or isinstance(right, date):
            return self.days(sign, left, right)
        return _CALCULATE[sign](left, right)

    def days(self, sign: str, left: Any, right: Any) -> Any:
        if isinstance(left, date) and isinstance(right, date):
            one, other = self.alike(left, right)
            if isinstance(one, datetime):
                gone = one - other
                micros = (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds
                return _CONTEXT.divide(Decimal(micros).scaleb(-6), Decimal(86_400))
            return Decimal((one - other).days)
        day, count = (left, right) if isinstance(left, date) else (right, left)
        count = -count if sign == "-" else count
        if isinstance(day, datetime):
            return day + timedelta(microseconds=int(count * 86_400_000_000))
        return day + timedelta(days=int(count))

    def same(self, left: Any, right: Any) -> bool:
        left, right = (None if value == "" else value for value in (left, right))
        if left is None or right is None:
            return left is right
        one, other = self.alike(left, right)
        return one == other

    def alike(self, left: Any, right: Any) -> tuple[Any, Any]:
        if isinstance(left, date) and isinstance(left, datetime) != isinstance(right, datetime):
            return self.day(left), self.day(right)
        return left, right

    def day(self, value: Any) -> date:
        return value.astimezone(self.scope.zone).date() if isinstance(value, datetime) else value

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, Decimal):
            plain = format(value, "f")
            plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
            return "0" if plain == "-0" else plain
        if isinstance(value, datetime):
            return value.astimezone(self.scope.zone).strftime("%Y-%m-%d %H:%M")
        return str(value)

    # -- functions --------------------------------------------------------------------------------

    def call_if(self, args: tuple[Node, ...]) -> Any:
        if self.walk(args[0]):
            return self.walk(args[1])
        return self.walk(args[2]) if len(args) > 2 else None

    def call_and(self, args: tuple[Node, ...]) -> bool:
        return all(self.walk(arg) for arg in args)

    def call_or(self, args: tuple[Node, ...]) -> bool:
        return any(self.walk(arg) for arg in args)

    def call_not(self, args: tuple[Node, ...]) -> bool:
        return not self.walk(args[0])

    def call_isblank(self, args: tuple[Node, ...]) -> bool:
        return self.walk(args[0]) in (None, "")

    def call_coalesce(self, args: tuple[Node, ...]) -> Any:
        return next((value for arg in args if (value := self.walk(arg)) not in (None, "")), None)

    def call_switch(self, args: tuple[Node, ...]) -> Any:
        value, rest = args[0], args[1:]
        for place in range(0, len(rest) - 1, 2):
            if self.same(self.walk(value), self.walk(rest[place])):
                return self.walk(rest[place + 1])
        return self.walk(rest[-1]) if len(rest) % 2 else None

    def call_iferror(self, args: tuple[Node, ...]) -> Any:
        found = self.value(args[0])
        return self.walk(args[1]) if found is FAILED else found

    def call_sum(self, args: tuple[Node, ...]) -> Any:
        total = Decimal(0)
        for value in self.values(args):
            total = _CONTEXT.add(total, value)
        return total

    def call_min(self, args: tuple[Node, ...]) -> Any:
        return min(self.values(args), default=None)

    def call_max(self, args: tuple[Node, ...]) -> Any:
        return max(self.values(args), default=None)

    def call_count(self, args: tuple[Node, ...]) -> Any:
        return Decimal(sum(value != "" for value in self.values(args)))

    def call_round(self, args: tuple[Node, ...]) -> Any:
        value, digits = self.walk(args[0]), self.walk(args[1])
        if value is None or digits is None:
            return None
        step = Decimal(1).scaleb(-int(digits))
        with decimal.localcontext() as wide:
            wide.prec = 600
            return value.quantize(step, ROUND_HALF_UP) if value.as_tuple().exponent < -int(digits) else value

    def call_len(self, args: tuple[Node, ...]) -> Any:
        text = self.walk(args[0])
        return None if text is None else Decimal(len(text))

    def call_left(self, args: tuple[Node, ...]) -> Any:
        text, count = self.walk(args[0]), self.walk(args[1])
        return None if text is None or count is None else text[:max(0, int(count))]

    def call_upper(self, args: tuple[Node, ...]) -> Any:
        text = self.walk(args[0])
        return None if text is None else text.upper()

    def call_days(self, args: tuple[Node, ...]) -> Any:
        end, start = self.walk(args[0]), self.walk(args[1])
        return None if end is None or start is None else Decimal((self.day(end) - self.day(start)).days)

    def call_year(self, args: tuple[Node, ...]) -> Any:
        day = self.walk(args[0])
        return None if day is None else Decimal(self.day(day).year)

    def call_weekday(self, args: tuple[Node, ...]) -> Any:
        day = self.walk(args[0])
        return None if day is None else Decimal(self.day(day).weekday() + 1)

    def call_today(self, _: tuple[Node, ...]) -> date:
        return self.day(self.scope.now)

    def values(self, args: tuple[Node, ...]) -> list[Any]:
        return [value for arg in args if (value := self.walk(arg)) is not None]

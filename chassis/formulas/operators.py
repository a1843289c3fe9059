"""The operators: which types they take, what they give, and their closures.

A missing value makes the result of a calculation missing. A comparison with a missing value is false, `<>` is the
exact opposite of `=`, and two missing values are equal; so are a missing text and an empty one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from chassis.formulas.errors import EvaluationError, FormulaError
from chassis.formulas.nodes import Node
from chassis.formulas.typed import Run, Typed, check_choice, fits, lifted, need, one_currency
from chassis.formulas.types import BOOLEAN, NUMBER, TEXT, Money, Type
from chassis.formulas.values import EXACT, Frame, comparable, days_between, same_currency, shifted, text_of

_HUNDRED = Decimal(100)
Work = Callable[[Any, Any], Any]


def placed(error: Exception, node: Node) -> FormulaError:
    """The error with its place; what Decimal raises becomes an error of ours."""
    if isinstance(error, FormulaError):
        if error.end == 0:
            error.start, error.end = node.start, node.end
        return error
    if isinstance(error, ZeroDivisionError):
        return EvaluationError("division_by_zero", node.start, node.end)
    code = "number_too_large" if isinstance(error, OverflowError) or "Overflow" in type(error).__name__ else "no_number"
    return EvaluationError(code, node.start, node.end)


def unary(sign: str, value: Typed, node: Node) -> Typed:
    """`-x`, `+x`, `x%`."""
    need("number" if sign == "%" else "amount", value)
    run, weight = value.run, value.weight + 1
    if sign == "+":
        return Typed(value.type.plain, run, node, weight=weight)
    if sign == "%":
        return Typed(NUMBER, _one(run, lambda number: EXACT.divide(number, _HUNDRED)), node, weight=weight)
    negated = _negated_money if value.type.kind == "money" else EXACT.minus
    return Typed(value.type.plain if value.type.kind != "blank" else NUMBER, _one(run, negated), node, weight=weight)


def joined(pieces: Sequence[Typed], node: Node) -> Typed:
    """Values with `&` between them, all at once."""
    runs = tuple(need("printable", piece).run for piece in pieces)

    def join(frame: Frame) -> str:
        values = [run(frame) for run in runs]
        return frame.text("".join([value if type(value) is str else text_of(value, frame) for value in values]))

    return Typed(TEXT, join, node, weight=sum(piece.weight for piece in pieces) + len(pieces) - 1)


def binary(sign: str, left: Typed, right: Typed, node: Node) -> Typed:
    """Two values and the operator between them; `&` is `joined`."""
    weight = left.weight + right.weight + 1
    if sign in ("=", "<>"):
        return Typed(BOOLEAN, _equality(left, right, negated=sign == "<>"), node, weight=weight)
    if sign in _ORDERS:
        return Typed(BOOLEAN, _order(_ORDERS[sign], left, right), node, weight=weight)
    if sign == "+" and fits("number", left.type) and fits("number", right.type):
        terms = (*(left.terms or (left.run,)), right.run)
        return Typed(NUMBER, _sum(terms, node), node, weight=weight, terms=terms)
    found = _arithmetic(sign, left, right, node)
    if found is None:
        raise FormulaError("cannot_calculate", node.start, node.end, operator=sign, left=left.type.kind,
                           right=right.type.kind)
    type, run = found
    return Typed(type, run, node, weight=weight)


# -- calculating ----------------------------------------------------------------------------------


def _arithmetic(sign: str, left: Typed, right: Typed, node: Node) -> tuple[Type, Run] | None:
    if fits("number", left.type) and fits("number", right.type):
        return NUMBER, _two(left.run, right.run, _NUMBERS[sign], node)
    if sign in "+-":
        return _sum_of_money(sign, left, right, node) or _sum_of_days(sign, left, right, node)
    return _product(sign, left, right, node) if sign in "*/" else None


def _sum_of_money(sign: str, left: Typed, right: Typed, node: Node) -> tuple[Type, Run] | None:
    if not (fits("amount", left.type) and fits("amount", right.type)):
        return None
    currency = left.type.currency or right.type.currency
    if left.type.kind == right.type.kind == "money":
        currency = one_currency(left.type, right.type, right)
    add = EXACT.add if sign == "+" else EXACT.subtract

    def work(one: Money, other: Money) -> Money:
        return Money(add(one.amount, other.amount), same_currency(one, other))

    return Type("money", currency=currency), _two(lifted(left), lifted(right), work, node)


def _sum_of_days(sign: str, left: Typed, right: Typed, node: Node) -> tuple[Type, Run] | None:
    if fits("day", left.type) and fits("number", right.type):
        move = shifted if sign == "+" else _shifted_back
        return left.type.plain, _two(left.run, right.run, move, node)
    if sign == "+" and fits("number", left.type) and fits("day", right.type):
        return right.type.plain, _two(left.run, right.run, lambda count, day: shifted(day, count), node)
    if sign == "-" and fits("day", left.type) and fits("day", right.type):
        return NUMBER, _framed(left.run, right.run, days_between, node)
    return None


def _product(sign: str, left: Typed, right: Typed, node: Node) -> tuple[Type, Run] | None:
    kinds = left.type.kind, right.type.kind
    if kinds == ("money", "number"):
        work = _NUMBERS[sign]
        return left.type.plain, _two(
            left.run, right.run, lambda one, by: Money(work(one.amount, by), one.currency), node)
    if kinds == ("number", "money") and sign == "*":
        return right.type.plain, _two(
            left.run, right.run, lambda by, one: Money(EXACT.multiply(one.amount, by), one.currency), node)
    if kinds == ("money", "money") and sign == "/":
        one_currency(left.type, right.type, right)
        return NUMBER, _two(left.run, right.run, _ratio, node)
    return None


def _shifted_back(day: Any, count: Decimal) -> Any:
    return shifted(day, -count)


def _ratio(one: Money, other: Money) -> Decimal:
    same_currency(one, other)
    return EXACT.divide(one.amount, other.amount)


def _negated_money(value: Money) -> Money:
    return Money(EXACT.minus(value.amount), value.currency)


_NUMBERS: dict[str, Work] = {
    "+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply, "/": EXACT.divide, "^": EXACT.power,
}


# -- comparing ------------------------------------------------------------------------------------


def _equality(left: Typed, right: Typed, *, negated: bool) -> Run:
    check_choice(left, right)
    check_choice(right, left)
    kinds = {left.type.kind, right.type.kind}
    if "list" in kinds or "record" in kinds:
        raise left.error("cannot_compare", left=left.type.kind, right=right.type.kind)
    if kinds <= {"text", "choice", "blank", "link"}:
        if right.is_literal:
            return _is_text(left.run, right.value or "", negated=negated)
        return _same_text(left.run, right.run, negated=negated)
    if kinds <= {"number", "blank"} or kinds <= {"boolean", "blank"}:
        return _same(left.run, right.run, negated=negated)
    one, other = _comparable(left, right)
    return _same_by(one, other, _SAME.get("money" if "money" in kinds else "day", operator.eq), negated=negated)


def _order(compare: Work, left: Typed, right: Typed) -> Run:
    need_order(left)
    need_order(right)
    if fits("number", left.type) and fits("number", right.type):
        if right.is_literal:
            return _compared_to(left.run, right.value, compare)
        return _compared(left.run, right.run, compare)
    one, other = _comparable(left, right)
    if left.type.kind == "money" and right.type.kind == "number" and right.is_literal:
        return _money_compared_to(one, Money(right.value, left.type.currency), compare)
    if "money" in (left.type.kind, right.type.kind):
        return _compared(one, other, lambda mine, yours: comparable(mine, yours) and compare(mine[0], yours[0]))

    def days(frame: Frame) -> bool:
        mine, yours = one(frame), other(frame)
        if mine is None or yours is None:
            return False
        return compare(*_alike(mine, yours, frame))

    return days


def need_order(piece: Typed) -> None:
    """Only what has an order may be compared by it."""
    need("sortable", piece)


def _comparable(left: Typed, right: Typed) -> tuple[Run, Run]:
    """Closures that give values of one kind; raises when there is none."""
    if fits("amount", left.type) and fits("amount", right.type):
        if left.type.kind == right.type.kind == "money":
            one_currency(left.type, right.type, right)
        return lifted(left, right.type.currency), lifted(right, left.type.currency)
    if fits("day", left.type) and fits("day", right.type):
        return left.run, right.run
    raise right.error("cannot_compare", left=left.type.kind, right=right.type.kind)


def _alike(one: Any, other: Any, frame: Frame) -> tuple[Any, Any]:
    """Two days or two moments; a moment beside a day counts as its day."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one, other
    return frame.local_day(one), frame.local_day(other)


_SAME: dict[str, Callable[[Any, Any, Frame], bool]] = {
    "money": lambda one, other, _: one.amount == other.amount and comparable(one, other),
    "day": lambda one, other, frame: operator.eq(*_alike(one, other, frame)),
}
_ORDERS: dict[str, Work] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


# -- closures -------------------------------------------------------------------------------------


def _one(run: Run, work: Callable[[Any], Any]) -> Run:
    def one(frame: Frame) -> Any:
        value = run(frame)
        return None if value is None else work(value)

    return one


def _two(first: Run, second: Run, work: Work, node: Node) -> Run:
    def two(frame: Frame) -> Any:
        left, right = first(frame), second(frame)  # both: an error is an error, whatever the other side is
        if left is None or right is None:
            return None
        try:
            return work(left, right)
        except (ArithmeticError, FormulaError) as error:
            raise placed(error, node) from None

    return two


def _sum(terms: Sequence[Run], node: Node) -> Run:
    """A chain of `+`, all at once."""
    add = EXACT.add

    def summed(frame: Frame) -> Any:
        values = [term(frame) for term in terms]
        total = values[0]
        try:
            for value in values[1:]:
                if total is None or value is None:
                    return None
                total = add(total, value)
        except ArithmeticError as error:
            raise placed(error, node) from None
        return total

    return summed


def _framed(first: Run, second: Run, work: Callable[[Any, Any, Frame], Any], node: Node) -> Run:
    def two(frame: Frame) -> Any:
        left, right = first(frame), second(frame)
        if left is None or right is None:
            return None
        try:
            return work(left, right, frame)
        except (ArithmeticError, FormulaError) as error:
            raise placed(error, node) from None

    return two


def _same_text(first: Run, second: Run, *, negated: bool) -> Run:
    if negated:
        return lambda frame: (first(frame) or "") != (second(frame) or "")
    return lambda frame: (first(frame) or "") == (second(frame) or "")


def _is_text(run: Run, text: str, *, negated: bool) -> Run:
    if negated:
        return lambda frame: (run(frame) or "") != text
    return lambda frame: (run(frame) or "") == text


def _same(first: Run, second: Run, *, negated: bool) -> Run:
    if negated:
        return lambda frame: first(frame) != second(frame)
    return lambda frame: first(frame) == second(frame)


def _same_by(first: Run, second: Run, same: Callable[..., bool], *, negated: bool) -> Run:
    def equal(frame: Frame) -> bool:
        left, right = first(frame), second(frame)
        held = left is right if left is None or right is None else same(left, right, frame)
        return held is not negated

    return equal


def _compared(first: Run, second: Run, compare: Work) -> Run:
    def compared(frame: Frame) -> bool:
        left, right = first(frame), second(frame)
        return left is not None and right is not None and compare(left, right)

    return compared


def _compared_to(run: Run, limit: Decimal | None, compare: Work) -> Run:
    def compared(frame: Frame) -> bool:
        value = run(frame)
        return value is not None and limit is not None and compare(value, limit)

    return compared


def _money_compared_to(run: Run, limit: Money, compare: Work) -> Run:
    amount = limit.amount

    def compared(frame: Frame) -> bool:
        value = run(frame)
        return value is not None and compare(value.amount, amount) and comparable(value, limit)

    return compared

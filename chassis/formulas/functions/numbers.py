"""Numbers and money: exact to 28 digits. Rounding goes away from zero at a half, as people do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from chassis.formulas.errors import EvaluationError
from chassis.formulas.functions.rounding import rounded
from chassis.formulas.functions.table import Function, Param, same_as_first
from chassis.formulas.typed import Typed, fixed_text
from chassis.formulas.types import NUMBER, TEXT, Money, Type
from chassis.formulas.values import EXACT


def _each(work: Callable[..., Decimal]) -> Callable[..., Any]:
    """Work on a number, or on the amount of money."""

    def either(value: Any, *more: Any) -> Any:
        if isinstance(value, Money):
            return Money(work(value.amount, *more), value.currency)
        return work(value, *more)

    return either


def _rounding(rounding: str) -> Callable[..., Any]:
    return _each(lambda value, digits=Decimal(0): rounded(value, _whole(digits), rounding))


def _whole(value: Decimal) -> int:
    return int(max(Decimal(-1000), min(Decimal(1000), value)))


def _mod(value: Decimal, by: Decimal) -> Decimal:
    """The rest of a division, with the sign of the divisor as in spreadsheets."""
    rest = EXACT.remainder(value, by)
    return EXACT.add(rest, by) if rest and (rest < 0) != (by < 0) else rest


def _money(value: Decimal, currency: str) -> Money:
    return Money(value, currency)


def _money_type(args: Sequence[Typed]) -> Type:
    code = fixed_text(args[1])
    if len(code) != 3 or not (code.isascii() and code.isupper()):
        raise args[1].error("unknown_currency", value=code[:10])
    return Type("money", currency=code)


def _logarithm(value: Decimal) -> Decimal:
    if value <= 0:
        raise EvaluationError("no_number")
    return EXACT.ln(value)


def _row(name: str, params: tuple[Param, ...], run: Callable[..., Any], en: str, zh: str, example: str, gives: str,
         result: Any = NUMBER) -> Function:
    return Function(name, params, result, {"en": en, "zh-CN": zh}, example, gives, run)


_AMOUNT, _NUMBER = Param("number", "amount"), Param("number", "number")
_DIGITS = Param("digits", "number", optional=True)
FUNCTIONS = (
    _row("ROUND", (_AMOUNT, _DIGITS), _rounding(ROUND_HALF_UP),
         "Rounded to so many digits behind the point; halves go away from zero.",
         "四舍五入到指定的小数位数。", "ROUND(price * quantity, 1)", "59.7 CNY", same_as_first),
    _row("ROUNDUP", (_AMOUNT, _DIGITS), _rounding(ROUND_UP),
         "Rounded away from zero.", "向远离零的方向舍入。", "ROUNDUP(2.31, 1)", "2.4", same_as_first),
    _row("ROUNDDOWN", (_AMOUNT, _DIGITS), _rounding(ROUND_DOWN),
         "Rounded towards zero.", "向零的方向舍入。", "ROUNDDOWN(2.39, 1)", "2.3", same_as_first),
    _row("FLOOR", (_AMOUNT,), _each(lambda value: rounded(value, 0, ROUND_FLOOR)),
         "The next whole number below.", "向下取整。", "FLOOR(-2.5)", "-3", same_as_first),
    _row("CEILING", (_AMOUNT,), _each(lambda value: rounded(value, 0, ROUND_CEILING)),
         "The next whole number above.", "向上取整。", "CEILING(2.1)", "3", same_as_first),
    _row("INT", (_NUMBER,), lambda value: rounded(value, 0, ROUND_FLOOR),
         "The next whole number below; the same as FLOOR.", "向下取整，与 FLOOR 相同。", "INT(7.9)", "7"),
    _row("ABS", (_AMOUNT,), _each(EXACT.abs),
         "Without its sign.", "绝对值。", "ABS(-3.5)", "3.5", same_as_first),
    _row("SIGN", (_NUMBER,), lambda value: Decimal((value > 0) - (value < 0)),
         "1, 0 or -1.", "数字的符号：1、0 或 -1。", "SIGN(-8)", "-1"),
    _row("MOD", (_NUMBER, Param("divisor", "number")), _mod,
         "The rest of a division, with the sign of the divisor.", "除法的余数，符号与除数相同。", "MOD(7, 3)", "1"),
    _row("POWER", (_NUMBER, Param("exponent", "number")), EXACT.power,
         "The number raised to a power; also written `^`.", "乘幂，也可写作 `^`。", "POWER(2, 10)", "1024"),
    _row("SQRT", (_NUMBER,), EXACT.sqrt, "The square root.", "平方根。", "SQRT(16)", "4"),
    _row("EXP", (_NUMBER,), EXACT.exp, "e raised to a power.", "e 的乘幂。", "EXP(0)", "1"),
    _row("LN", (_NUMBER,), _logarithm, "The natural logarithm.", "自然对数。", "LN(1)", "0"),
    _row("MONEY", (_NUMBER, Param("currency", "text")), _money,
         "An amount of money in a currency.", "由数字和币种得到金额。", 'MONEY(100, "CNY")', "100 CNY", _money_type),
    _row("AMOUNT", (Param("money", "money"),), lambda value: value.amount,
         "The number of an amount of money.", "金额的数值部分。", "AMOUNT(price)", "19.9"),
    _row("CURRENCY", (Param("money", "money"),), lambda value: value.currency,
         "The currency of an amount of money.", "金额的币种。", "CURRENCY(price)", '"CNY"', TEXT),
)

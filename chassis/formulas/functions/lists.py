"""Lists: fields of related records, several choices. Missing values do not count.

`FILTER`, `ANY` and `EVERY` look at each record of a list; names in their condition mean its fields first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chassis.formulas.errors import EvaluationError
from chassis.formulas.functions.table import Function, Param
from chassis.formulas.nodes import Call
from chassis.formulas.operators import placed
from chassis.formulas.typed import Run, Typed, lifted, need, unified
from chassis.formulas.types import BOOLEAN, NUMBER, TEXT, Money, Type
from chassis.formulas.values import EXACT, Frame, same_currency, text_of

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler

Values = Iterable[Any]


def _aggregate(kind: str, work: Callable[[list[Any], Type], Any]) -> Callable[[Compiler, Call], Typed]:
    """A function over values and lists of values of one type."""

    def build(compiler: Compiler, node: Call) -> Typed:
        args = [_of_items(compiler.compile(arg), kind) for arg in node.args]
        type, _ = unified(args)
        sources = [(arg.run if arg.type.kind != "number" else lifted(arg) if type.kind == "money" else arg.run,
                    arg.path == _LISTED) for arg in args]
        weight = 1 + sum(arg.weight for arg in args)

        def total(frame: Frame) -> Any:
            try:
                return work(_gathered(sources, frame, money=type.kind == "money"), type)
            except (ArithmeticError, EvaluationError) as error:
                raise placed(error, node) from None

        return Typed(type if type.kind != "blank" else NUMBER, total, node, weight=weight)

    return build


_LISTED = ("[]",)


def _of_items(piece: Typed, kind: str) -> Typed:
    """The piece, of a list seen as one of its items."""
    if piece.type.kind != "list":
        return need(kind, Typed(piece.type, piece.run, piece.node, (), piece.weight))
    item = piece.type.item
    assert item is not None
    return need(kind, Typed(item, piece.run, piece.node, _LISTED, piece.weight))


def _gathered(sources: list[tuple[Run, bool]], frame: Frame, *, money: bool) -> list[Any]:
    found: list[Any] = []
    for run, listed in sources:
        value = run(frame)
        found.extend(frame.items(value or []) if listed else (value,))
    values = [value for value in found if value is not None]
    return [value if isinstance(value, Money) else Money(value, None) for value in values] if money else values


def _sum(values: list[Any], type: Type) -> Any:
    if type.kind != "money":
        total = Decimal(0)
        for value in values:
            total = EXACT.add(total, value)
        return total
    if not values:
        return Money(Decimal(0), type.currency) if type.currency else None
    return _sum_of_money(values)


def _sum_of_money(values: list[Money]) -> Money:
    total = values[0]
    for value in values[1:]:
        total = Money(EXACT.add(total.amount, value.amount), same_currency(total, value))
    return total


def _average(values: list[Any], type: Type) -> Any:
    if not values:
        return None
    count = Decimal(len(values))
    if type.kind == "money":
        total = _sum_of_money(values)
        return Money(EXACT.divide(total.amount, count), total.currency)
    return EXACT.divide(_sum(values, type), count)


def _extreme(choose: Callable[..., Any]) -> Callable[[list[Any], Type], Any]:
    def found(values: list[Any], type: Type) -> Any:
        if type.kind != "money" or not values:
            return choose(values, default=None)
        size = _sum_of_money([Money(abs(value.amount), value.currency) for value in values])  # an error for two of them
        chosen = choose(values, key=lambda value: value.amount)
        return Money(chosen.amount, chosen.currency or size.currency)

    return found


def _count(compiler: Compiler, node: Call) -> Typed:
    args = [compiler.compile(arg) for arg in node.args]
    sources = [(arg.run, arg.type.kind == "list") for arg in args]

    def count(frame: Frame) -> Decimal:
        return Decimal(sum(value != "" for value in _gathered(sources, frame, money=False)))

    return Typed(NUMBER, count, node, weight=1 + sum(arg.weight for arg in args))


def _tested(compiler: Compiler, node: Call) -> tuple[Typed, Callable[[Frame], Iterable[tuple[Any, bool]]], int]:
    """The list, and a closure that goes through its records with the truth of the condition for each."""
    items = compiler.compile(node.args[0])
    if items.type.kind != "list" or items.type.target is None:
        raise items.error("wrong_type", wanted="list", found=items.type.kind)
    with compiler.rows_of(items):
        test = need("boolean", compiler.compile(node.args[1]))
    source, judge, weight = items.run, test.run, test.weight

    def judged(frame: Frame) -> Iterable[tuple[Any, bool]]:
        for record in frame.items(source(frame) or []):
            frame.spend(weight)
            frame.rows.append(record)
            held = bool(judge(frame))
            frame.rows.pop()
            yield record, held

    return items, judged, items.weight + weight + 1


def _filter(compiler: Compiler, node: Call) -> Typed:
    items, judged, weight = _tested(compiler, node)
    return Typed(items.type, lambda frame: [record for record, held in judged(frame) if held], node, items.path, weight)


def _any(compiler: Compiler, node: Call) -> Typed:
    _, judged, weight = _tested(compiler, node)
    return Typed(BOOLEAN, lambda frame: any(held for _, held in judged(frame)), node, weight=weight)


def _every(compiler: Compiler, node: Call) -> Typed:
    _, judged, weight = _tested(compiler, node)
    return Typed(BOOLEAN, lambda frame: all(held for _, held in judged(frame)), node, weight=weight)


def _end(place: int) -> Callable[[Compiler, Call], Typed]:
    def build(compiler: Compiler, node: Call) -> Typed:
        items = need("list", compiler.compile(node.args[0]))
        run, item = items.run, items.type.item or TEXT
        path = items.path if item.kind == "record" else ()
        return Typed(item, lambda frame: found[place] if (found := run(frame)) else None, node, path,
                     items.weight + 1)

    return build


def _join(frame: Frame, values: Any, between: str | None = None) -> str | None:
    items = values if isinstance(values, list) else [values]
    texts = [text_of(value, frame) for value in frame.items(items)]
    return frame.text((between if between is not None else ", ").join(text for text in texts if text))


def _row(name: str, params: tuple[Param, ...], build: Any, en: str, zh: str, example: str, gives: str,
         result: Any = NUMBER, **more: Any) -> Function:
    return Function(name, params, result, {"en": en, "zh-CN": zh}, example, gives, build=build, **more)


_VALUES, _RECORDS = Param("value or list", "sortable", many=True), Param("records", "list")
_TEST = Param("condition", "boolean")
FUNCTIONS = (
    _row("SUM", (_VALUES,), _aggregate("amount", _sum),
         "The sum; of nothing it is 0.", "求和；没有值时为 0。", "SUM(items.total)", "350.5 CNY"),
    _row("AVERAGE", (_VALUES,), _aggregate("amount", _average),
         "The average.", "平均值。", "AVERAGE(2, 4, BLANK)", "3"),
    _row("MIN", (_VALUES,), _aggregate("sortable", _extreme(min)),
         "The smallest number or amount, or the earliest date.", "最小的数字、金额或最早的日期。",
         "MIN(quantity, 10)", "3"),
    _row("MAX", (_VALUES,), _aggregate("sortable", _extreme(max)),
         "The largest number or amount, or the latest date.", "最大的数字、金额或最晚的日期。",
         "MAX(items.total)", "200.5 CNY"),
    _row("COUNT", (Param("value or list", "any", many=True),), _count,
         "How many values (or records of a list) there are.", "值（或列表中的记录）的个数。", "COUNT(items)", "2"),
    _row("FILTER", (_RECORDS, _TEST), _filter,
         "The records of a list for which the condition is true; names mean their fields.",
         "列表中满足条件的记录；条件中的名称指这些记录的字段。", "SUM(FILTER(items, paid).total)", "150 CNY"),
    _row("ANY", (_RECORDS, _TEST), _any,
         "TRUE when the condition is true for at least one record.", "至少一条记录满足条件时为 TRUE。",
         "ANY(items, total > 200)", "TRUE", BOOLEAN),
    _row("EVERY", (_RECORDS, _TEST), _every,
         "TRUE when the condition is true for all records.", "所有记录都满足条件时为 TRUE。",
         "EVERY(items, paid)", "FALSE", BOOLEAN),
    _row("FIRST", (_RECORDS,), _end(0), "The first of a list.", "列表的第一项。", "FIRST(items).total", "150 CNY"),
    _row("LAST", (_RECORDS,), _end(-1), "The last of a list.", "列表的最后一项。", "LAST(items).total", "200.5 CNY"),
    Function("JOIN", (Param("list", "printable"), Param("between", "text", optional=True)), TEXT,
             {"en": "The values of a list as one text.", "zh-CN": "把列表的各个值连接成一个文本。"},
             'JOIN(tags, " / ")', '"new / vip"', _join, framed=True, strict=False),
)

"""Decisions. Only the value that is chosen is worked out; a missing condition counts as FALSE."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chassis.formulas.errors import BudgetError, EvaluationError, FormulaError
from chassis.formulas.functions.table import Function, Param
from chassis.formulas.nodes import Binary, Call
from chassis.formulas.operators import binary
from chassis.formulas.typed import Run, Typed, need, unified
from chassis.formulas.types import BOOLEAN, Type
from chassis.formulas.values import Frame

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler


def _typed(type: Type, run: Run, node: Call, args: list[Typed]) -> Typed:
    return Typed(type, run, node, weight=1 + sum(arg.weight for arg in args))


def _if(compiler: Compiler, node: Call) -> Typed:
    args = [compiler.compile(arg) for arg in node.args]
    condition = need("boolean", args[0])
    type, runs = unified(args[1:])
    if type.kind != "money" and all(arg.is_literal for arg in args[1:]):
        value, rest = (*(arg.value for arg in args[1:]), None)[:2]
        return _typed(type, compiler.chosen(condition, value, rest), node, args)
    then, other = runs[0], runs[1] if len(runs) > 1 else lambda _: None
    test = compiler.chosen(condition, True, False)
    return _typed(type, lambda frame: then(frame) if test(frame) else other(frame), node, args)


def _and(compiler: Compiler, node: Call) -> Typed:
    args = [need("boolean", compiler.compile(arg)) for arg in node.args]
    runs = tuple(arg.run for arg in args)

    def every(frame: Frame) -> bool:
        for run in runs:  # noqa: SIM110 - a generator would double the time
            if not run(frame):
                return False
        return True

    return _typed(BOOLEAN, every, node, args)


def _or(compiler: Compiler, node: Call) -> Typed:
    args = [need("boolean", compiler.compile(arg)) for arg in node.args]
    runs = tuple(arg.run for arg in args)

    def some(frame: Frame) -> bool:
        for run in runs:  # noqa: SIM110
            if run(frame):
                return True
        return False

    return _typed(BOOLEAN, some, node, args)


def _not(compiler: Compiler, node: Call) -> Typed:
    arg = need("boolean", compiler.compile(node.args[0]))
    run = arg.run
    return _typed(BOOLEAN, lambda frame: not run(frame), node, [arg])


def _switch(compiler: Compiler, node: Call) -> Typed:
    args = [compiler.compile(arg) for arg in node.args]
    value, rest = args[0], args[1:]
    cases, fallback = rest[:len(rest) // 2 * 2:2], rest[-1:] if len(rest) % 2 else []
    if not cases:
        raise FormulaError("pairs_needed", node.start, node.end)
    tests = [binary("=", value, case, Binary(case.node.start, case.node.end, "=", value.node, case.node)).run
             for case in cases]
    type, runs = unified([*rest[1::2], *fallback])
    pairs, other = tuple(zip(tests, runs, strict=False)), runs[-1] if fallback else None

    def chosen(frame: Frame) -> Any:
        for test, run in pairs:
            if test(frame):
                return run(frame)
        return other(frame) if other else None

    return _typed(type, chosen, node, [*args, *[value] * len(cases)])


def _coalesce(compiler: Compiler, node: Call) -> Typed:
    args = [compiler.compile(arg) for arg in node.args]
    type, runs = unified(args)

    def first(frame: Frame) -> Any:
        for run in runs:
            value = run(frame)
            if value is not None and value != "":
                return value
        return None

    return _typed(type, first, node, args)


def _is_blank(compiler: Compiler, node: Call) -> Typed:
    arg = compiler.compile(node.args[0])
    run = arg.run
    return _typed(BOOLEAN, lambda frame: (value := run(frame)) is None or value in ("", []), node, [arg])


def _if_error(compiler: Compiler, node: Call) -> Typed:
    args = [compiler.compile(arg) for arg in node.args]
    type, (run, other) = unified(args)

    def guarded(frame: Frame) -> Any:
        depth = len(frame.rows)
        try:
            return run(frame)
        except BudgetError:
            raise
        except EvaluationError:
            del frame.rows[depth:]
            return other(frame)

    return _typed(type, guarded, node, args)


_Build = Callable[["Compiler", Call], Typed]


def _row(name: str, params: tuple[Param, ...], build: _Build, en: str, zh: str, example: str, gives: str,
         result: Type = BOOLEAN) -> Function:
    return Function(name, params, result, {"en": en, "zh-CN": zh}, example, gives, build=build)


_ANY = Type("any")
FUNCTIONS = (
    _row("IF", (Param("condition", "boolean"), Param("then", "any"), Param("else", "any", optional=True)), _if,
         "One value when the condition is true, the other (or nothing) when it is not.",
         "条件成立时取第一个值，否则取第二个值（省略则为空）。",
         'IF(amount > 100000, "A", "B")', '"A"', _ANY),
    _row("SWITCH", (Param("value", "scalar"), Param("case", "scalar"), Param("result", "any", many=True)), _switch,
         "The result behind the first case that equals the value; a last value alone is taken when none does.",
         "取第一个与该值相等的情况对应的结果；末尾单独的值用于都不相等时。",
         'SWITCH(level, "A", 3, "B", 2, 1)', "3", _ANY),
    _row("AND", (Param("condition", "boolean", many=True),), _and,
         "TRUE when all conditions are true.", "所有条件都成立时为 TRUE。",
         "AND(amount > 1000, quantity >= 3)", "TRUE"),
    _row("OR", (Param("condition", "boolean", many=True),), _or,
         "TRUE when at least one condition is true.", "至少一个条件成立时为 TRUE。",
         'OR(level = "B", quantity >= 3)', "TRUE"),
    _row("NOT", (Param("condition", "boolean"),), _not,
         "TRUE when the condition is not.", "条件不成立时为 TRUE。", 'NOT(level = "A")', "FALSE"),
    _row("COALESCE", (Param("value", "any", many=True),), _coalesce,
         "The first value that is not missing.", "第一个非空的值。", "COALESCE(discount, 0)", "0", _ANY),
    _row("ISBLANK", (Param("value", "any"),), _is_blank,
         "TRUE when there is no value; an empty text is none.", "没有值时为 TRUE；空文本视为没有值。",
         "ISBLANK(discount)", "TRUE"),
    _row("IFERROR", (Param("value", "any"), Param("else", "any")), _if_error,
         "The value, or the other one when it cannot be worked out.", "取第一个值；无法计算时取第二个值。",
         "IFERROR(price / 0, 0)", "0", _ANY),
)

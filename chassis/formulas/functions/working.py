"""Working time: what is reached after so much of it, and how much lies between. Calendars come with the scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chassis.formulas.errors import EvaluationError
from chassis.formulas.functions.table import Function, Param, same_as_first
from chassis.formulas.nodes import Call
from chassis.formulas.operators import placed
from chassis.formulas.typed import Typed, fixed_word, need
from chassis.formulas.types import DATETIME, NUMBER
from chassis.formulas.values import EXACT, Frame
from chassis.working_time import MOST, Length, NeverWorked, add_days, add_time, later, time_between

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler

_UNITS = ("minutes", "hours", "days")
_COST = 200  # steps for one look into a calendar
_LONGEST = timedelta(hours=MOST["wh"])


def _nobody(_: Frame) -> None:
    """The department of nobody: the company's calendar."""


def _workadd(compiler: Compiler, node: Call) -> Typed:
    day, count = need("day", compiler.compile(node.args[0])), need("number", compiler.compile(node.args[1]))
    unit, department = fixed_word(compiler.compile(node.args[2]), _UNITS), _department(compiler, node, 3)
    if unit != "days" and day.type.kind == "date":
        raise day.error("wrong_type", wanted="datetime", found="date")
    first, second, third = day.run, count.run, department

    def added(frame: Frame) -> Any:
        value, by = first(frame), second(frame)
        if value is None or by is None:
            return None
        return _counted(node, lambda: _later(frame, value, by, unit, third(frame)))

    type = day.type.plain if day.type.kind != "blank" else DATETIME
    return Typed(type, added, node, weight=day.weight + count.weight + 2)


def _workhours(compiler: Compiler, node: Call) -> Typed:
    end, start = (need("datetime", compiler.compile(arg)) for arg in node.args[:2])
    first, second, third = end.run, start.run, _department(compiler, node, 2)

    def between(frame: Frame) -> Any:
        until, since = first(frame), second(frame)
        if until is None or since is None:
            return None
        frame.spend(_COST)
        gone = _counted(node, lambda: time_between(frame.scope.calendar(third(frame)), since, until))
        return EXACT.divide(Decimal(gone.days * 86_400 + gone.seconds), Decimal(3_600))

    return Typed(NUMBER, between, node, weight=end.weight + start.weight + 2)


def _department(compiler: Compiler, node: Call, place: int) -> Callable[[Frame], Any]:
    return need("link", compiler.compile(node.args[place])).run if len(node.args) > place else _nobody


def _later(frame: Frame, value: Any, by: Decimal, unit: str, department: str | None) -> Any:
    frame.spend(_COST)
    calendar = frame.scope.calendar(department)
    if unit == "days":
        if abs(by) > MOST["wd"]:
            raise NeverWorked
        if not isinstance(value, datetime):
            return add_days(calendar, value, int(by))
        return later(Length(abs(int(by)), "wd"), value, calendar, -1 if by < 0 else 1)
    seconds = by * (3_600 if unit == "hours" else 60)
    if abs(seconds) > _LONGEST.total_seconds():
        raise NeverWorked
    return add_time(calendar, value, timedelta(seconds=int(seconds)))


def _counted(node: Call, count: Callable[[], Any]) -> Any:
    try:
        return count()
    except (NeverWorked, OverflowError):
        raise placed(EvaluationError("never_worked"), node) from None


_DEPARTMENT = Param("department", "link", optional=True)
FUNCTIONS = (
    Function("WORKADD", (Param("date", "day"), Param("count", "number"), Param("unit", "text"), _DEPARTMENT),
             same_as_first,
             {"en": "A moment so much working time later: minutes, hours or days, by the working calendar of the "
                    "company, or of a department.",
              "zh-CN": "按公司（或指定部门）的工作日历，在日期时间上加上若干工作时间：minutes、hours 或 days。"},
             'WORKADD(created_at, 1, "days")', "2026-02-02 16:00", build=_workadd, volatile=True),
    Function("WORKHOURS", (Param("end", "datetime"), Param("start", "datetime"), _DEPARTMENT), NUMBER,
             {"en": "The working hours from one moment to another, with parts: end first.",
              "zh-CN": "两个时间之间的工作小时数（含小数）：先写结束时间。"},
             "WORKHOURS(NOW(), created_at)", "270", build=_workhours, volatile=True),
)
NAMES = frozenset(one.name for one in FUNCTIONS)

"""Days and moments. A moment counts as its calendar day in the time zone of the run wherever a day is wanted."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chassis.formulas.errors import EvaluationError, FormulaError, shown
from chassis.formulas.functions.table import Function, Param, same_as_first
from chassis.formulas.nodes import Call
from chassis.formulas.operators import placed
from chassis.formulas.typed import Typed, fixed_word, need
from chassis.formulas.types import DATE, DATETIME, NUMBER
from chassis.formulas.values import Frame, days_between, shifted

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler

_UNITS: Sequence[str] = ("minutes", "hours", "days", "weeks", "months", "quarters", "years", "workdays")
_SPANS: Sequence[str] = ("days", "weeks", "months", "years")
_MONTHS = {"months": 1, "quarters": 3, "years": 12}
_DAYS = {"minutes": Decimal(1) / 1440, "hours": Decimal(1) / 24, "days": Decimal(1), "weeks": Decimal(7)}
_MANY = Decimal(10_000_000)


def _today(frame: Frame) -> date:
    return frame.local_day(frame.scope.now)


def _now(frame: Frame) -> datetime:
    return frame.scope.now


def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    """Months and days beyond their range carry over, as in spreadsheets."""
    first = _in_months(date(_within(year, 1, 9999), 1, 1), _within(month, -100_000, 100_000) - 1)
    return shifted(first, Decimal(_within(day, -1_000_000, 1_000_000) - 1))


def _within(value: Decimal, low: int, high: int) -> int:
    if not low <= value <= high:
        raise EvaluationError("date_out_of_range")
    return int(value)


def _in_months(value: date, months: int) -> Any:
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise EvaluationError("date_out_of_range")
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def _date_of(frame: Frame, value: Any) -> date:
    if isinstance(value, date):
        return frame.local_day(value)
    try:
        return date.fromisoformat(value.strip()[:10].replace("/", "-").replace(".", "-"))
    except ValueError:
        raise EvaluationError("not_a_date", text=shown(value)) from None


def _part(work: Callable[[date], int]) -> Callable[[Frame, Any], Decimal]:
    return lambda frame, value: Decimal(work(frame.local_day(value)))


def _clock(work: Callable[[datetime], int]) -> Callable[[Frame, datetime], Decimal]:
    return lambda frame, value: Decimal(work(value.astimezone(frame.zone)))


def _days(frame: Frame, end: Any, start: Any) -> Decimal:
    return Decimal((frame.local_day(end) - frame.local_day(start)).days)


def _workdays(frame: Frame, start: Any, end: Any) -> Decimal:
    """Days from Monday to Friday, both ends counted."""
    first, last = frame.local_day(start), frame.local_day(end)
    if first > last:
        return -_workdays(frame, end, start)
    weeks, rest = divmod((last - first).days + 1, 7)
    return Decimal(weeks * 5 + sum((first.weekday() + place) % 7 < 5 for place in range(rest)))


def _after_workdays(value: Any, count: int) -> Any:
    """The day so many working days later (earlier when negative)."""
    step = 1 if count >= 0 else -1
    weeks, rest = divmod(abs(count), 5)
    day = shifted(value, Decimal(step * weeks * 7))
    while rest:
        day = shifted(day, Decimal(step))
        rest -= day.weekday() < 5
    return day


def _end_of_month(frame: Frame, value: Any, months: Decimal = Decimal(0)) -> date:
    moved = _in_months(frame.local_day(value).replace(day=1), _within(months, -200_000, 200_000))
    return moved.replace(day=monthrange(moved.year, moved.month)[1])


def _added(frame: Frame, value: Any, count: int, unit: str) -> Any:
    if unit in _MONTHS:
        return _in_zone(frame, value, lambda day: _in_months(day, count * _MONTHS[unit]))
    if unit == "workdays":
        return _in_zone(frame, value, lambda day: _after_workdays(day, count))
    if unit in ("minutes", "hours"):
        return value + timedelta(**{unit: count})
    return shifted(value, count * _DAYS[unit])


def _in_zone(frame: Frame, value: Any, work: Callable[[Any], Any]) -> Any:
    """Calendar work on a moment goes by the clock of the wall."""
    if not isinstance(value, datetime):
        return work(value)
    return work(value.astimezone(frame.zone)).astimezone(value.tzinfo)


def _dateadd(compiler: Compiler, node: Call) -> Typed:
    day = need("day", compiler.compile(node.args[0]))
    count = need("number", compiler.compile(node.args[1]))
    unit = fixed_word(compiler.compile(node.args[2]), _UNITS)
    if unit in ("minutes", "hours") and day.type.kind == "date":
        raise day.error("wrong_type", wanted="datetime", found="date")
    first, second = day.run, count.run

    def added(frame: Frame) -> Any:
        value, by = first(frame), second(frame)
        if value is None or by is None:
            return None
        try:
            return _added(frame, value, _within(by, -10_000_000, 10_000_000), unit)
        except (OverflowError, ValueError) as error:
            raise _out_of_range(error, node) from None

    type = day.type.plain if day.type.kind != "blank" else DATE
    return Typed(type, added, node, weight=day.weight + count.weight + 1)


def _out_of_range(error: Exception, node: Call) -> FormulaError:
    return placed(error if isinstance(error, FormulaError) else EvaluationError("date_out_of_range"), node)


def _datedif(compiler: Compiler, node: Call) -> Typed:
    start, end = (need("day", compiler.compile(arg)) for arg in node.args[:2])
    unit = fixed_word(compiler.compile(node.args[2]), _SPANS)
    first, second = start.run, end.run

    def span(frame: Frame) -> Any:
        one, other = first(frame), second(frame)
        if one is None or other is None:
            return None
        return _span(frame.local_day(one), frame.local_day(other), unit)

    return Typed(NUMBER, span, node, weight=start.weight + end.weight + 1)


def _span(start: date, end: date, unit: str) -> Decimal:
    """Whole units between two days."""
    if start > end:
        return -_span(end, start, unit)
    if unit in ("days", "weeks"):
        return Decimal((end - start).days // (7 if unit == "weeks" else 1))
    months = (end.year - start.year) * 12 + end.month - start.month
    months -= end.day < min(start.day, monthrange(end.year, end.month)[1])
    return Decimal(months // 12 if unit == "years" else months)


def _hours(frame: Frame, end: datetime, start: datetime) -> Decimal:
    return days_between(end, start, frame) * 24


def _row(name: str, params: tuple[Param, ...], run: Callable[..., Any] | None, en: str, zh: str, example: str,
         gives: str, result: Any = NUMBER, **more: Any) -> Function:
    return Function(name, params, result, {"en": en, "zh-CN": zh}, example, gives, run,
                    framed=run is not None and more.pop("framed", True), **more)


_DAY, _MOMENT = Param("date", "day"), Param("datetime", "datetime")
_START, _END, _COUNT = Param("start", "day"), Param("end", "day"), Param("count", "number")
FUNCTIONS = (
    _row("TODAY", (), _today, "The present day.", "今天的日期。", "TODAY()", "2026-03-15", DATE, volatile=True),
    _row("NOW", (), _now, "The present moment.", "当前的日期和时间。", "NOW()", "2026-03-15 10:30", DATETIME,
         volatile=True),
    _row("DATE", (Param("year", "number"), Param("month", "number"), Param("day", "number")), _date,
         "The date of these numbers; what is beyond a month carries over.",
         "由年、月、日得到日期；超出范围的部分自动进位。", "DATE(2026, 3, 1)", "2026-03-01", DATE, framed=False),
    _row("DATEVALUE", (Param("value", "scalar"),), _date_of,
         "The day of a moment, or the date that a text spells.", "日期时间所在的日期，或文本表示的日期。",
         "DATEVALUE(created_at)", "2026-01-31", DATE),
    _row("YEAR", (_DAY,), _part(lambda day: day.year), "The year.", "年份。", "YEAR(created_at)", "2026"),
    _row("QUARTER", (_DAY,), _part(lambda day: (day.month + 2) // 3), "The quarter, 1 to 4.", "季度，1 至 4。",
         "QUARTER(created_at)", "1"),
    _row("MONTH", (_DAY,), _part(lambda day: day.month), "The month, 1 to 12.", "月份，1 至 12。",
         "MONTH(created_at)", "1"),
    _row("WEEKNUM", (_DAY,), _part(lambda day: day.isocalendar().week), "The week of the year by ISO 8601.",
         "按 ISO 8601 计算的周数。", "WEEKNUM(created_at)", "5"),
    _row("DAY", (_DAY,), _part(lambda day: day.day), "The day of the month.", "一个月中的第几天。",
         "DAY(created_at)", "31"),
    _row("WEEKDAY", (_DAY,), _part(date.isoweekday), "The day of the week: 1 is Monday, 7 is Sunday.",
         "星期几：1 为星期一，7 为星期日。", "WEEKDAY(created_at)", "6"),
    _row("HOUR", (_MOMENT,), _clock(lambda moment: moment.hour), "The hour, 0 to 23.", "小时，0 至 23。",
         "HOUR(created_at)", "16"),
    _row("MINUTE", (_MOMENT,), _clock(lambda moment: moment.minute), "The minute, 0 to 59.", "分钟，0 至 59。",
         "MINUTE(created_at)", "0"),
    _row("DAYS", (_END, _START), _days, "The days from one date to another: end first, as in spreadsheets.",
         "两个日期相差的天数：先写结束日期，与电子表格一致。", "DAYS(TODAY(), created_at)", "43"),
    _row("HOURS", (Param("end", "datetime"), Param("start", "datetime")), _hours,
         "The hours from one moment to another, with parts.", "两个时间相差的小时数，含小数。",
         "HOURS(NOW(), created_at)", "1026.5"),
    _row("DATEDIF", (_START, _END, Param("unit", "text")), None,
         "Whole units between two dates: `\"days\"`, `\"weeks\"`, `\"months\"` or `\"years\"`.",
         "两个日期之间的完整单位数：`\"days\"`、`\"weeks\"`、`\"months\"` 或 `\"years\"`。",
         'DATEDIF(created_at, TODAY(), "months")', "1", build=_datedif),
    _row("DATEADD", (_DAY, _COUNT, Param("unit", "text")), None,
         "A date so many units later: minutes, hours, days, weeks, months, quarters, years or workdays.",
         "日期加上若干单位：minutes、hours、days、weeks、months、quarters、years 或 workdays。",
         'DATEADD(due, 1, "months")', "2026-04-30", same_as_first, build=_dateadd),
    _row("EOMONTH", (_DAY, Param("months", "number", optional=True)), _end_of_month,
         "The last day of its month, or of one some months later.", "当月（或若干个月之后）的最后一天。",
         "EOMONTH(created_at, 1)", "2026-02-28", DATE),
    _row("WORKDAYS", (_START, _END), _workdays, "The days from Monday to Friday between two dates, both counted.",
         "两个日期之间的工作日（周一至周五）天数，含首尾。", "WORKDAYS(created_at, due)", "42"),
)

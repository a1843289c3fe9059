"""Texts. A missing text counts as an empty one when texts are joined; elsewhere it gives nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import re2

from chassis.criteria.folding import fold
from chassis.formulas.errors import EvaluationError, shown
from chassis.formulas.functions.formats import formatted
from chassis.formulas.functions.table import Function, Param
from chassis.formulas.limits import MAX_DIGITS, MAX_PATTERN, MAX_TEXT
from chassis.formulas.nodes import Call
from chassis.formulas.typed import Typed, check_choice, fixed_text, need
from chassis.formulas.types import BOOLEAN, NUMBER, TEXT
from chassis.formulas.values import Frame, text_of

if TYPE_CHECKING:
    from chassis.formulas.compiler import Compiler

_PATTERN_MEMORY = 1 << 20


def _concat(frame: Frame, *values: Any) -> str:
    return frame.text("".join([text_of(value, frame) for value in values]))


def _count(value: Decimal) -> int:
    return int(max(Decimal(0), min(Decimal(MAX_TEXT), value)))


def _left(text: str, count: Decimal = Decimal(1)) -> str:
    return text[:_count(count)]


def _right(text: str, count: Decimal = Decimal(1)) -> str:
    wanted = _count(count)
    return text[-wanted:] if wanted else ""


def _mid(text: str, start: Decimal, count: Decimal) -> str:
    first = max(0, _count(start) - 1)
    return text[first:first + _count(count)]


def _find(sought: str, text: str) -> Decimal | None:
    place = fold(text).find(fold(sought))
    return Decimal(place + 1) if place >= 0 else None


def _substitute(frame: Frame, text: str, old: str, new: str) -> str:
    frame.spend(1 + len(text) // 100)
    count = text.count(old) if old else 0
    if count * (len(new) - len(old)) + len(text) > MAX_TEXT:
        frame.text("x" * (MAX_TEXT + 1))
    return frame.text(text.replace(old, new)) if count else text


def _repeat(frame: Frame, text: str, count: Decimal) -> str:
    wanted = _count(count)
    return frame.text(text * min(wanted, MAX_TEXT // max(1, len(text)) + 1))


def _number(text: str) -> Decimal:
    plain = text.strip().replace(",", "").replace("，", "")
    try:
        if len(plain) > 2 * MAX_DIGITS or not plain.isascii() or "_" in plain or "e" in plain.lower():
            raise InvalidOperation
        number = Decimal(plain)
    except InvalidOperation:
        raise EvaluationError("not_a_number", text=shown(text)) from None
    if not number.is_finite():
        raise EvaluationError("not_a_number", text=shown(text))
    return number


def _contains(compiler: Compiler, node: Call) -> Typed:
    whole, part = compiler.compile(node.args[0]), need("text", compiler.compile(node.args[1]))
    first, second = whole.run, part.run
    if whole.type.kind == "list":
        return Typed(BOOLEAN, _has(compiler, whole, part), node, weight=whole.weight + part.weight + 1)
    need("text", whole)

    def contains(frame: Frame) -> bool:
        text, sought = first(frame), second(frame)
        return bool(text) and bool(sought) and fold(sought) in fold(text)

    return Typed(BOOLEAN, contains, node, weight=whole.weight + part.weight + 1)


def _has(_: Compiler, whole: Typed, part: Typed) -> Callable[[Frame], bool]:
    item = whole.type.item
    if item is None or not item.is_text:
        raise whole.error("wrong_type", wanted="text", found=whole.type.kind)
    check_choice(Typed(item, whole.run, whole.node), part)
    items, sought = whole.run, part.run
    return lambda frame: (value := sought(frame)) is not None and value in frame.items(items(frame) or [])


def _matches(compiler: Compiler, node: Call) -> Typed:
    text, pattern = need("text", compiler.compile(node.args[0])), compiler.compile(node.args[1])
    written = fixed_text(pattern)
    if len(written) > MAX_PATTERN:
        raise pattern.error("bad_pattern")
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_MEMORY, False
    try:
        found = re2.compile(written, options).search
    except re2.error:
        raise pattern.error("bad_pattern") from None
    run = text.run
    return Typed(BOOLEAN, lambda frame: bool(value := run(frame)) and found(value) is not None, node,
                 weight=text.weight + 2)


def _text(frame: Frame, value: Any, form: str | None = None) -> str | None:
    if value is None:
        return None
    return frame.text(text_of(value, frame) if form is None else formatted(value, form, frame))


def _row(name: str, params: tuple[Param, ...], run: Callable[..., Any] | None, en: str, zh: str, example: str,
         gives: str, result: Any = TEXT, **more: Any) -> Function:
    return Function(name, params, result, {"en": en, "zh-CN": zh}, example, gives, run, **more)


_TEXT, _COUNT = Param("text", "text"), Param("count", "number")
_PART = Param("part", "text")
FUNCTIONS = (
    _row("CONCAT", (Param("value", "printable", many=True),), _concat,
         "The values joined to one text; also written `&`.", "把各个值连接成一个文本，也可写作 `&`。",
         'CONCAT(name, " / ", level)', '"Huadong Machinery / A"', framed=True, strict=False),
    _row("TEXT", (Param("value", "scalar"), Param("format", "text", optional=True)), _text,
         "A value as text, in a format such as `#,##0.00`, `0.0%`, `YYYY-MM-DD HH:mm` or `YYYY年M月D日`.",
         "按格式把值转换为文本，例如 `#,##0.00`、`0.0%`、`YYYY-MM-DD HH:mm`、`YYYY年M月D日`。",
         'TEXT(amount, "#,##0.00")', '"120,000.00"', framed=True, strict=False),
    _row("VALUE", (_TEXT,), _number, "The number that a text spells.", "把文本转换为数字。",
         'VALUE("1,200.5")', "1200.5", NUMBER),
    _row("UPPER", (_TEXT,), str.upper, "In capital letters.", "转换为大写字母。", 'UPPER("ab")', '"AB"'),
    _row("LOWER", (_TEXT,), str.lower, "In small letters.", "转换为小写字母。", 'LOWER("AB")', '"ab"'),
    _row("TRIM", (_TEXT,), lambda text: " ".join(text.split()),
         "Without blanks at its ends and doubled ones within.", "去掉首尾空格和中间多余的空格。",
         'TRIM("  a   b ")', '"a b"'),
    _row("LEFT", (_TEXT, Param("count", "number", optional=True)), _left,
         "Its first characters.", "开头的若干个字符。", "LEFT(name, 7)", '"Huadong"'),
    _row("RIGHT", (_TEXT, Param("count", "number", optional=True)), _right,
         "Its last characters.", "末尾的若干个字符。", "RIGHT(name, 9)", '"Machinery"'),
    _row("MID", (_TEXT, Param("start", "number"), _COUNT), _mid,
         "So many characters from a place on; the first is 1.", "从某个位置开始的若干个字符，位置从 1 开始。",
         "MID(name, 3, 4)", '"adon"'),
    _row("LEN", (_TEXT,), lambda text: Decimal(len(text)), "How many characters it has.", "字符个数。",
         'LEN("客户")', "2", NUMBER),
    _row("FIND", (_PART, _TEXT), _find,
         "The place of a part, nothing when it is not there; case does not count.",
         "某部分首次出现的位置，找不到时为空；不区分大小写。", 'FIND("dong", name)', "4", NUMBER),
    _row("CONTAINS", (Param("text or list", "any"), _PART), None,
         "TRUE when the part is in the text (case does not count), or the value in the list.",
         "文本包含该部分（不区分大小写）或列表包含该值时为 TRUE。", 'CONTAINS(tags, "vip")', "TRUE", BOOLEAN,
         build=_contains),
    _row("STARTSWITH", (_TEXT, _PART), lambda text, part: fold(text).startswith(fold(part)),
         "TRUE when the text starts with the part; case does not count.", "文本以该部分开头时为 TRUE，不区分大小写。",
         'STARTSWITH(name, "hua")', "TRUE", BOOLEAN),
    _row("ENDSWITH", (_TEXT, _PART), lambda text, part: fold(text).endswith(fold(part)),
         "TRUE when the text ends with the part; case does not count.", "文本以该部分结尾时为 TRUE，不区分大小写。",
         'ENDSWITH(name, "Ltd")', "FALSE", BOOLEAN),
    _row("SUBSTITUTE", (_TEXT, Param("old", "text"), Param("new", "text")), _substitute,
         "The text with one part replaced by another everywhere.", "把文本中的某部分全部替换为另一部分。",
         'SUBSTITUTE("a-b-c", "-", "/")', '"a/b/c"', framed=True),
    _row("REPT", (_TEXT, _COUNT), _repeat, "The text so many times.", "把文本重复若干次。",
         'REPT("★", 3)', '"★★★"', framed=True),
    _row("MATCHES", (_TEXT, Param("pattern", "text")), None,
         "TRUE when a regular expression (RE2) is found in the text.", "文本与正则表达式（RE2）匹配时为 TRUE。",
         'MATCHES("AB-1024", "^[A-Z]+-[0-9]+$")', "TRUE", BOOLEAN, build=_matches),
)

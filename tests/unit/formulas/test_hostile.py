"""Hostile formulas: every one is refused or ends quickly, and none reaches anything but the values it was given."""

from __future__ import annotations

import gc
import time
from typing import Any

import pytest

from chassis.formulas import FormulaError, Result, compile_formula
from tests.unit.formulas.conftest import OBJECTS, RECORD, RELATED, SCHEMA, SCOPE

LONGEST = 0.1  # seconds of processor time, compiling included
_ESCAPES = [
    "__class__", "name.__class__", "name.__class__.__mro__", '"".__class__', "().__class__.__bases__", "[].append",
    "name.format", 'name.format("{0.__class__}")', "customer.__dict__", "customer.__class__.level", "items.__len__",
    "items.pop", "FIRST(items).__class__", "FIRST(items).keys", "FILTER(items, __builtins__)", "__import__",
    '__import__("os")', '__import__("os").system("true")', 'eval("1")', 'exec("1")', "globals()", "locals()", "vars()",
    "dir()", 'getattr(name, "x")', 'setattr(name, "x", 1)', 'open("/etc/passwd")', "compile(name)", "lambda: 1",
    "lambda x: x", "[x for x in items]", "{x: 1}", "name[0]", "name[::1]", "items[0]", "items[-1]",
    "name if active else note",
    "name or note", "name and note", "not active", "name is note", "name in note", "`name`", "$name", "#name", "@name",
    "name := 1", "name; note", "name\\note", "a = b = c", "import os", "from os import path", "del name", "yield",
    "await name",
    "async", "print(name)", "type(name)", "object()", "super()", "self", "cls", "this", "None", "Ellipsis",
    "NotImplemented",
    "frame", "scope", "record", "related", "rows", "FUNCTIONS", "EXACT.add(1, 2)", "Decimal(1)", "Money(1, 2)",
    "datetime.now()",
    "os.environ", "sys.exit()", "subprocess.run(name)", "Path(name)", "constructor.constructor(name)()",
    "name.constructor",
    "process.env", "require(name)", "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "%s%s%s%n", "'; DROP TABLE r_lead; --",
    "=cmd|'/C calc'!A0", "@SUM(1)", "+SUM(", "HYPERLINK(name)", "INDIRECT(name)", "WEBSERVICE(name)", "CALL(name)",
    "EXEC(name)", "IMPORTXML(name)", "REGISTER.ID(name)", "LET(x, 1, x)", "LAMBDA(x, x)(1)", "name.level",
    "level.x.y.z",
    "items.items.items", "items.total.amount", "customer.parent.parent.parent.level", "tags.x", "FIRST(tags).x",
]  # fmt: skip
_NOISE = [
    "", " ", "\n", "\t\u3000", "(", ")", "()", ",", ".", "..", "...", "&", "%", "%%", "^", "=", "==", "<>", '"', '""',
    '"""',
    "'a'", '"a', 'a"', "1.", "1..2", "1.2.3", "0x10", "1e5", "1e999999999", "1_000", "٣", "１２", "１", "∞", "NaN",
    "Infinity",
    "-", "--", "+-+-", "1 2", "a b", "IF", "IF(", "IF()", "IF(,)", "IF(,,)", "(,)", "SUM(,1)", "SUM(1,)", "SUM((1)",
    "SUM(1))",
    "\x00", "name\x00", "\x1b[31m", "\ufeffname", "\u202ename", "name\u200b", "\ud800", "名称", "Ａ", "ﬁ", "name。note",
    "“a”",
    "IF(TRUE，1", "(1]", "[1)", "{1}", "1 <> ", "<> 1", "= 1", "1 = = 1", "1 >< 2", "a => b", "* 1", "/ 1", "^ 1",
    "% 1", "& name",
]  # fmt: skip
_LARGE = [
    "1" * 29, "1" * 4_000, "0" * 4_000, "0." + "1" * 4_000, "9" * 28 + " * " + "9" * 28, "9 ^ 9 ^ 9 ^ 9", "9 ^ 9 ^ 9",
    "10 ^ 10 ^ 10", "10 ^ 100000000", "0.1 ^ 100000000", "1.0000001 ^ 999999999", "(0 - 1) ^ 0.5", "0 ^ 0", "0 ^ -1",
    "2 ^ 0.3333333333333333333333333", "POWER(99999, 99999)", "POWER(POWER(99, 99), 99)", "EXP(99999)", "EXP(EXP(10))",
    "EXP(-999999999)", "LN(0)", "LN(-1)", "LN(10 ^ 199)", "SQRT(-1)", "SQRT(10 ^ 199)", "1 / 0", "MOD(1, 0)",
    "MOD(10 ^ 150, 3)",
    "MOD(10 ^ 199, 0.0000001)", "ROUND(1, 999999999999)", "ROUND(1, -999999999999)", "ROUND(10 ^ 100, 5)",
    "FLOOR(10 ^ 199)",
    "5%%%%%%%%%%%%%%%%", "%".join(["5"] + [""] * 90), "-" * 90 + "1", "-" * 4_000 + "1", "5" + "%" * 4_000,
    "(" * 99 + "1" + ")" * 99,
    "(" * 2_000 + "1" + ")" * 2_000, "(" * 4_999, ")" * 4_999, "ABS(" * 99 + "1" + ")" * 99,
    "ABS(" * 1_000 + "1" + ")" * 1_000,
    "IF(active, " * 90 + "1" + ", 1)" * 90, "NOT(" * 95 + "TRUE" + ")" * 95, "1" + "+1" * 95, "1" + "+1" * 2_400,
    "1" + "^1" * 2_400,
    "1" + "&1" * 2_400, "1" + "=1" * 2_400, "name" + ".name" * 900, "customer" + ".parent" * 700,
    "SUM(" + "1," * 99 + "1)",
    "SUM(" + "1," * 2_000 + "1)", "CONCAT(" + ",".join(["name"] * 100) + ")", "a" * 5_000, "a" * 5_001,
    "a" * 1_000_000, "A(" * 2_000,
    '"' + "x" * 4_990 + '"', '"' + "x" * 10_000_000 + '"', '"' + '""' * 2_400 + '"', " " * 4_999 + "1",
    " " * 10_000_000,
    "\n" * 4_999 + "1", 'REPT("x", 20000)', 'REPT("x", 20001)', 'REPT("x", 999999999999)', 'REPT("x", 10 ^ 150)',
    'REPT("x", -5)',
    'REPT(REPT("x", 10000), 10000)', 'REPT(REPT(REPT("x", 999), 999), 999)', 'LEN(REPT("ab", 10000))',
    'REPT("", 999999999999)',
    'SUBSTITUTE(REPT("x", 20000), "x", REPT("x", 20000))', 'SUBSTITUTE(REPT("x", 20000), "x", "xx")',
    'SUBSTITUTE("x", "", "y")',
    "SUBSTITUTE(" * 40 + 'REPT("x", 300)' + ', "x", "xx")' * 40,
    "SUBSTITUTE(" * 90 + 'REPT("x", 20000)' + ', "x", "y")' * 90,
    "UPPER(" * 90 + 'REPT("ß", 20000)' + ")" * 90, "CONCAT(" * 30 + "name" + ", name, name)" * 30,
    "TRIM(" * 90 + 'REPT(" x", 10000)' + ")" * 90,
    "MID(name, 10 ^ 100, 10 ^ 100)", "LEFT(name, 10 ^ 150)", "RIGHT(name, 10 ^ 150)", "LEFT(name, -1)",
    'FIND("", name)', "TEXT(10 ^ 199)",
    'TEXT(10 ^ 199, "#,##0.00")', 'TEXT(1, REPT("0", 20000))', 'TEXT(1, "0.0000000000000")', 'TEXT(1, "%s{0}{1}")',
    'TEXT(due, "{0.__class__}")',
    'TEXT(due, "YYYY{0.year}")', 'TEXT(1, "{0}")', 'VALUE("1e999999999")', 'VALUE("NaN")', 'VALUE("sNaN")',
    'VALUE("Infinity")', 'VALUE("1_0")',
    'VALUE(REPT("9", 20000))', 'VALUE("٣")', 'VALUE("")', 'VALUE(" ")', 'DATEVALUE("9999-99-99")', 'DATEVALUE("")',
    'DATEVALUE(REPT("1", 9999))',
]  # fmt: skip
_DATES = [
    "DATE(0, 1, 1)", "DATE(10000, 1, 1)", "DATE(10 ^ 100, 1, 1)", "DATE(2026, 10 ^ 100, 1)", "DATE(2026, 1, 10 ^ 100)",
    "DATE(9999, 12, 32)", "DATE(1, 1, 0)", "DATE(2026.5, 1.5, 1.5)", "due + 10 ^ 100", "due - 10 ^ 100",
    "created_at + 10 ^ 100",
    "created_at - 10 ^ 100", "created_at + 0.0000000001", 'DATEADD(due, 10 ^ 100, "days")',
    'DATEADD(due, 10 ^ 100, "months")',
    'DATEADD(due, -10 ^ 7, "years")', 'DATEADD(due, 10 ^ 7, "workdays")', 'DATEADD(created_at, 10 ^ 7, "minutes")',
    'DATEADD(created_at, 10 ^ 100, "hours")', 'DATEADD(due, 1, name)', 'DATEADD(due, 1, "")',
    'DATEADD(due, 1, REPT("x", 99))',
    "EOMONTH(due, 10 ^ 100)", "EOMONTH(due, 200000)", "WORKDAYS(DATE(1, 1, 1), DATE(9999, 12, 31))",
    "WORKDAYS(DATE(9999, 12, 31), DATE(1, 1, 1))",
    'DATEDIF(DATE(1, 1, 1), DATE(9999, 12, 31), "months")', "HOURS(NOW(), created_at) ^ 50", "TODAY(1)", "NOW() * 2",
    "TODAY() + TODAY()",
]  # fmt: skip
_PATTERNS = [
    f"MATCHES({text}, {pattern})" for text, pattern in [
        ('REPT("a", 20000)', '"(a+)+$"'), ('REPT("a", 20000)', '"(a|a)*b"'), ('REPT("a", 20000)', '"(a|aa)+$"'),
        ('REPT("a", 20000)', '"(.*a){25}"'), ('REPT("a", 20000)', '"(x+x+)+y"'),
        ('REPT("a", 20000)', '"^(([a-z])+.)+[A-Z]([a-z])+$"'),
        ("name", '"(a{1000}){1000}"'), ("name", '"a{999999999}"'), ("name", '"(?=a)"'), ("name", '"(a)\\1"'),
        ("name", '"(?<=a)b"'),
        ("name", '"["'), ("name", '"*"'), ("name", '"(?P<x"'), ("name", '"\\"'),
        ("name", '"' + "(" * 100 + ")" * 100 + '"'),
        ("name", '"' + "(a*)" * 50 + '"'), ("name", '"' + "x" * 201 + '"'), ("name", "name"),
        ("name", '"(?i)\\pL{50,60}$"'),
        ('REPT("ab", 9999)', '"(?s).*.*.*.*.*.*.*.*x"')]
]  # fmt: skip
_LISTS = [
    "SUM(many.pieces)", "COUNT(FILTER(many, pieces > 1))", "COUNT(FILTER(many, ANY(many, ANY(many, pieces > 999999))))",
    "ANY(many, EVERY(many, EVERY(many, pieces >= 0)))", "COUNT(FILTER(FILTER(FILTER(many, TRUE), TRUE), TRUE))",
    "SUM(FILTER(many, COUNT(FILTER(many, pieces = 1)) > 0).pieces)", "JOIN(many.pieces)", "JOIN(huge.pieces)",
    "SUM(huge.pieces)",
    "COUNT(huge)", "FIRST(huge).pieces", "LAST(many).pieces", "SUM(many.pieces, many.pieces, many.pieces, many.pieces)",
    "ANY(many, " * 30 + "FALSE" + ")" * 30, "FILTER(many, 1)", "FILTER(1, TRUE)", "FILTER(tags, TRUE)", "SUM(items)",
    "SUM(tags)", "MAX(tags)",
    "many & many", "many = many", "many.pieces & 1", "JOIN(many)", 'REPT(JOIN(many.pieces), 9999)',
    "CONCAT(" + "many.pieces, " * 60 + "1)",
    "ANY(many, MATCHES(JOIN(many.pieces), \"(a|b)*c\"))", "ANY(many, LEN(SUBSTITUTE(note9, \"1\", \"2\")) < 0)",
    "ANY(many, LEN(REPT(\"x\", 20000)) < 0)", "ANY(many, (pieces + 0.1) ^ 99.5 < 0)",
]  # fmt: skip
CORPUS = sorted({*_ESCAPES, *_NOISE, *_LARGE, *_DATES, *_PATTERNS, *_LISTS})
_MANY = {"many": [{"pieces": 1}] * 5_000, "huge": [{"pieces": 1}] * 50_000, "note9": "1" * 20_000}
_HOSTILE_SCHEMA = type(SCHEMA)(
    {**SCHEMA.fields, "many": SCHEMA.fields["items"], "huge": SCHEMA.fields["items"], "note9": SCHEMA.fields["note"]},
    SCHEMA.follow)


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 300
    assert OBJECTS.keys() == {"customer", "item"}


@pytest.mark.parametrize("source", CORPUS, ids=lambda source: ascii(source[:40]))
def test_a_hostile_formula_is_refused_or_bounded(source: str) -> None:
    compile_formula("SUM(1)", SCHEMA)  # the parser itself is made once per process
    value = _outcome(source)
    assert any(_seconds(source) < LONGEST for _ in range(5))  # a busy machine may slow some of them down
    assert value is None or (isinstance(value, str) and len(value) <= 20_000)


@pytest.mark.parametrize("source", _ESCAPES, ids=lambda source: ascii(source[:40]))
def test_nothing_but_the_fields_can_be_named(source: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(source, SCHEMA)


@pytest.mark.parametrize("source", [None, 1, b"1", ["1"], {"a": 1}, True])
def test_only_a_text_is_a_formula(source: Any) -> None:
    with pytest.raises(FormulaError) as found:
        compile_formula(source, SCHEMA)
    assert found.value.code == "not_text"


def _seconds(source: str) -> float:
    gc.disable()  # the heap of a whole run of tests is not the formula's
    try:
        started = time.process_time()
        _outcome(source)
        return time.process_time() - started
    finally:
        gc.enable()


def _outcome(source: str) -> Any:
    try:
        formula = compile_formula(source, _HOSTILE_SCHEMA, Result("text", {"max_length": 20_000}))
        return formula.evaluate({**RECORD, **_MANY}, SCOPE, RELATED)
    except FormulaError as error:
        error.detail("en"), error.detail("zh-CN")
    return None

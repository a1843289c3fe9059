"""From text to tree: an LALR grammar read by Lark, with everything bounded before and while it is read.

The operators are those of spreadsheets, with their order: a sign before a value and `%` behind it bind closest, then
`^`, `* /`, `+ -`, `&`, comparisons. Commas and brackets may be those of Chinese keyboards.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from chassis.formulas.errors import FormulaError, shown
from chassis.formulas.limits import MAX_ARGUMENTS, MAX_DEPTH, MAX_DIGITS, MAX_NODES, MAX_SOURCE
from chassis.formulas.nodes import Binary, Call, Literal, Member, Name, Node, Unary, above

_GRAMMAR = r"""
?start: comparison
?comparison: joined | comparison COMPARE joined -> binary
?joined: sum | joined JOIN sum -> binary
?sum: product | sum SIGN product -> binary
?product: power | product TIMES power -> binary
?power: signed | power POWER signed -> binary
?signed: percent | SIGN signed -> sign
?percent: atom | percent PERCENT
?atom: NUMBER -> number
     | TEXT -> text
     | NAME -> name
     | atom DOT NAME -> member
     | NAME OPEN CLOSE -> call
     | NAME OPEN arguments CLOSE -> call
     | OPEN comparison CLOSE -> group
arguments: comparison | arguments COMMA comparison
COMPARE: "<=" | ">=" | "<>" | "!=" | "==" | "=" | "<" | ">" | "≤" | "≥" | "≠"
JOIN: "&"
SIGN: "+" | "-"
TIMES: "*" | "/" | "×" | "÷"
POWER: "^"
PERCENT: "%" | "％"
DOT: "."
COMMA: "," | "，"
OPEN: "(" | "（"
CLOSE: ")" | "）"
NUMBER: /[0-9]+(\.[0-9]+)?|\.[0-9]+/
TEXT: /"([^"]|"")*"/
NAME: /[A-Za-z_][A-Za-z0-9_]*/
%ignore /[ \t\r\n\u3000]+/
"""
_SAME = {"==": "=", "!=": "<>", "≠": "<>", "≤": "<=", "≥": ">=", "×": "*", "÷": "/"}
_WORDS: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "BLANK": None}
_BRACKETS = {"(": 1, "（": 1, ")": -1, "）": -1}


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=False)


def parse(source: Any) -> Node:
    """The tree of a formula; raises FormulaError with the place of the first mistake."""
    _bound(source)
    return _parsed(source)


@lru_cache(maxsize=1024)
def _parsed(source: str) -> Node:
    """Read once: every change of a definition compiles the formulas of all objects anew."""
    try:
        tree: Any = _parser().parse(source)
    except FormulaError:
        raise
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise _explained(error, source) from None
    count_nodes(tree)
    return tree


def count_nodes(tree: Node) -> int:
    """How many nodes a tree has; raises FormulaError when these are too many."""
    waiting, count = [tree], 0
    while waiting:
        node = waiting.pop()
        count += 1
        if count > MAX_NODES:
            raise FormulaError("too_many_parts", tree.start, tree.end, limit=MAX_NODES)
        waiting.extend(parts(node))
    return count


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    match node:
        case Member(base=base):
            return (base,)
        case Call(args=args):
            return args
        case Unary(value=value):
            return (value,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def _bound(source: Any) -> None:
    """Refuse what is too long or too deep before a parser sees it."""
    if not isinstance(source, str):
        raise FormulaError("not_text")
    if not source.strip():
        raise FormulaError("empty", 0, len(source[:MAX_SOURCE]))
    if len(source) > MAX_SOURCE:
        raise FormulaError("too_long", MAX_SOURCE, MAX_SOURCE, limit=MAX_SOURCE)
    depth, within = 0, False
    for place, letter in enumerate(source):
        within ^= letter == '"'
        depth += 0 if within else _BRACKETS.get(letter, 0)
        if depth > MAX_DEPTH:
            raise FormulaError("too_deep", place, place + 1, limit=MAX_DEPTH)


def _explained(error: UnexpectedInput, source: str) -> FormulaError:
    """The parser's complaint in words of people."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        end = len(source.rstrip())
        opened = {"CLOSE"} <= set(error.accepts or error.expected or ()) and _unclosed(source)
        return FormulaError("missing_bracket" if opened else "unexpected_end", end, end)
    start = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters) and source[start] == '"':
        return FormulaError("open_text", start, len(source))
    found = str(error.token) if isinstance(error, UnexpectedToken) else source[start:start + 1]
    return FormulaError("unexpected", start, start + len(found), found=shown(found))


def _unclosed(source: str) -> bool:
    outside = source.split('"')[::2]
    return sum(_BRACKETS.get(letter, 0) for piece in outside for letter in piece) > 0


class _Builder(Transformer):
    """Builds nodes while the parser reads, so no tree of the parser's own is ever walked."""

    def number(self, found: list[Token]) -> Node:
        token = found[0]
        digits = token.replace(".", "").lstrip("0")
        if len(digits) > MAX_DIGITS or len(token) > 2 * MAX_DIGITS:
            raise FormulaError("number_too_long", token.start_pos, token.end_pos, limit=MAX_DIGITS)
        return Literal(token.start_pos, token.end_pos, Decimal(token))

    def text(self, found: list[Token]) -> Node:
        token = found[0]
        return Literal(token.start_pos, token.end_pos, token[1:-1].replace('""', '"'))

    def name(self, found: list[Token]) -> Node:
        token = found[0]
        if token.upper() in _WORDS:
            return Literal(token.start_pos, token.end_pos, _WORDS[token.upper()])
        return Name(token.start_pos, token.end_pos, str(token))

    def member(self, found: list[Any]) -> Node:
        base, _, token = found
        return Member(base.start, token.end_pos, base, str(token), depth=above(base))

    def call(self, found: list[Any]) -> Node:
        name, args = found[0], tuple(found[2]) if len(found) == 4 else ()
        return Call(name.start_pos, found[-1].end_pos, name.upper(), args, depth=above(*args))

    def arguments(self, found: list[Any]) -> list[Node]:
        if len(found) == 1:
            return [found[0]]
        if len(found[0]) >= MAX_ARGUMENTS:
            raise FormulaError("too_many_parts", found[2].start, found[2].end, limit=MAX_ARGUMENTS)
        found[0].append(found[2])
        return found[0]

    def group(self, found: list[Any]) -> Node:
        return found[1]

    def sign(self, found: list[Any]) -> Node:
        token, value = found
        return Unary(token.start_pos, value.end, str(token), value, depth=above(value))

    def percent(self, found: list[Any]) -> Node:
        value, token = found
        return Unary(value.start, token.end_pos, "%", value, depth=above(value))

    def binary(self, found: list[Any]) -> Node:
        left, token, right = found
        return Binary(left.start, right.end, _SAME.get(str(token), str(token)), left, right,
                      depth=above(left, right))

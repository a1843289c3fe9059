"""The tree of a formula: what was written, and where. Nothing in it is a Python name or object of the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from chassis.formulas.errors import FormulaError
from chassis.formulas.limits import MAX_DEPTH


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula from character `start` to `end`."""

    start: int
    end: int
    depth: int = field(default=1, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text, TRUE, FALSE or BLANK (None)."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field of the record."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A field of what stands before the point."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function and its values; its name is in capitals."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-` or `+` before a value, `%` behind it."""

    operator: str
    value: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two values with an operator between them."""

    operator: str
    left: Node
    right: Node


def above(*parts: Node) -> int:
    """The depth of a node over these; raises FormulaError when that is too deep."""
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > MAX_DEPTH:
        raise FormulaError("too_deep", parts[0].start, parts[-1].end, limit=MAX_DEPTH)
    return depth

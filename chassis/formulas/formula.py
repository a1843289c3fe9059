"""A compiled formula: worked out for a record as often as wanted, by any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria.scope import Scope
from chassis.formulas.compiler import Compiler
from chassis.formulas.grammar import parse
from chassis.formulas.results import Result
from chassis.formulas.typed import Run, Typed
from chassis.formulas.types import Schema, Type
from chassis.formulas.values import Frame

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Formula:
    """`reads` are the paths of the fields that it depends on (`("customer", "level")`), `volatile` the functions
    whose value changes by itself (`TODAY`)."""

    source: str
    type: Type
    reads: frozenset[tuple[str, ...]]
    volatile: frozenset[str]
    run: Run

    def evaluate(self, record: Mapping[str, Any], scope: Scope, related: Mapping[str, Any] = _NOTHING) -> Any:
        """The value for a record in wire form; raises EvaluationError with its place.

        `related` holds the records that references lead to, by their path: `{"customer": {...}}`. Lists of related
        records stand in the record itself, as lists of records in wire form.
        """
        return self.run(Frame(record, related, scope))

    def value(self, record: Mapping[str, Any], scope: Scope, related: Mapping[str, Any] = _NOTHING,
              known: dict[str, Any] | None = None) -> Any:
        """The same, with None for what cannot be worked out: a value never keeps its record from being written.

        `known` is handed from one formula of the record to the next, so that what several ask is found out once.
        """
        try:
            return self.run(Frame(record, related, scope, known))
        except (ArithmeticError, ValueError):  # EvaluationError is one; the others come from a value that no field has
            return None


def compile_formula(source: Any, schema: Schema, result: Result | None = None) -> Formula:
    """Read, check and compile a formula; raises FormulaError. With `result` its values come in wire form."""
    tree = parse(source)
    compiler = Compiler(schema, source)
    piece = compiler.compile(tree)
    run = _finished(piece) if result is None else result.convert(piece)
    return Formula(source, piece.type.plain, frozenset(compiler.paths), frozenset(compiler.volatile), run)


def _finished(piece: Typed) -> Run:
    """A formula as a whole gives values, not records."""
    item = piece.type.item
    if piece.type.kind == "record" or (item is not None and item.kind == "record"):
        raise piece.error("needs_function")
    return piece.run

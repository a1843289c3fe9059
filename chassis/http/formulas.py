"""A wrong formula on the wire: the usual error with the place in its text and what may have been meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.formulas import FormulaError
from chassis.http.problem import FieldProblem


@dataclass(frozen=True)
class FormulaProblem(FieldProblem):
    """An error of a formula in a request; `source` is the whole formula."""

    error: FormulaError | None = None
    source: str = ""

    def to_wire(self, locale: str) -> dict[str, Any]:
        """The pointer, and everything that an editor shows."""
        assert self.error is not None
        return {"pointer": self.pointer, **self.error.to_wire(self.source, locale)}


def formula_problem(pointer: str, error: FormulaError, source: str) -> FormulaProblem:
    """The error of a formula at a pointer."""
    return FormulaProblem(pointer, f"formula_{error.code}", error=error, source=source)

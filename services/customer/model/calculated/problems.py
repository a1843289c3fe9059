"""What is wrong with a calculated field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.formulas import FormulaError


@dataclass(frozen=True)
class Problem:
    """A field of an object that cannot be calculated; `formula` says where its text is wrong, if it is."""

    object: str
    field: str
    pointer: str
    code: str = "bad_formula"
    params: Mapping[str, Any] = field(default_factory=dict)
    formula: FormulaError | None = None
    source: str = ""


class BadRollup(Exception):
    """A roll-up that cannot be worked out: where its options are wrong, and why."""

    def __init__(self, pointer: str, code: str, **params: Any) -> None:
        super().__init__(code)
        self.pointer, self.code, self.params = pointer, code, params

"""The table of functions: everything a formula can call, each with what people read about it."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.formulas.functions import dates, lists, logic, numbers, texts, working
from chassis.formulas.functions.table import Function, Param

GROUPS: Mapping[str, tuple[Function, ...]] = {
    "logic": logic.FUNCTIONS,
    "numbers": numbers.FUNCTIONS,
    "text": texts.FUNCTIONS,
    "dates": (*dates.FUNCTIONS, *working.FUNCTIONS),
    "lists": lists.FUNCTIONS,
}
FUNCTIONS: Mapping[str, Function] = {one.name: one for group in GROUPS.values() for one in group}

__all__ = ["FUNCTIONS", "GROUPS", "Function", "Param"]

"""The expression language for values: the look of spreadsheets, the safety of a grammar of our own.

`compile_formula` reads text into a tree, checks it against the fields of a `Schema` and makes closures of it once;
`Formula.evaluate` works them out for a record in wire form, with bounded steps, sizes and time. Numbers are exact. A
formula reaches nothing but the values that it is given. The reference is docs/reference/formulas.md.
"""

from chassis.formulas.errors import BudgetError, EvaluationError, FormulaError
from chassis.formulas.formula import Formula, compile_formula
from chassis.formulas.functions import FUNCTIONS, GROUPS, Function
from chassis.formulas.messages import MESSAGES
from chassis.formulas.results import RESULTS, Result
from chassis.formulas.types import Money, Schema, Type, field_type, records_of

__all__ = [
    "FUNCTIONS", "GROUPS", "MESSAGES", "RESULTS",
    "BudgetError", "EvaluationError", "Formula", "FormulaError", "Function", "Money", "Result", "Schema", "Type",
    "compile_formula", "field_type", "records_of",
]  # fmt: skip

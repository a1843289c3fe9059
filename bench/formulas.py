"""Evaluations of formulas per second of one core: `python -m bench.formulas`. Needs no server.

Processor time is counted, so other work on the machine does not change the figures much.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from chassis.criteria import Scope
from chassis.formulas import Result, Schema, compile_formula, field_type

_FIELDS = {"name": "text", "amount": "decimal", "quantity": "integer", "discount": "percent", "price": "money",
           "level": "choice", "created_at": "datetime", "customer": "reference"}
_OPTIONS = {"price": {"currency": "CNY"}, "customer": {"object": "customer"}}
_SCHEMA = Schema({name: field_type(type, _OPTIONS.get(name, {})) for name, type in _FIELDS.items()},
                 lambda _: {"level": field_type("text", {})})
_RECORD = {"name": "Huadong Machinery", "amount": "120000.00", "quantity": 3, "discount": None, "level": "A",
           "price": {"amount": "19.90", "currency": "CNY"}, "created_at": "2026-01-31T08:00:00.000Z"}
_RELATED = {"customer": {"level": "A"}}
_SCOPE = Scope(datetime(2026, 3, 15, 2, 30, tzinfo=UTC), "Asia/Shanghai")
FORMULAS = (
    ('IF(amount > 100000, "A", "B")', Result("text")),
    ("ROUND(price * quantity, 2)", Result("money", {"currency": "CNY"})),
    ("DAYS(TODAY(), created_at)", Result("integer")),
    ('customer.level = "A"', Result("boolean")),
    ('UPPER(LEFT(name, 3)) & "-" & quantity', Result("text")),
    ('IF(AND(amount > 100000, level = "A"), ROUND(price * quantity * (1 - COALESCE(discount, 0)), 2), price * 2)',
     Result("money", {"currency": "CNY"})),
)
_ROUNDS = 20_000


def main() -> None:
    """Measure and print a table."""
    print("| formula | compiled, ms | evaluations/s |\n|---|---|---|")
    for source, result in FORMULAS:
        started = time.process_time()
        for _ in range(20):
            formula = compile_formula(source, _SCHEMA, result)
        compiled = (time.process_time() - started) / 20 * 1000
        started = time.process_time()
        for _ in range(_ROUNDS):
            formula.evaluate(_RECORD, _SCOPE, _RELATED)
        rate = _ROUNDS / (time.process_time() - started)
        print(f"| `{source}` | {compiled:.2f} | {rate:,.0f} |")


if __name__ == "__main__":
    main()

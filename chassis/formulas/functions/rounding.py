"""Rounding to digits behind the point, or before it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from chassis.formulas.limits import MAX_DIGITS
from chassis.formulas.values import EXACT

_ONE = Decimal(1)
_STEPS = {digits: Decimal((0, (1,), -digits)) for digits in range(-MAX_DIGITS, MAX_DIGITS + 1)}


def rounded(value: Decimal, digits: int, rounding: str) -> Decimal:
    """The number with so many digits behind the point (before it when negative); what has no more stays."""
    step = _STEPS[max(-MAX_DIGITS, min(MAX_DIGITS, digits))]
    try:
        units = value.quantize(step, rounding, EXACT)
    except InvalidOperation:
        return value  # so many digits before the point that none beyond the step can stand behind it
    return units if digits >= 0 else units.quantize(_ONE, rounding, EXACT)

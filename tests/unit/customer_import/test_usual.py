"""The quick way of a usual cell gives what the careful way gives, or leaves the cell to it."""

from __future__ import annotations

import random
from datetime import UTC
from typing import Any

import pytest

from services.customer.model.faults import BadValueError
from services.customer.model.mapping.readers import reader_of
from services.customer.model.mapping.targets import Target
from services.customer.model.mapping.usual import usual_of
from services.customer.model.options import read_options
from services.customer.model.types import FIELD_TYPES

FIELDS = (("text", {"max_length": 12}), ("long_text", {"max_length": 40}), ("phone", {}), ("phone", {"country": "US"}),
          ("email", {}), ("money", {}), ("money", {"currency": "USD"}), ("money", {"min": "0"}),
          ("money", {"min": "500", "max": "900"}))
CELLS = (
    "", " ", "王芳", " 王芳 ", "a\tb", "a\nb", "\u3000x\u3000", "e\u0301" * 5, "\ufb01n", "x" * 12, "x" * 13,
    " " + "x" * 12, "13800138000", "+8613800138000", "008613800138000", "8613800138000", "12800138000", "138 0013 8000",
    "１３８００１３８０００", "a@example.com", "A.b+c@Example.com", "a@b", "a..b@example.com",
    f"{'l' * 65}@example.com", "王@example.com", "1", "007", "0", "0.50", "12.5", "12.345", "1,234", "1,23",
    "1,234,567.80", "12,3456", "¥1,200", "￥1200", "$5", "1.5万", "-3", "(3)", "1" * 12, "1" * 17,
    "99,999,999,999.99", "¥ 12", "12.", 5, 12.5, True, None)


def careful(kind: str, options: dict[str, Any], cell: Any) -> Any:
    value = reader_of(Target("field", kind, {}, options=options), UTC)(cell)
    return FIELD_TYPES[kind].coerce(options)(value) if value or value not in ("", []) else None


def agree(kind: str, options: dict[str, Any], cell: Any) -> bool:
    """Whether the quick way knows the cell; fails when it knows it otherwise."""
    quick = usual_of(kind, options)
    found = quick(cell) if quick and cell is not None else None
    if not found:
        return False
    try:
        assert careful(kind, options, cell) == found, (kind, options, cell)
    except BadValueError as refused:
        raise AssertionError(f"{kind} {options} {cell!r} is refused: {refused.code}") from refused
    return True


@pytest.mark.parametrize(("kind", "given"), FIELDS)
def test_both_ways_agree_on_the_cells_of_the_list(kind: str, given: dict[str, Any]) -> None:
    options = read_options(given, FIELD_TYPES[kind].options)
    known = [cell for cell in CELLS if agree(kind, options, cell)]
    assert bool(known) == (usual_of(kind, options) is not None)


@pytest.mark.parametrize(("kind", "given"), FIELDS)
def test_both_ways_agree_on_random_cells(kind: str, given: dict[str, Any]) -> None:
    options, chance = read_options(given, FIELD_TYPES[kind].options), random.Random(11)
    letters = [*"0139,.¥￥万 aZ@-é王+'", "\\", "\t", "\n", "\u3000", "\u200b", "\u00a0", "e\u0301", "86", "138",
               "example.com"]
    for _ in range(5_000):
        agree(kind, options, "".join(chance.choices(letters, k=chance.randrange(1, 14))))

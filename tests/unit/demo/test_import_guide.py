"""The import guide promises nothing that the import does not keep, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.packs import load_pack, shipped_pack
from services.customer.model.faults import BadValueError
from services.customer.model.fields import FieldDef, read_field
from services.customer.model.mapping.readers import reader_of
from services.customer.model.mapping.targets import Target

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "guide"
LEAD = next(item.body for item in load_pack(shipped_pack("crm")).of("object") if item.key == "lead")
ROWS = {"telephone": "phone", "date": "expected_close_on", "amount of money": "expected_amount", "choice": "region",
        "电话": "phone", "日期": "expected_close_on", "金额": "expected_amount", "单选": "region"}


def promises() -> Iterator[tuple[str, str, bool]]:
    """(field, cell, whether it is understood) of every whole example in the guides' tables."""
    for guide in ("import.md", "import.zh-CN.md"):
        for line in (GUIDES / guide).read_text(encoding="utf-8").splitlines():
            parts = [part.strip() for part in line.strip("|").split("|")]
            if len(parts) == 3 and parts[0] in ROWS:
                for part, understood in zip(parts[1:], (True, False), strict=True):
                    for example in part.split("`")[1::2]:
                        if len(example) > 3 and "…" not in example:
                            yield ROWS[parts[0]], example, understood


def field(name: str) -> FieldDef:
    return read_field(next(one for one in LEAD["fields"] if one["name"] == name), 0)


def test_the_guides_give_examples() -> None:
    assert len(list(promises())) > 30


@pytest.mark.parametrize(("name", "cell", "understood"), sorted(set(promises())))
def test_an_example_of_the_guide_is_true(name: str, cell: str, understood: bool) -> None:
    definition = field(name)
    read = reader_of(Target(name, definition.type, definition.label, options=definition.options), ZoneInfo("UTC"))
    try:
        definition.coerce(read(cell))
    except BadValueError:
        assert not understood
    else:
        assert understood

"""The ways in which a row is wrong, each with the field and the code that the import must give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Fault:
    """What must be reported of a row."""

    field: str
    code: str


@dataclass(frozen=True)
class Wrongness:
    """A fault and the cells that bring it about."""

    fault: Fault
    cells: tuple[Any, ...]


def _wrong(field: str, code: str, *cells: Any) -> Wrongness:
    return Wrongness(Fault(field, code), cells)


WRONGNESSES: tuple[Wrongness, ...] = (
    _wrong("name", "required", None, "", "   ", "\u3000"),
    _wrong("phone", "bad_phone", "12345", "电话不详", "138-0013", "1390000", "13800138000013800", "无"),
    _wrong("email", "bad_email", "zhang.wei@", "li na@leads.example.com", "no-at-sign.example.com", "wang@@example.com",
           "chen@example", "无邮箱"),
    _wrong("expected_close_on", "no_such_date", "2026-02-30", "2026/13/05", "2026年11月31日", "2027.2.29"),
    _wrong("expected_close_on", "not_date", "明年三月", "Q3", "待定", "soon", "05/03/26"),
    _wrong("expected_amount", "not_number", "面议", "待定", "about 100k", "十二万左右", "1.2.3"),
    _wrong("expected_amount", "too_small", "-5000", -120000.0),
    _wrong("expected_amount", "number_too_big", "99999999999999999999"),
    _wrong("region", "not_a_choice", "火星", "Atlantis", "华东北", "E"),
    _wrong("source", "not_a_choice", "天上掉的", "somewhere", "朋友的朋友"),
    _wrong("industry", "not_a_choice", "炼金术", "Time travel"),
    _wrong("name", "too_long", "王" * 101, "An extremely long name " * 6),
    _wrong("company", "too_long", "远山" * 101),
    _wrong("name", "control_characters", "王\x07芳", "Anna\x01 Becker"),
    _wrong("note", "control_characters", "请尽快联系\x08", "call\x1b[0m back"),
)

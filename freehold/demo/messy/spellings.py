"""One value, many spellings: every form here is promised by the import guide, and comes back as the same value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from freehold.demo.chance import Chance

_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
SHEET_EPOCH = date(1899, 12, 30)


def wide(text: str) -> str:
    """The text in full-width characters."""
    return text.translate(_FULL_WIDTH)


def spaced(chance: Chance, text: str) -> str:
    """The text, now and then with blanks around it."""
    return chance.one((f"  {text}", f"{text} ", f"\u3000{text}", f"\t{text}")) if chance.happens(0.08) else text


def phone(chance: Chance, digits: str) -> Any:
    """A Chinese mobile number of eleven digits, as text or as a number."""
    first, second, third = digits[:3], digits[3:7], digits[7:]
    return chance.one((digits, digits, digits, float(digits), f"{first} {second} {third}",
                       f"{first}-{second}-{third}", f"+86 {digits}", f"+86-{first}-{second}-{third}",
                       f"0086{digits}", f"（+86）{digits}", wide(digits), f"{digits} "))


def amount(chance: Chance, value: Decimal) -> Any:
    """An amount of yuan."""
    grouped, plain = f"{value:,.2f}", f"{value:f}"
    forms: list[Any] = [float(value), float(value), plain, grouped, f"¥{grouped}", f"￥{plain}", f"RMB {grouped}",
                        f"CNY {plain}", f"{plain}元", wide(plain)]
    if value == value.to_integral_value():
        forms += [f"{value:,.0f}", wide(f"{value:.0f}")]
    if value % 1000 == 0:
        forms += [f"{(value / 10_000).normalize():f}万", f"{(value / 10_000).normalize():f} 万元"]
    if value >= 100_000_000 and value % 1_000_000 == 0:
        forms += [f"{(value / 100_000_000).normalize():f}亿"]
    return chance.one(forms)


def day(chance: Chance, value: date) -> Any:
    """A day as text, as a date cell or as the serial number of a spreadsheet."""
    return chance.one((value, value, value.isoformat(), f"{value.year}/{value.month}/{value.day}",
                       f"{value.year}.{value.month:02d}.{value.day:02d}",
                       f"{value.year}年{value.month}月{value.day}日", wide(value.isoformat()),
                       float((value - SHEET_EPOCH).days)))


def choice(chance: Chance, value: str, english: str, chinese: str) -> str:
    """A choice by its value or a label."""
    return spaced(chance, chance.one((chinese, chinese, chinese, english, english.upper(), value, wide(english))))

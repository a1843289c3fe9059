"""How a cell is understood, one reader per field type: from what people type to a wire value still to be coerced.

Readers are forgiving about form (full-width digits, separators, units, labels instead of values) and never about
meaning: what could be two things is left as it is, and the field refuses it with its own reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.mapping.targets import Target
from services.customer.model.sheets.cells import trimmed
from services.customer.model.types import FIELD_TYPES
from services.customer.model.values import times
from services.customer.model.values.numbers import CURRENCIES
from services.customer.model.values.text import cell as text_cell

Read = Callable[[Any], Any]

_BREAKS = re.compile(r"\s*[\r\n\t\v\f]+\s*")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+|\d{1,40})?(?P<rest>\.\d{0,40})?\Z", re.ASCII)
_UNITS: Mapping[str, int] = {
    "万亿": 10**12, "千万": 10**7, "百万": 10**6, "千": 10**3, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8,
}
_DOLLARS = ("USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD", "MXN", "CLP", "COP", "ARS")
_YUANS = ("CNY", "HKD", "TWD", "MOP")
_MONEY_WORDS: Mapping[str, tuple[str, ...]] = {  # what a word may stand for, the usual first
    "¥": ("CNY", "JPY"), "元": _YUANS, "圆": _YUANS, "RMB": ("CNY",), "人民币": ("CNY",),
    "$": _DOLLARS, "US$": ("USD",), "HK$": ("HKD",), "€": ("EUR",), "£": ("GBP",), "美元": ("USD",), "美金": ("USD",),
    "港币": ("HKD",), "港元": ("HKD",), "欧元": ("EUR",), "英镑": ("GBP",), "日元": ("JPY",),
    **{code: (code,) for code in CURRENCIES},
}
_WORD = re.compile(r"[^\d\s.,+()%整百千万亿萬億-]+")
_REGION_BETWEEN = re.compile(r"\s*[>\\|/／＞]\s*")
_EARLIEST_COMPACT, _LATEST_COMPACT = 19_000_101, 29_991_231
_SERIAL = re.compile(r"[2-7]\d{4}\Z", re.ASCII)  # days from 1954 to 2119 as spreadsheets count them


def reader_of(target: Target, zone: tzinfo) -> Read:
    """The reader of a target's cells; links are read elsewhere, they need the people and records they name."""
    made = _READERS.get(target.type)
    return made(target, zone) if made else one_line


def one_line(cell: Any) -> Any:
    """Text on one line; whole numbers lose the `.0` that spreadsheets give them, dates are ISO."""
    if isinstance(cell, str):
        plain = trimmed(cell)
        return _BREAKS.sub(" ", plain) if not plain.isprintable() else plain
    return cell.isoformat()[:10] if isinstance(cell, date) else text_cell(cell)


def many_lines(cell: Any) -> Any:
    """Text as it is."""
    return trimmed(cell) if isinstance(cell, str) else one_line(cell)


def narrow(cell: Any) -> Any:
    """Text in half-width characters: numbers, addresses, codes."""
    plain = one_line(cell)
    return plain if plain.isascii() else trimmed(unicodedata.normalize("NFKC", plain))


def number(cell: Any) -> Any:
    """A number with separators, a unit (`1.5万`), a percent sign, or in brackets when negative."""
    if isinstance(cell, (bool, date)):
        raise BadValueError("not_number")
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    return _number_of(narrow(cell))


def _number_of(text: str) -> str:
    plain = text.replace(" ", "").replace("−", "-").removesuffix("%")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    unit = None if plain[-1:].isdigit() else next((unit for unit in _UNITS if plain.endswith(unit)), None)
    plain = plain.removesuffix(unit or "")
    found = _NUMBER.match(plain)
    if not found or not (found["whole"] or (found["rest"] or ".") != "."):
        raise BadValueError("not_number")
    digits = f"{found['sign']}{(found['whole'] or '0').replace(',', '')}{found['rest'] or ''}".rstrip(".")
    return digits if unit is None else format(Decimal(digits) * _UNITS[unit], "f")


def integer(cell: Any) -> Any:
    """A whole number; `12.0` is 12."""
    exact = Decimal(number(cell))
    if exact != exact.to_integral_value():
        raise BadValueError("not_integer")
    return int(exact)


def money(target: Target, _: tzinfo) -> Read:
    """An amount, with or without a currency: `¥1,200`, `RMB 3万`, `1,000 USD`."""
    own = target.options["currency"]

    def read(cell: Any) -> Any:
        if not isinstance(cell, str):
            return {"amount": number(cell), "currency": own}
        plain = narrow(cell).upper().removesuffix("整")
        words = _WORD.findall(plain)
        if not words:
            return {"amount": _number_of(plain), "currency": own}
        return {"amount": _number_of(_WORD.sub("", plain)), "currency": _currency(words, own)}

    return read


def _currency(words: list[str], own: str) -> str:
    meanings = [_MONEY_WORDS.get(word, ()) for word in words]
    said = {own if own in meant else meant[0] for meant in meanings if meant}
    if len(said) != 1 or () in meanings:
        raise BadValueError("not_number")
    return said.pop()


def day(cell: Any) -> Any:
    """A day in ISO form, with slashes, dots or 年月日, as eight digits, a date cell, or the serial number of one."""
    if isinstance(cell, str):
        plain = narrow(cell)
        return times.day_cell(float(plain) if _SERIAL.match(plain) else plain)
    if isinstance(cell, float) and cell.is_integer() and _EARLIEST_COMPACT <= cell <= _LATEST_COMPACT:
        cell = str(int(cell))
    return times.day_cell(cell)


def moment(_: Target, zone: tzinfo) -> Read:
    """A moment; what has no offset is a wall clock in the importing person's time zone."""
    read = times.moment_cell(zone)
    return lambda cell: read(narrow(cell) if isinstance(cell, str) else cell)


def phone(cell: Any) -> Any:
    """A telephone number; separators and the country code are the field's business."""
    return narrow(cell).removeprefix("'") if isinstance(cell, str) else text_cell(cell)


def region(cell: Any) -> Any:
    """A path from large to small, whatever stands between its steps."""
    return _REGION_BETWEEN.sub("/", narrow(cell)).strip("/")


def _email(cell: Any) -> Any:
    return narrow(cell).removeprefix("mailto:")


def _by_type(target: Target, _: tzinfo) -> Read:
    read = FIELD_TYPES[target.type].cell(target.options)
    return lambda cell: read(trimmed(cell) if isinstance(cell, str) else cell)


def _always(read: Read) -> Callable[[Target, tzinfo], Read]:
    return lambda target, zone: read


_READERS: Mapping[str, Callable[[Target, tzinfo], Read]] = {
    "long_text": _always(many_lines), "integer": _always(integer), "decimal": _always(number),
    "percent": _always(number), "money": money, "date": _always(day), "datetime": moment, "boolean": _by_type,
    "choice": _by_type, "multi_choice": _by_type, "phone": _always(phone), "email": _always(_email),
    "url": _always(narrow), "region": _always(region), "address": _by_type,
}

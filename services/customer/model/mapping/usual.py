"""The usual cell, read in one step: a telephone number that is one, a line of plain text, an amount in digits.

Most cells of a sheet are already what they should be. For some types there is a quick way that recognises such a cell
and gives its canonical value, the very one that reading and coercing step by step would give; for any other cell it
gives None, and the careful way is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from services.customer.model.values.reach import DOMAIN, LOCAL, MAX_EMAIL, MAX_LOCAL

Quick = Callable[[Any], Any]

_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})\Z", re.ASCII)
_AMOUNT = re.compile(r"(¥?)([1-9]\d{0,2}(?:,\d{3}){1,3}|[1-9]\d{0,11})(?:\.(\d{1,2}))?\Z", re.ASCII)
_YUAN_SIGN_MEANS = ("CNY", "JPY")


def usual_of(type: str, options: Mapping[str, Any]) -> Quick | None:
    """The quick way of a type with these options, if there is one."""
    made = _QUICK.get(type)
    return made(options) if made else None


def _line(options: Mapping[str, Any]) -> Quick:
    limit = options["max_length"]

    def quick(cell: Any) -> Any:
        """Printable text: no control characters, no blanks but spaces."""
        if type(cell) is not str or len(cell) > limit or not cell.isprintable():
            return None
        plain = cell.strip(" ")
        return plain if plain.isascii() else _composed(plain, limit)

    return quick


def _composed(text: str, limit: int) -> str | None:
    composed = normalize("NFC", text)
    return composed if len(composed) <= limit else None


def _phone(options: Mapping[str, Any]) -> Quick | None:
    if options["country"] != "CN":
        return None

    def quick(cell: Any) -> Any:
        found = _MOBILE.match(cell) if type(cell) is str else None
        return "+86" + found[1] if found else None

    return quick


def _email(_: Mapping[str, Any]) -> Quick:
    def quick(cell: Any) -> Any:
        if type(cell) is not str or len(cell) > MAX_EMAIL:
            return None
        local, _, domain = cell.rpartition("@")
        return cell if len(local) <= MAX_LOCAL and LOCAL.match(local) and DOMAIN.match(domain) else None

    return quick


def _money(options: Mapping[str, Any]) -> Quick | None:
    own = options["currency"]
    if options.get("max") is not None or Decimal(options.get("min") or 0) > 1:
        return None  # the amounts recognised here are at least 1

    def quick(cell: Any) -> Any:
        found = _AMOUNT.match(cell) if type(cell) is str else None
        if found is None:
            return None
        sign, whole, rest = found.groups()
        if sign and own not in _YUAN_SIGN_MEANS:
            return None
        return {"amount": f"{whole.replace(',', '')}.{(rest or '').ljust(2, '0')}", "currency": own}

    return quick


_QUICK: Mapping[str, Callable[[Mapping[str, Any]], Quick | None]] = {
    "text": _line, "long_text": _line, "phone": _phone, "email": _email, "money": _money,
}

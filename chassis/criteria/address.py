"""A structured address: its parts, and the one line that people read and search.

The line goes from large to small, as Chinese addresses do; a blank stands between two parts only where one of them is
Latin, so `浙江省杭州市西湖区` is found as people write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADDRESS_PARTS = ("country", "province", "city", "district", "street", "postal_code")
_LINE = ("province", "city", "district", "street", "postal_code")


def address_line(address: Mapping[str, Any]) -> str:
    """The address on one line, without its country; the country's code when there is nothing else.

    A city that is its own province (北京市) is said once.
    """
    line = ""
    for part in _LINE:
        text = address.get(part)
        if not text or (part == "city" and text == address.get("province")):
            continue
        between = " " if line and (line[-1].isascii() or text[0].isascii()) else ""
        line += between + text
    return line or address.get("country") or ""

"""A structured address: country, province, city, district, street, postal code, each of them optional.

The first column holds the address on one line, which sorts and searches; each part has a column of its own. A sheet
has an address in one cell, which is taken apart by slashes or by the endings of Chinese administrative names; what
cannot be told apart stays whole as the street.
"""

from __future__ import annotations

import re
from typing import Any

from chassis.criteria import ADDRESS_PARTS, address_line
from services.customer.model.faults import BadValueError
from services.customer.model.values.text import one_line

MAX_PART = {"country": 2, "province": 60, "city": 60, "district": 60, "street": 255, "postal_code": 20}
_LINES = {part: one_line(size) for part, size in MAX_PART.items()}
_COUNTRY = re.compile(r"[A-Z]{2}\Z", re.ASCII)
_POSTAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,19}\Z", re.ASCII)
_STEPS = re.compile(r"\s*[/>|＞／]\s*")
_CHINESE = re.compile(
    r"(?P<province>[^\s市区县]{1,10}?(?:省|自治区|特别行政区)|(?:北京|天津|上海|重庆)市)?"
    r"(?P<city>[^\s区县]{1,12}?(?:市|自治州|地区|盟))?"
    r"(?P<district>[^\s路街道号]{1,12}?(?:区|县|旗|市))?"
    r"\s*(?P<street>.*)\Z")
_LAST_CODE = re.compile(r"[\s,，]*(?<!\d)(\d{6})\Z", re.ASCII)


def address(value: Any) -> dict[str, str] | None:
    """The parts that are said, in their order; none means no value."""
    if type(value) is not dict or not value.keys() <= MAX_PART.keys():
        raise BadValueError("not_address")
    parts = {part: text for part in ADDRESS_PARTS if value.get(part) is not None
             and (text := _part(part, value[part])) is not None}
    return parts or None


def spread(value: dict[str, str]) -> tuple[str | None, ...]:
    """The columns of an address: its line, then its parts."""
    return (address_line(value), *(value.get(part) for part in ADDRESS_PARTS))


def gather(_line: str, *parts: str | None) -> dict[str, str]:
    """The address of its columns."""
    return {part: text for part, text in zip(ADDRESS_PARTS, parts, strict=True) if text is not None}


def cell(value: Any) -> Any:
    """An address of one cell: steps with slashes between them, or as Chinese addresses are written."""
    text = value.strip() if isinstance(value, str) else str(value)
    code = _LAST_CODE.search(text)
    plain = text[:code.start()] if code else text
    steps = [step for step in _STEPS.split(plain) if step]
    parts = _of_steps(steps) if len(steps) > 1 else _of_words(plain)
    return parts | ({"postal_code": code[1]} if code else {})


def _part(part: str, value: Any) -> str | None:
    if type(value) is not str:
        raise BadValueError("not_address")
    text = _LINES[part](value.upper() if part == "country" else value)
    if text is None:
        return None
    if part == "country" and not _COUNTRY.match(text):
        raise BadValueError("unknown_country")
    if part == "postal_code" and not _POSTAL_CODE.match(text):
        raise BadValueError("bad_postal_code")
    return text


def _of_steps(steps: list[str]) -> dict[str, str]:
    """`浙江省/杭州市/西湖区/文三路 1 号`; a country code may stand first."""
    country = {"country": steps.pop(0)} if _COUNTRY.match(steps[0]) else {}
    names = ("province", "city", "district")[:len(steps) - 1] if len(steps) < 4 else ("province", "city", "district")
    if len(steps) <= 3 and _looks_like_place(steps[-1]):
        return country | dict(zip(("province", "city", "district"), steps, strict=False))
    return country | dict(zip(names, steps, strict=False)) | {"street": "".join(steps[len(names):])}


def _looks_like_place(text: str) -> bool:
    return text.endswith(("省", "市", "区", "县", "旗", "州", "盟"))


def _of_words(text: str) -> dict[str, str]:
    found = _CHINESE.match(text)
    parts = {name: part for name, part in found.groupdict().items() if part} if found else {"street": text}
    if parts.get("province", "").endswith("市"):
        parts.setdefault("city", parts["province"])
    return parts

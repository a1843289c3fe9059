"""Made-up companies, written down twice the way people do: data for likeness, for no labelled set of Chinese companies
is free.

A company may have a twin: its name without the legal form or the place, with the place in brackets, in traditional
characters, with a character that sounds the same, or with a slip. What must not be taken for a twin stands among them:
the branch in another city, the sister with another trade, the neighbour whose brand differs by one character.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

Record = dict[str, Any]
_PLACES = (
    "杭州", "上海", "苏州", "宁波", "深圳", "广州", "成都", "武汉", "南京", "青岛", "厦门", "长沙", "西安", "天津",
)
_FIRSTS = "远金瑞博华恒宏嘉德安盛中科新天海东凯力润明佳伟隆信泰"
_SECONDS = "洋桥达凯源通宇诚信泰利丰和兴创辉腾立康诺顺来美邦"
_TRADES = (
    "机械", "物流", "科技", "食品", "电子", "纺织", "建材", "医药", "环保", "新能源", "餐饮管理", "进出口贸易",
    "精密仪器", "信息技术",
)
_LONGER = {"机械": "机械设备", "科技": "科技发展", "电子": "电子科技", "纺织": "纺织品", "物流": "物流运输"}
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
_WORDS = (
    "Northern", "Silver", "Granite", "Harbour", "Willow", "Summit", "Copper", "Meadow", "Falcon", "Crescent",
    "Orchard", "Beacon", "Juniper", "Atlas", "Quarry", "Lantern", "Marble", "Prairie", "Sterling", "Thistle",
    "Anchor", "Birch", "Cobalt", "Dorset", "Ember", "Fjord", "Garnet", "Hazel", "Ivory", "Kestrel", "Linden",
    "Mosaic", "Nimbus", "Opal", "Pioneer", "Raven", "Saffron", "Tundra", "Upland", "Vesper", "Walnut", "Yarrow",
    "Zephyr", "Aurora", "Bramble",
)
_SECOND_WORDS = (
    "Light", "Star", "River", "Bridge", "Stone", "Field", "Point", "Hill", "Wood", "Gate",
)
_LATIN_TRADES = (
    "Systems", "Logistics", "Foods", "Textiles", "Instruments", "Energy", "Packaging", "Software", "Tools",
    "Medical",
)
_LATIN_FORMS = ("Ltd", "Limited", "Inc.", "GmbH", "LLC", "Corp", "B.V.", "Co., Ltd.")
_SAME_TRADE, _SAME_BRAND = 0.15, 0.15  # how many companies are a branch or a sister of one before them


def chinese(count: int, seed: int) -> tuple[list[Record], list[tuple[int, int]]]:
    """Companies with Chinese names, and which two are one."""
    dice = random.Random(seed)
    return _written(count, dice, lambda known: _chinese(dice, known), lambda one: _chinese_twin(dice, one))


def latin(count: int, seed: int) -> tuple[list[Record], list[tuple[int, int]]]:
    """Companies with names in Latin letters, and which two are one."""
    dice = random.Random(seed)
    return _written(count, dice, lambda known: _latin(dice, known), lambda one: _latin_twin(dice, one))


def _written(count: int, dice: random.Random, make: Callable[[Sequence[Any]], Any],
             twin: Callable[[Any], str]) -> tuple[list[Record], list[tuple[int, int]]]:
    known: list[Any] = []
    records: list[Record] = []
    twins: list[tuple[int, int]] = []
    names: set[Any] = set()
    while len(known) < count:
        one = make(known)
        if one[:3] in names:
            continue
        names.add(one[:3])
        known.append(one)
        phone, site = _phone(dice), f"https://www.{dice.randrange(10**8):08d}.example.com"
        records.append({"name": _full(one), "phone": phone, "website": site if dice.random() < 0.5 else None})
        if dice.random() < 0.4:
            twins.append((len(records) - 1, len(records)))
            records.append({"name": twin(one), "phone": dice.choice((phone, phone, None, _phone(dice))),
                            "website": dice.choice((site, None, None))})
    return records, twins


def _phone(dice: random.Random) -> str:
    return f"+86571{dice.randrange(10**7, 10**8)}"


def _full(one: Sequence[str]) -> str:
    return one[4].join(part for part in one[:4] if part)


def _chinese(dice: random.Random, known: Sequence[Any]) -> tuple[str, ...]:
    place, brand = dice.choice(_PLACES), dice.choice(_FIRSTS) + dice.choice(_SECONDS)
    trade, form = dice.choice(_TRADES), dice.choice(_FORMS)
    chance = dice.random()
    if known and chance < _SAME_TRADE:  # a branch
        _, brand, trade, *_ = dice.choice(known)
    elif known and chance < _SAME_TRADE + _SAME_BRAND:  # a sister
        place, brand, *_ = dice.choice(known)
    return place, brand, trade, form, ""


def _chinese_twin(dice: random.Random, one: Sequence[str]) -> str:
    place, brand, trade, form, _ = one
    whole = f"{place}{brand}{trade}{form}"
    ways = (
        f"{place}{brand}{trade}", f"{brand}{trade}{form}", f"{brand}{trade}（{place}）{form}", f"{brand}{trade}",
        f"{place}市{brand}{trade}{form}", _traditional(whole), f"{place} {brand} {trade} {form}",
        f"{place}{_sounding_alike(dice, brand)}{trade}{form}", f"{place}{brand}{_LONGER.get(trade, trade)}{form}",
        f"{place}{brand}{trade}{dice.choice(_FORMS)}")
    return dice.choice(ways)


def _latin(dice: random.Random, known: Sequence[Any]) -> tuple[str, ...]:
    first, second = dice.choice(_WORDS), dice.choice(_SECOND_WORDS)
    trade = dice.choice(_LATIN_TRADES)
    if known and dice.random() < _SAME_BRAND:
        first, second, *_ = dice.choice(known)
    return first, second, trade, dice.choice(_LATIN_FORMS), " "


def _latin_twin(dice: random.Random, one: Sequence[str]) -> str:
    first, second, trade, form, _ = one
    plain = f"{first} {second} {trade}"
    place = dice.randrange(1, len(first) - 1)
    ways = (
        plain, f"{plain} {dice.choice(_LATIN_FORMS)}", plain.upper(), f"{plain}, {form}",
        f"{first}-{second} {trade} {form}",
        f"{first}{second} {trade} {form}", f"{first[:place]}{first[place + 1:]} {second} {trade} {form}",
        f"{first[:place]}{first[place + 1]}{first[place]}{first[place + 2:]} {second} {trade}")
    return dice.choice(ways)


def _traditional(text: str) -> str:
    return text.translate(_traditional_letters())


@lru_cache(maxsize=1)
def _traditional_letters() -> dict[int, str]:
    table = resources.files("services.customer.model.search") / "simplified.txt"
    many, few = table.read_text(encoding="utf-8").split()
    return {ord(simple): other for simple, other in zip(few, many, strict=True)}


def _sounding_alike(dice: random.Random, brand: str) -> str:
    place = dice.randrange(len(brand))
    letter = brand[place]
    others = [one for one in _letters_by_sound().get(letter, "") if one != letter]
    return brand[:place] + dice.choice(others or [letter]) + brand[place + 1:]


@lru_cache(maxsize=1)
def _letters_by_sound() -> dict[str, str]:
    table = resources.files("services.customer.model.search") / "pinyin.txt"
    lines = [line.partition(" ")[2] for line in table.read_text(encoding="utf-8").splitlines()]
    return {letter: letters[:20] for letters in lines for letter in letters}

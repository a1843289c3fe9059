"""What a company is called, without what comes and goes: its legal form and the city that stands before it.

Names of companies are alike as no other texts are. What tells two of them from each other is a word, or in Chinese one
of the first two characters: Granite Stone Tools and Granite Stone Foods are two companies, and so are 远洋机械 and
远大机械, although most of their letters are the same. So a slip within a word counts, another word does not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import OSA

from services.customer.model.likeness.texts import alike
from services.customer.model.search.folding import fold, is_wide

_FORMS = re.compile(
    "(?:控股)?(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:总|分|子)?公司(?:分部|办事处)?$|(?:控股)?集团$|股份$|(?:加工)?厂$|经营部$|商行$|工作室$|事务所$")
_MORE_FORMS = re.compile("集团|控股")
_LATIN_FORMS = frozenset((
    "co", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "company", "gmbh", "mbh", "ag", "kg",
    "ohg", "ug", "se", "sa", "sarl", "sas", "sl", "srl", "spa", "bv", "nv", "ab", "oy", "as", "aps", "llc", "llp",
    "lp", "plc", "pte", "pty", "pvt", "sdn", "bhd", "kk", "group", "holding", "holdings", "international",
    "the", "and", "und",
))
_DOTTED = re.compile(r"(?: [a-z]){2,4}$")  # b.v., s.p.a., l.l.c.
_PLACES = (
    "中国", "北京", "上海", "天津", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建",
    "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾",
    "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "石家庄", "唐山", "保定", "太原", "呼和浩特", "沈阳",
    "大连", "长春", "哈尔滨", "南京", "无锡", "徐州", "常州", "苏州", "南通", "扬州", "镇江", "泰州", "盐城", "杭州",
    "宁波", "温州", "嘉兴", "湖州", "绍兴", "金华", "义乌", "台州", "合肥", "芜湖", "福州", "厦门", "泉州", "南昌",
    "济南", "青岛", "烟台", "潍坊", "威海", "临沂", "郑州", "洛阳", "武汉", "宜昌", "长沙", "株洲", "广州", "深圳",
    "珠海", "佛山", "东莞", "中山", "惠州", "汕头", "南宁", "桂林", "海口", "成都", "绵阳", "贵阳", "昆明", "西安",
    "兰州", "西宁", "银川", "乌鲁木齐", "昆山", "江阴", "张家港",
)
_PLACE = re.compile(f"(?:{'|'.join(sorted(_PLACES, key=len, reverse=True))})(?:省|市)?")


class Company(NamedTuple):
    """A name in its parts: `whole` folded, `core` that tells it from others, `places` that it names."""

    whole: str
    core: str
    places: frozenset[str]


def company(text: str) -> Company:
    """The parts of a company's name; a name of nothing but a place and a form keeps all of it as its core."""
    whole = fold(text)
    core = _FORMS.sub("", whole)
    core = _MORE_FORMS.sub("", core) or core
    words = _DOTTED.sub(lambda found: " " + found[0].replace(" ", ""), core).split(" ")
    core = " ".join([word for word in words if word not in _LATIN_FORMS]) or core
    places = frozenset(found[:2] for found in _PLACE.findall(core))
    bare = _PLACE.sub("", core)
    return Company(whole, _FORMS.sub("", bare) or bare or core or whole, places)  # 有限公司（杭州）


def alike_cores(one: str, other: str) -> float:
    """How alike two different cores are, from 0 (two companies) to 1."""
    wide = any(map(is_wide, one))
    if wide != any(map(is_wide, other)):
        return 0.0
    return _alike_characters(one, other) if wide else _alike_words(one, other)


_SLIP, _SLIPS, _MORE, _JOINED = 0.94, 0.9, 0.88, 0.96
_LONG_NAME = 12


def _alike_characters(one: str, other: str) -> float:
    """Chinese: two that changed places, some more at the end, or one other that is not of the brand."""
    if min(len(one), len(other)) > _LONG_NAME:
        return alike(one, other)
    if len(one) == len(other):
        wrong = [place for place, letter in enumerate(one) if letter != other[place]]
        if len(wrong) == 1:
            return _MORE if wrong[0] > 1 and len(one) > 5 else 0.0
        return _SLIPS if OSA.distance(one, other, score_cutoff=1) == 1 else 0.0
    shorter, longer = sorted((one, other), key=len)
    return _MORE if len(shorter) > 3 and len(longer) - len(shorter) <= 2 and longer.startswith(shorter) else 0.0


def _alike_words(one: str, other: str) -> float:
    """Each word of the shorter name has one in the longer name, slips allowed; at most one word is left."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return _JOINED
    words, free = sorted((one.split(" "), other.split(" ")), key=len)
    total = 0.0
    for word in words:
        share, fellow = max((_alike_word(word, fellow), fellow) for fellow in free)
        if not share:
            return 0.0
        free.remove(fellow)
        total += share
    share = total / len(words)
    return share if not free else min(share, _MORE) if len(free) == 1 < len(words) else 0.0


def _alike_word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    length = min(len(one), len(other))
    if length < 4 or any(map(str.isdigit, one + other)):
        return 0.0
    distance = OSA.distance(one, other, score_cutoff=2)
    return _SLIP if distance == 1 else _SLIPS if distance == 2 and length > 7 else 0.0

"""Made-up Chinese companies and people, with the spread that real registers have: few cities, many firm names."""

from __future__ import annotations

import random

CITIES = (
    "北京", "上海", "广州", "深圳", "杭州", "宁波", "温州", "苏州", "南京", "无锡", "常州", "武汉", "成都", "重庆",
    "天津", "西安", "青岛", "济南", "大连", "沈阳", "长沙", "郑州", "合肥", "厦门", "福州", "佛山", "东莞", "中山",
    "珠海", "昆明", "贵阳", "南宁", "哈尔滨", "长春", "石家庄", "太原", "南昌", "嘉兴", "绍兴", "金华", "台州",
    "徐州", "南通", "扬州", "烟台", "潍坊",
)
TRADES = (
    "科技", "机械", "电子", "贸易", "物流", "化工", "医疗器械", "新能源", "食品", "纺织", "服饰", "建筑工程",
    "教育咨询", "信息技术", "网络科技", "汽车零部件", "精密制造", "智能装备", "环保科技", "生物医药", "文化传媒",
    "供应链管理", "进出口", "材料", "自动化",
)
LETTERS = (
    "恒科华信瑞达盛泰鑫源嘉诚博远宏图志成永利德昌金龙天宇中联万方新创优品佳美康宁安顺通和光明星辰海川云峰"
    "江河山林松柏梅兰竹菊东南西北春夏秋冬福禄寿喜富贵荣昌兴旺发祥瑞吉庆如意顺达畅行远航启航领先卓越精英智"
    "慧未来时代世纪环球国际联合统一"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰建华志文玉红国玲晓宇浩然子轩欣怡佳琪雨梓涵一诺思远"
)
FORMS = ("有限公司",) * 8 + ("股份有限公司", "有限责任公司", "集团有限公司")
FIRMS = ("hengke", "huaxin", "ruida", "shengtai", "jiacheng", "boyuan", "hongtu", "yongli", "jinlong", "tianyu")


def company_name(chance: random.Random) -> str:
    """The registered name of a company."""
    firm = "".join(chance.choices(LETTERS, k=chance.choice((2, 2, 2, 3, 4))))
    return f"{chance.choice(CITIES)}{firm}{chance.choice(TRADES)}{chance.choice(FORMS)}"


def person_name(chance: random.Random) -> str:
    """The name of a person."""
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))

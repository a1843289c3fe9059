"""What the demo company sells, at which prices, and on which terms it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    """One product; `share` is its cost as a part of the price."""

    code: str
    name: str
    category: str
    unit: str
    price: int
    share: str
    warranty: int = 12
    tax: str = "13"

    @property
    def cost(self) -> str:
        """What it costs to make."""
        return f"{self.price * Decimal(self.share):.2f}"


PRODUCTS: tuple[Product, ...] = (
    Product("VMC-850", "数控加工中心 VMC-850 Machining centre", "equipment", "unit", 368_000, "0.66", 24),
    Product("AL-1200", "自动化产线 AL-1200 Assembly line", "equipment", "set", 1_280_000, "0.71", 24),
    Product("RC-20", "工业机器人工作站 RC-20 Robot cell", "equipment", "set", 286_000, "0.68", 24),
    Product("VS-500", "视觉检测系统 VS-500 Vision inspection", "equipment", "set", 96_000, "0.52", 18),
    Product("LC-3015", "激光切割机 LC-3015 Laser cutter", "equipment", "unit", 458_000, "0.69", 24),
    Product("WH-800", "智能仓储系统 WH-800 Automated warehouse", "equipment", "set", 860_000, "0.73", 24),
    Product("SP-160", "伺服压力机 SP-160 Servo press", "equipment", "unit", 218_000, "0.64", 24),
    Product("MNT-Y", "设备维保服务（年） Maintenance, one year", "service", "year", 36_000, "0.45", 0, "6"),
    Product("INS-D", "安装调试 Installation, per day", "service", "day", 2_800, "0.50", 0, "6"),
    Product("TRN-D", "操作培训 Training, per day", "service", "day", 3_200, "0.40", 0, "6"),
    Product("SW-MES", "产线数据采集软件 Line data software", "software", "set", 58_000, "0.20"),
    Product("MOD-GR", "快换夹爪模块 Quick-change gripper", "module", "piece", 12_800, "0.55"),
    Product("MOD-CV", "输送模块 Conveyor module", "module", "piece", 18_600, "0.60"),
    Product("SP-SPD", "主轴备件包 Spindle spare kit", "spare_part", "set", 9_600, "0.58", 6),
    Product("SP-FLT", "滤芯套装 Filter set", "spare_part", "set", 880, "0.50", 3),
    Product("SP-SEN", "接近传感器 Proximity sensor", "spare_part", "piece", 260, "0.48", 6),
)
EXTRAS = (8, 9, 10, 11, 12, 13)  # what is sold beside a machine

PRICE_LISTS = (("A 级客户价目表 Key accounts", Decimal("0.92")), ("经销商价目表 Dealers", Decimal("0.85")))
TIERS = ((1, Decimal(1)), (5, Decimal("0.97")), (20, Decimal("0.94")))

TERMS: tuple[tuple[str, tuple[tuple[str, int, int], ...]], ...] = (
    ("30/60/10 预付－发货－质保", (
        ("预付款 Deposit", 30, 0), ("发货款 On delivery", 60, 60), ("质保金 Retention", 10, 425))),
    ("50/50 预付－验收", (("预付款 Deposit", 50, 0), ("验收款 On acceptance", 50, 45))),
    ("月结 30 天 Net 30", (("货款 Payment", 100, 30),)),
)

CAMPAIGNS = (
    ("华东国际工业博览会", "exhibition", 240, 5, 380_000), ("智能制造线上研讨会", "webinar", 150, 1, 26_000),
    ("老客户推荐计划", "referral", 120, 90, 50_000), ("搜索广告投放 Q3", "advertising", 110, 80, 120_000),
    ("新品发布会 VMC-850", "event", 60, 2, 160_000), ("设备维保邮件推广", "mailing", 30, 14, 8_000),
    ("行业白皮书投放", "advertising", 12, 40, 60_000), ("客户开放日", "event", -18, 2, 90_000))

_ARTICLES = """
加工中心主轴异响的排查步骤 | fault | 主轴 异响 轴承
1. 停机并挂牌。
2. 手动盘动主轴，确认是否有卡滞。
3. 检查拉刀机构与皮带张力。
4. 仍有异响时记录转速与温度，报修更换轴承。

视觉检测系统标定操作指南 | how_to | 标定 相机
1. 清洁镜头与标定板。
2. 将标定板放在检测平面中央。
3. 在“标定”页面采集 9 个位置。
4. 重投影误差小于 0.05 mm 即为合格。

机器人工作站日常点检表 | how_to | 点检 保养
每班：急停、安全光栅、气压 0.5–0.6 MPa。
每周：减速机油位、电缆护套。
每月：零点校准。

质保期与收费维修政策 | policy | 质保 收费
整机质保 24 个月，备件 6 个月。
人为损坏与易损件不在质保范围内，按报价单收费，先报价后维修。

激光切割机参数选择 | product | 激光 参数
碳钢 6 mm：功率 2.0 kW，速度 3.2 m/min，氧气 0.6 bar。
不锈钢 3 mm：功率 3.0 kW，速度 9 m/min，氮气 12 bar。

客户问“太贵了”时怎么回答 | sales | 价格 异议
先问与什么相比，再算三年总成本：能耗、停机、备件与人工。
最后给出两个方案，让客户在方案之间选择。

How to reset the safety controller | fault | safety reset
1. Clear the light curtain.
2. Release every emergency stop.
3. Turn the key to RESET for three seconds; the lamp changes from red to green.

出口设备的包装要求 Export packing | policy | 出口 包装
熏蒸木箱，内衬真空铝箔与干燥剂；箱外标明重心、吊点与毛重。
海运须贴防倾斜标签。
"""
ARTICLES = tuple((*head.split(" | "), text) for head, _, text in (
    article.partition("\n") for article in _ARTICLES.strip().split("\n\n")))

TICKETS = (
    ("主轴运转时有异响", "fault", "high"), ("相机标定后偏差较大", "fault", "normal"),
    ("咨询滤芯更换周期", "question", "low"), ("设备停机，急需到场", "fault", "urgent"),
    ("发票信息需要更正", "question", "normal"), ("安装时间改期", "installation", "normal"),
    ("对到货包装破损提出投诉", "complaint", "high"), ("备件型号发错，申请退换", "return", "normal"))

"""The organisation of 远山智造 / Farhill Manufacturing: its departments, its ten people, and who looks after what."""

from __future__ import annotations

from freehold.demo.model import Department, Person

DEPARTMENTS: tuple[Department, ...] = (
    Department("farhill", "远山智造 Farhill Manufacturing"),
    Department("farhill_sales", "销售中心 Sales", "farhill"),
    Department("farhill_east", "华东销售部 East Sales", "farhill_sales"),
    Department("farhill_north", "华北销售部 North Sales", "farhill_sales"),
    Department("farhill_south", "华南销售部 South Sales", "farhill_sales"),
    Department("farhill_overseas", "海外销售部 Overseas Sales", "farhill_sales"),
    Department("farhill_marketing", "市场部 Marketing", "farhill"),
    Department("farhill_service", "客户服务部 Customer Service", "farhill"),
    Department("farhill_finance", "财务部 Finance", "farhill"),
)

PEOPLE: tuple[Person, ...] = (
    Person("li.mingyuan", "李明远", "farhill_sales", "sales_manager"),
    Person("wang.fang", "王芳", "farhill_east", "sales_manager"),
    Person("chen.wei", "陈伟", "farhill_east", "sales_rep"),
    Person("liu.yang", "刘洋", "farhill_east", "sales_rep"),
    Person("zhao.jing", "赵静", "farhill_north", "sales_rep"),
    Person("huang.zhiqiang", "黄志强", "farhill_south", "sales_manager"),
    Person("emily.carter", "Emily Carter", "farhill_overseas", "sales_rep", "en", "Europe/London"),
    Person("zhou.min", "周敏", "farhill_marketing", "marketing"),
    Person("wu.lei", "吴磊", "farhill_service", "service"),
    Person("grace.zheng", "郑丽 Grace Zheng", "farhill_finance", "finance", "en"),
)

OWNERS = {
    "east": ("chen.wei", "liu.yang", "wang.fang"), "north": ("zhao.jing",), "south": ("huang.zhiqiang",),
    "central": ("chen.wei", "liu.yang"), "southwest": ("huang.zhiqiang",), "northwest": ("zhao.jing",),
    "northeast": ("zhao.jing",), "overseas": ("emily.carter",)}

"""How clauses read in English and Chinese; `{field}` and `{value}` stand for the label and the shown
value.
"""

from __future__ import annotations

CLAUSES: dict[str, dict[str, str]] = {
    "en": {
        "is_set": "{field} is set", "is_empty": "{field} is empty",
        "eq": "{field} is {value}", "ne": "{field} is not {value}",
        "in": "{field} is one of {value}", "not_in": "{field} is none of {value}",
        "contains": "{field} contains {value}", "not_contains": "{field} does not contain {value}",
        "starts_with": "{field} starts with {value}",
        "lt": "{field} < {value}", "lte": "{field} ≤ {value}",
        "gt": "{field} > {value}", "gte": "{field} ≥ {value}",
        "between": "{field} is between {value}",
        "older_than": "{field} is more than {value} ago", "within_last": "{field} is within the last {value}",
        "within_next": "{field} is within the next {value}", "on": "{field} is {value}",
        "has": "{field} includes {value}", "has_any": "{field} includes one of {value}",
        "has_all": "{field} includes all of {value}", "has_none": "{field} includes none of {value}",
        "under": "{field} is {value} or below it",
        "changed": "{field} changed", "changed_to": "{field} changed to {value}",
        "changed_from": "{field} changed from {value}",
    },
    "zh-CN": {
        "is_set": "{field}已填写", "is_empty": "{field}为空",
        "eq": "{field}为{value}", "ne": "{field}不为{value}",
        "in": "{field}为以下之一：{value}", "not_in": "{field}不为以下任何一项：{value}",
        "contains": "{field}包含{value}", "not_contains": "{field}不包含{value}",
        "starts_with": "{field}以{value}开头",
        "lt": "{field} < {value}", "lte": "{field} ≤ {value}",
        "gt": "{field} > {value}", "gte": "{field} ≥ {value}",
        "between": "{field}介于{value}之间",
        "older_than": "{field}早于{value}前", "within_last": "{field}在过去{value}内",
        "within_next": "{field}在未来{value}内", "on": "{field}为{value}",
        "has": "{field}包括{value}", "has_any": "{field}包括以下任意一项：{value}",
        "has_all": "{field}包括以下全部：{value}", "has_none": "{field}不包括以下任何一项：{value}",
        "under": "{field}为{value}或其下级",
        "changed": "{field}已更改", "changed_to": "{field}变更为{value}",
        "changed_from": "{field}由{value}变更",
    },
}  # fmt: skip

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "all": " and ", "any": " or ", "not": "not ({part})", "group": "({parts})",
        "some": "has {related}{where}", "none": "has no {related}{where}",
        "at_least": "has at least {least} {related}{where}", "where": " with ({part})",
        "list": ", ", "pair": " and ",
        "quoted": "“{text}”", "always": "always", "never": "never", "true": "yes", "false": "no",
        "$me": "me", "$my_department": "my department",
        "m": "{amount} minutes", "h": "{amount} hours", "d": "{amount} days", "w": "{amount} weeks",
        "today": "today", "yesterday": "yesterday", "tomorrow": "tomorrow",
        "this_week": "this week", "last_week": "last week", "next_week": "next week",
        "this_month": "this month", "last_month": "last month", "next_month": "next month",
        "this_quarter": "this quarter", "this_year": "this year", "last_year": "last year",
    },
    "zh-CN": {
        "all": " 且 ", "any": " 或 ", "not": "非（{part}）", "group": "（{parts}）",
        "some": "有{where}{related}", "none": "没有{where}{related}",
        "at_least": "至少有 {least} 条{where}{related}", "where": "满足（{part}）的",
        "list": "、", "pair": " 和 ",
        "quoted": "“{text}”", "always": "始终", "never": "从不", "true": "是", "false": "否",
        "$me": "我", "$my_department": "我的部门",
        "m": "{amount} 分钟", "h": "{amount} 小时", "d": "{amount} 天", "w": "{amount} 周",
        "today": "今天", "yesterday": "昨天", "tomorrow": "明天",
        "this_week": "本周", "last_week": "上周", "next_week": "下周",
        "this_month": "本月", "last_month": "上月", "next_month": "下月",
        "this_quarter": "本季度", "this_year": "今年", "last_year": "去年",
    },
}  # fmt: skip

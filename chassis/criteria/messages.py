"""The sentences of criteria errors in English and Chinese; the chassis takes them into its catalogue."""

from __future__ import annotations

MESSAGES: dict[str, dict[str, str]] = {
    "expected_object": {
        "en": "A condition must be an object with 'all', 'any', 'not' or 'field'.",
        "zh-CN": "条件必须是包含 all、any、not 或 field 的对象。",
    },
    "missing_member": {"en": "The member '{member}' is missing.", "zh-CN": "缺少成员“{member}”。"},
    "unknown_member": {
        "en": "The member '{member}' is not known here.",
        "zh-CN": "此处不支持成员“{member}”。",
    },
    "unknown_field": {"en": "There is no field '{field}'.", "zh-CN": "没有字段“{field}”。"},
    "unknown_operator": {"en": "There is no operator '{op}'.", "zh-CN": "没有运算符“{op}”。"},
    "operator_not_allowed": {
        "en": "The operator '{op}' does not fit a field of type {kind}.",
        "zh-CN": "运算符“{op}”不适用于类型为 {kind} 的字段。",
    },
    "only_in_rules": {
        "en": "The operator '{op}' can only be used in rules.",
        "zh-CN": "运算符“{op}”只能在规则中使用。",
    },
    "too_deep": {
        "en": "Conditions may be nested at most {limit} levels deep.",
        "zh-CN": "条件最多嵌套 {limit} 层。",
    },
    "too_many_clauses": {
        "en": "At most {limit} conditions are allowed.",
        "zh-CN": "最多允许 {limit} 个条件。",
    },
    "too_many_values": {
        "en": "The lists of all conditions together may hold at most {limit} values.",
        "zh-CN": "所有条件的列表合计最多包含 {limit} 个值。",
    },
    "related_not_here": {
        "en": "Conditions over related records cannot be used here; lists, views, segments, sharing rules and reports "
              "have them. A formula or roll-up field brings a related value here, and a rule can start when a record "
              "enters a segment.",
        "zh-CN": "此处不能使用关联记录的条件；列表、视图、客户分群、共享规则和报表中可以使用。"
                 "公式或汇总字段可以把关联的值带到此处，规则也可以在记录进入分群时触发。",
    },
    "unknown_related": {
        "en": "There are no related records '{name}'.",
        "zh-CN": "没有关联记录“{name}”。",
    },
    "unknown_quantifier": {
        "en": "'{op}' is not known here; use 'some', 'none' or 'at_least'.",
        "zh-CN": "此处不支持“{op}”；请使用 some、none 或 at_least。",
    },
    "expected_count": {
        "en": "A whole number from 1 to {limit} is needed here.",
        "zh-CN": "此处需要 1 到 {limit} 之间的整数。",
    },
    "too_far": {
        "en": "Conditions may look at most {limit} steps away from the record.",
        "zh-CN": "条件最多可跨越 {limit} 级关联记录。",
    },
    "too_many_related": {
        "en": "At most {limit} conditions over related records are allowed.",
        "zh-CN": "最多允许 {limit} 个关联记录条件。",
    },
    "expected_list": {"en": "A list is needed here.", "zh-CN": "此处需要一个列表。"},
    "empty_list": {"en": "The list must not be empty.", "zh-CN": "列表不能为空。"},
    "list_too_long": {
        "en": "A list may hold at most {limit} values.",
        "zh-CN": "列表最多包含 {limit} 个值。",
    },
    "expected_pair": {
        "en": "'between' needs a list of exactly two values.",
        "zh-CN": "between 需要恰好两个值的列表。",
    },
    "expected_text": {"en": "A text is needed here.", "zh-CN": "此处需要文本。"},
    "empty_text": {
        "en": "The text must not be empty; use 'is_empty' or 'is_set'.",
        "zh-CN": "文本不能为空；请使用 is_empty 或 is_set。",
    },
    "text_too_long": {
        "en": "A text may hold at most {limit} characters.",
        "zh-CN": "文本最多包含 {limit} 个字符。",
    },
    "forbidden_character": {
        "en": "The text holds a character that is not allowed.",
        "zh-CN": "文本包含不允许的字符。",
    },
    "expected_boolean": {"en": "true or false is needed here.", "zh-CN": "此处需要 true 或 false。"},
    "expected_integer": {"en": "A whole number is needed here.", "zh-CN": "此处需要整数。"},
    "expected_decimal": {
        "en": "A number is needed here, written as a text such as \"12.50\" or as a whole number.",
        "zh-CN": "此处需要数字，请写成文本（例如“12.50”）或整数。",
    },
    "too_many_decimals": {
        "en": "At most {scale} decimals are allowed.",
        "zh-CN": "最多允许 {scale} 位小数。",
    },
    "number_too_large": {
        "en": "The number is too large; at most {digits} digits before the decimal point are allowed.",
        "zh-CN": "数字过大；小数点前最多允许 {digits} 位。",
    },
    "expected_date": {
        "en": "A date such as 2026-01-31 is needed here.",
        "zh-CN": "此处需要日期，例如 2026-01-31。",
    },
    "expected_datetime": {
        "en": "A moment with time zone such as 2026-01-31T08:00:00Z, or a date, is needed here.",
        "zh-CN": "此处需要带时区的时间（例如 2026-01-31T08:00:00Z）或日期。",
    },
    "impossible_date": {"en": "This date or time does not exist.", "zh-CN": "该日期或时间不存在。"},
    "date_out_of_range": {
        "en": "The date must lie between the years {first} and {last}.",
        "zh-CN": "日期必须在 {first} 年至 {last} 年之间。",
    },
    "expected_duration": {
        "en": "A length of time such as 30m, 12h, 3d or 2w is needed here.",
        "zh-CN": "此处需要时长，例如 30m、12h、3d 或 2w。",
    },
    "duration_needs_days": {
        "en": "For a date the length of time must be in days or weeks, such as 3d or 2w.",
        "zh-CN": "日期字段的时长必须以天或周为单位，例如 3d 或 2w。",
    },
    "duration_too_long": {
        "en": "The length of time may be at most {limit} days.",
        "zh-CN": "时长最多为 {limit} 天。",
    },
    "unknown_period": {
        "en": "One of these is needed here: {periods}.",
        "zh-CN": "此处需要以下之一：{periods}。",
    },
    "unknown_choice": {"en": "The field has no choice '{value}'.", "zh-CN": "该字段没有选项“{value}”。"},
    "expected_id": {"en": "An id (UUID) is needed here.", "zh-CN": "此处需要 id（UUID）。"},
    "unknown_variable": {
        "en": "The variable '{value}' is not known for this field.",
        "zh-CN": "该字段不支持变量“{value}”。",
    },
}

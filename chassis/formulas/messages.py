"""The sentences of formula errors in English and Chinese; the chassis takes them into its catalogue."""

from __future__ import annotations

MESSAGES: dict[str, dict[str, str]] = {
    "did_you_mean": {"en": "Did you mean {suggestion}?", "zh-CN": "您是否想输入 {suggestion}？"},
    "not_text": {"en": "A formula is a text.", "zh-CN": "公式必须是文本。"},
    "empty": {"en": "The formula is empty.", "zh-CN": "公式为空。"},
    "too_long": {
        "en": "A formula may hold at most {limit} characters.", "zh-CN": "公式最多包含 {limit} 个字符。",
    },
    "too_deep": {
        "en": "The formula is nested too deeply; at most {limit} levels are allowed.",
        "zh-CN": "公式嵌套过深，最多允许 {limit} 层。",
    },
    "too_many_parts": {
        "en": "The formula has too many parts; at most {limit} are allowed.",
        "zh-CN": "公式的组成部分过多，最多允许 {limit} 个。",
    },
    "unexpected": {"en": "'{found}' cannot stand here.", "zh-CN": "此处不能出现“{found}”。"},
    "unexpected_end": {
        "en": "The formula ends too early; something is missing.", "zh-CN": "公式不完整，结尾处缺少内容。",
    },
    "open_text": {"en": "A text is opened but not closed with \".", "zh-CN": "文本缺少结束的双引号。"},
    "missing_bracket": {"en": "A closing bracket ) is missing.", "zh-CN": "缺少右括号 )。"},
    "number_too_long": {
        "en": "A number may have at most {limit} digits.", "zh-CN": "数字最多包含 {limit} 位。",
    },
    "unknown_field": {"en": "There is no field '{name}' here.", "zh-CN": "此处没有字段“{name}”。"},
    "unknown_function": {"en": "There is no function '{name}'.", "zh-CN": "没有函数“{name}”。"},
    "not_a_record": {
        "en": "'{name}' does not lead to another record, so it has no fields.",
        "zh-CN": "“{name}”没有指向其他记录，因此没有下级字段。",
    },
    "needs_function": {
        "en": "The formula gives a whole record; name one of its fields.",
        "zh-CN": "公式的结果是整条记录，请指定其中的字段。",
    },
    "too_many_hops": {
        "en": "A path may follow at most {limit} references.", "zh-CN": "路径最多跟随 {limit} 层引用。",
    },
    "too_few_arguments": {
        "en": "{function} needs at least {count} values.", "zh-CN": "{function} 至少需要 {count} 个参数。",
    },
    "too_many_arguments": {
        "en": "{function} takes at most {count} values.", "zh-CN": "{function} 最多接受 {count} 个参数。",
    },
    "wrong_type": {
        "en": "{wanted} is needed here, but this is {found}.", "zh-CN": "此处需要{wanted}，但这里是{found}。",
    },
    "types_differ": {
        "en": "These values do not fit together: {left} and {right}.", "zh-CN": "这些值的类型不一致：{left}与{right}。",
    },
    "cannot_calculate": {
        "en": "'{operator}' does not work with {left} and {right}.",
        "zh-CN": "“{operator}”不能用于{left}和{right}。",
    },
    "cannot_compare": {
        "en": "{left} and {right} cannot be compared.", "zh-CN": "{left}与{right}不能比较。",
    },
    "unknown_choice": {
        "en": "The field has no choice '{value}'.", "zh-CN": "该字段没有选项“{value}”。",
    },
    "unknown_currency": {"en": "'{value}' is not a currency known here.", "zh-CN": "“{value}”不是已知的币种。"},
    "currencies_differ": {
        "en": "Amounts in {left} and in {right} cannot be mixed.", "zh-CN": "不能混用 {left} 与 {right} 的金额。",
    },
    "literal_needed": {
        "en": "A fixed text in quotes is needed here.", "zh-CN": "此处需要用双引号括起来的固定文本。",
    },
    "unknown_word": {
        "en": "One of these is needed here: {words}.", "zh-CN": "此处需要以下之一：{words}。",
    },
    "bad_pattern": {"en": "This is not a valid pattern.", "zh-CN": "这不是有效的匹配模式。"},
    "bad_format": {"en": "This is not a valid format.", "zh-CN": "这不是有效的格式。"},
    "not_available": {
        "en": "{function} cannot be used here: {reason}", "zh-CN": "此处不能使用 {function}：{reason}",
    },
    "wrong_result": {
        "en": "The formula gives {found}, but the field holds {wanted}.",
        "zh-CN": "公式的结果是{found}，但字段类型是{wanted}。",
    },
    "pairs_needed": {
        "en": "SWITCH needs a value and then pairs of a case and its result.",
        "zh-CN": "SWITCH 需要一个值，以及成对的情况和结果。",
    },
    "division_by_zero": {"en": "Division by zero.", "zh-CN": "除数为零。"},
    "number_too_large": {"en": "The number is too large.", "zh-CN": "数字过大。"},
    "no_number": {"en": "There is no such number.", "zh-CN": "不存在这样的数字。"},
    "not_a_number": {"en": "'{text}' is not a number.", "zh-CN": "“{text}”不是数字。"},
    "not_a_date": {"en": "'{text}' is not a date.", "zh-CN": "“{text}”不是日期。"},
    "never_worked": {
        "en": "The working calendar does not reach that far.", "zh-CN": "工作日历中没有足够的工作时间。",
    },
    "date_out_of_range": {"en": "The date is out of range.", "zh-CN": "日期超出范围。"},
    "mixed_currencies": {
        "en": "Amounts in different currencies cannot be added up.", "zh-CN": "不同币种的金额不能相加。",
    },
    "wrong_currency": {
        "en": "The amount is in {found}, but the field is in {wanted}.",
        "zh-CN": "金额的币种是 {found}，但字段的币种是 {wanted}。",
    },
    "no_such_choice": {
        "en": "'{found}' is none of the choices of the field.", "zh-CN": "“{found}”不是该字段的选项。",
    },
    "text_too_long": {
        "en": "The text grows longer than {limit} characters.", "zh-CN": "文本超过 {limit} 个字符。",
    },
    "list_too_long": {"en": "The list is longer than {limit} items.", "zh-CN": "列表超过 {limit} 项。"},
    "too_much_work": {"en": "The formula takes too long to work out.", "zh-CN": "公式计算量过大。"},
}

KINDS: dict[str, dict[str, str]] = {
    "blank": {"en": "nothing", "zh-CN": "空值"},
    "text": {"en": "a text", "zh-CN": "文本"},
    "number": {"en": "a number", "zh-CN": "数字"},
    "money": {"en": "an amount of money", "zh-CN": "金额"},
    "date": {"en": "a date", "zh-CN": "日期"},
    "datetime": {"en": "a date with time", "zh-CN": "日期时间"},
    "boolean": {"en": "yes or no", "zh-CN": "是或否"},
    "choice": {"en": "a choice", "zh-CN": "选项"},
    "link": {"en": "a person, department or record", "zh-CN": "人员、部门或记录"},
    "record": {"en": "a record", "zh-CN": "记录"},
    "list": {"en": "a list", "zh-CN": "列表"},
    "day": {"en": "a date", "zh-CN": "日期"},
    "amount": {"en": "a number or an amount of money", "zh-CN": "数字或金额"},
    "sortable": {"en": "a number, an amount or a date", "zh-CN": "数字、金额或日期"},
    "printable": {"en": "a value that can be written as text", "zh-CN": "可以写成文本的值"},
    "any": {"en": "a value", "zh-CN": "值"},
    "scalar": {"en": "a single value", "zh-CN": "单个值"},
    "integer": {"en": "a whole number", "zh-CN": "整数"},
    "decimal": {"en": "a number", "zh-CN": "数字"},
    "percent": {"en": "a percentage", "zh-CN": "百分比"},
}

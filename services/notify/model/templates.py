"""Templates: texts in two languages with `{name}` places, one form for a single message and one for a digest.

A template may have texts of its own for a channel (a short one for SMS).

A place is filled from the parameters of the notification: plain values as they are, texts in both languages by the
reader's, moments in his time zone. A place without a value stays empty; nothing else is ever evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.i18n import localised

GENERIC, BOARD_SENT = "message", "board_sent"
PARTS = ("subject", "body", "digest_subject", "digest_body")

_PLACE = re.compile(r"\{([a-z_][a-z0-9_.]{0,60})\}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")

BUILT_IN: dict[str, dict[str, Any]] = {
    GENERIC: {
        "name": {"en": "General message", "zh-CN": "通用消息"},
        "subject": {"en": "{message}", "zh-CN": "{message}"},
        "body": {"en": "{record}", "zh-CN": "{record}"},
        "digest_subject": {"en": "{count} messages: {message}", "zh-CN": "{count} 条消息：{message}"},
        "digest_body": {"en": "They concern {count} records.", "zh-CN": "涉及 {count} 条记录。"},
    },
    "task_assigned": {
        "name": {"en": "Task assigned", "zh-CN": "任务分配"},
        "subject": {"en": "New task: {task}", "zh-CN": "新任务：{task}"},
        "body": {"en": "{record}. Due {due_at}.", "zh-CN": "{record}，截止时间 {due_at}。"},
        "digest_subject": {"en": "{count} new tasks", "zh-CN": "{count} 个新任务"},
        "digest_body": {"en": "{count} tasks were given to you. The first: {task}.",
                        "zh-CN": "您收到 {count} 个新任务，首个为：{task}。"},
    },
    "pool_warned": {
        "name": {"en": "Records will go back to the pool", "zh-CN": "记录即将退回公海"},
        "subject": {"en": "{number} records will go back to the pool “{pool}”",
                    "zh-CN": "{number} 条记录即将退回公海“{pool}”"},
        "body": {"en": "{objects}: {number} of yours go back to the public pool “{pool}” soon, because nobody follows "
                       "them up. Follow them up to keep them.",
                 "zh-CN": "{objects}：您有 {number} 条记录因长期未跟进即将退回公海“{pool}”。跟进后即可保留。"},
        "digest_subject": {"en": "{count} warnings of public pools", "zh-CN": "{count} 条公海提醒"},
        "digest_body": {"en": "Records of yours will go back to public pools soon.",
                        "zh-CN": "您有记录即将退回公海。"},
    },
    "pool_returned": {
        "name": {"en": "Records went back to the pool", "zh-CN": "记录已退回公海"},
        "subject": {"en": "{number} records went back to the pool “{pool}”",
                    "zh-CN": "{number} 条记录已退回公海“{pool}”"},
        "body": {"en": "{objects}: {number} of yours went back to the public pool “{pool}”, because nobody followed "
                       "them up.",
                 "zh-CN": "{objects}：您有 {number} 条记录因长期未跟进已退回公海“{pool}”。"},
        "digest_subject": {"en": "{count} returns to public pools", "zh-CN": "{count} 次退回公海"},
        "digest_body": {"en": "Records of yours went back to public pools.", "zh-CN": "您有记录已退回公海。"},
    },
    "records_received": {
        "name": {"en": "Records handed over", "zh-CN": "接收交接记录"},
        "subject": {"en": "{number} records of {person} are yours now",
                    "zh-CN": "{person} 的 {number} 条记录已交接给您"},
        "body": {"en": "You have taken over {number} records of {person}: {objects}.",
                 "zh-CN": "您已接收 {person} 的 {number} 条记录：{objects}。"},
        "digest_subject": {"en": "{count} hand-overs to you", "zh-CN": "{count} 次交接"},
        "digest_body": {"en": "Records of colleagues were handed over to you.", "zh-CN": "有同事的记录交接给您。"},
    },
    "tasks_received": {
        "name": {"en": "Tasks handed over", "zh-CN": "接收交接任务"},
        "subject": {"en": "{number} tasks of {person} are yours now",
                    "zh-CN": "{person} 的 {number} 项任务已交接给您"},
        "body": {"en": "You have taken over {number} open tasks of {person}. They stand in your list of tasks.",
                 "zh-CN": "您已接收 {person} 的 {number} 项待办任务，请在任务列表中查看。"},
        "digest_subject": {"en": "{count} hand-overs of tasks to you", "zh-CN": "{count} 次任务交接"},
        "digest_body": {"en": "Tasks of colleagues were handed over to you.", "zh-CN": "有同事的任务交接给您。"},
    },
    "webhook_off": {
        "name": {"en": "Webhook switched off", "zh-CN": "Webhook 已停用"},
        "subject": {"en": "The webhook “{webhook}” was switched off", "zh-CN": "Webhook“{webhook}”已停用"},
        "body": {"en": "{host} is told nothing any more: {reason}. What waits is kept; put the cause right and switch "
                       "it on again.",
                 "zh-CN": "已停止向 {host} 推送：{reason}。待发送的内容已保留，排除原因后可重新启用。"},
        "digest_subject": {"en": "{count} webhooks were switched off", "zh-CN": "{count} 个 Webhook 已停用"},
        "digest_body": {"en": "Look at the page Webhooks.", "zh-CN": "请查看 Webhook 页面。"},
    },
    BOARD_SENT: {
        "name": {"en": "Board sent", "zh-CN": "定期仪表盘"},
        "subject": {"en": "Board “{board}”", "zh-CN": "仪表盘“{board}”"},
        "body": {"en": "{file} is ready for you. It counts what you may see, and can be downloaded until {until}.",
                 "zh-CN": "{file} 已生成，仅统计您可见的数据，可下载至 {until}。"},
        "digest_subject": {"en": "{count} boards", "zh-CN": "{count} 个仪表盘"},
        "digest_body": {"en": "They stand in your inbox.", "zh-CN": "请在收件箱中查看。"},
    },
    "lead_assigned": {
        "name": {"en": "Lead assigned", "zh-CN": "线索分配"},
        "subject": {"en": "New lead: {record}", "zh-CN": "新线索：{record}"},
        "body": {"en": "The lead {record} is now yours.", "zh-CN": "线索 {record} 已分配给您。"},
        "digest_subject": {"en": "{count} new leads", "zh-CN": "{count} 条新线索"},
        "digest_body": {"en": "{count} leads are now yours.", "zh-CN": "{count} 条线索已分配给您。"},
    },
}


@dataclass(frozen=True)
class Reader:
    """Who reads a message: his language and time zone."""

    locale: str = "en"
    timezone: str = "UTC"


@dataclass(frozen=True)
class Rendered:
    """A message ready to be shown or sent, as plain text."""

    subject: str
    body: str


def render(template: Mapping[str, Any], params: Mapping[str, Any], count: int, reader: Reader) -> Rendered:
    """Fill a template for a reader; more than one notification gives the digest form."""
    prefix = "digest_" if count > 1 else ""
    values = dict(params) | {"count": count}
    subject, body = (_fill(_text(template[prefix + part], reader), values, reader) for part in ("subject", "body"))
    return Rendered(" ".join(subject.split())[:200], body.strip()[:4000])


def render_digest(parts: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], int]], reader: Reader) -> Rendered:
    """Fill one message for several kinds of news, each a (template, params of the first, count)."""
    made = [render(template, params, count, reader) for template, params, count in parts]
    separator = "，" if reader.locale == "zh-CN" else ", "
    return Rendered(separator.join(part.subject for part in made)[:200], "\n".join(part.body for part in made)[:4000])


def of_channel(template: Mapping[str, Any], channel: str | None) -> Mapping[str, Any]:
    """Return a template with the texts that it has for one channel in place of the common ones."""
    return {**template, **template.get("channels", {}).get(channel, {})}


def fill_shown(text: str, values: Mapping[str, Any], reader: Reader) -> str:
    """Fill one more text with what a message says, such as a parameter of a text registered at a provider."""
    return _fill(text, values, reader)


def places(template: Mapping[str, Any]) -> set[str]:
    """Return the names of all places in a template."""
    return {name for part in PARTS for text in template.get(part, {}).values() for name in _PLACE.findall(text)}


def _fill(text: str, values: Mapping[str, Any], reader: Reader) -> str:
    return _PLACE.sub(lambda found: _show(_reach(values, found[1]), reader), text)


def _reach(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, Mapping) else None
    return values


def _show(value: Any, reader: Reader) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _money(value) if "amount" in value else _show(_text(value, reader), reader)
    if isinstance(value, list):
        return ", ".join(_show(item, reader) for item in value[:20])
    text = str(value)
    return _moment(text, reader) if _MOMENT.match(text) else text


def _text(texts: Mapping[str, Any], reader: Reader) -> str:
    return str(localised(texts, reader.locale))


def _money(value: Mapping[str, Any]) -> str:
    return f"{value.get('currency', '')} {value['amount']}".strip()


def _moment(text: str, reader: Reader) -> str:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(reader.timezone)).strftime("%Y-%m-%d %H:%M")

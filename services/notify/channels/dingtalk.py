"""DingTalk: work notifications of an application of the company's own to one person.

Source: "获取企业内部应用的access_token" and "异步发送工作通知" of the DingTalk developer documentation. The answer
has a task id; the same text goes to a person only once a day, so each message carries its moment.
"""

from __future__ import annotations

from typing import Any

from services.notify.channels.base import Account, Note, numbered
from services.notify.channels.tokens import called
from services.notify.model.channels import cut

ADDRESS = "https://oapi.dingtalk.com"
FORMS = ("action_card", "markdown", "text")
_MORE = {"en": "Open", "zh-CN": "查看"}
_BUSY = ("-1", "90018", "90005", "90008", "90017", "143103", "143104", "143105", "1430003")
_TROUBLE = ("40001", "40014", "40089", "40096", "41001", "42001", "50002", "60020", "52013", "no answer")


def send(account: Account, to: str, note: Note) -> str:
    """Hand a message over; returns the id of the task that delivers it."""
    settings = account.settings
    code, answer = called(
        account, "/gettoken", {"appkey": settings["app_key"], "appsecret": account.secret},
        "/topapi/message/corpconversation/asyncsend_v2",
        {"agent_id": int(settings["agent_id"]), "userid_list": to, "msg": _content(settings["form"], note)})
    if code == "0":
        return f"ok task_id={answer.get('task_id')}"
    said = f"{code}: {answer.get('sub_msg') or answer.get('errmsg', '')}"[:300]
    raise numbered(said, code, _BUSY, _TROUBLE)


def _content(form: str, note: Note) -> dict[str, Any]:
    more, unique = _MORE.get(note.locale, _MORE["en"]), note.moment
    if form == "action_card":
        text = f"#### {cut(note.subject, 300)}\n{cut(note.body, 1500)}\n\n{unique}"
        return {"msgtype": form, form: {
            "title": cut(note.subject, 128), "markdown": text, "single_title": more, "single_url": note.url}}
    if form == "markdown":
        return {"msgtype": form, form: {
            "title": cut(note.subject, 128), "text": f"#### {cut(note.text, 1800)}\n\n[{more}]({note.url}) {unique}"}}
    return {"msgtype": "text", "text": {"content": f"{cut(note.text, 1500)}\n{note.url}\n{unique}"}}

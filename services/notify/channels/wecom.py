"""WeCom: messages of an application of the company's own to one person.

Source: "获取access_token" and "发送应用消息" of the WeCom developer documentation. `invaliduser` in an answer without
an error means that this person did not get it.
"""

from __future__ import annotations

from typing import Any

from services.notify.channels.base import Account, Note, numbered
from services.notify.channels.tokens import called
from services.notify.model.channels import cut
from services.notify.outcomes import Refused

ADDRESS = "https://qyapi.weixin.qq.com"
FORMS = ("textcard", "markdown", "text")
_MORE = {"en": "Open", "zh-CN": "查看"}
_BUSY = ("-1", "45009", "45033", "45047")
_TROUBLE = ("40001", "40013", "40014", "40056", "40084", "41001", "42001", "48002", "50002", "60011", "60020", "301002",
            "no answer")


def send(account: Account, to: str, note: Note) -> str:
    """Hand a message over; returns the id that the provider gave it."""
    settings = account.settings
    code, answer = called(
        account, "/cgi-bin/gettoken", {"corpid": settings["corp_id"], "corpsecret": account.secret},
        "/cgi-bin/message/send",
        {"touser": to, "agentid": int(settings["agent_id"])} | _content(settings["form"], note))
    if code != "0":
        raise numbered(f"{code}: {answer.get('errmsg', '')}"[:300], code, _BUSY, _TROUBLE)
    if answer.get("invaliduser"):
        raise Refused(f"0: invaliduser {answer['invaliduser']}"[:300])
    return f"ok msgid={answer.get('msgid')}"


def _content(form: str, note: Note) -> dict[str, Any]:
    if form == "textcard":
        return {"msgtype": form, form: {
            "title": cut(note.subject, 128), "description": cut(note.body or note.subject, 512), "url": note.url,
            "btntxt": _MORE.get(note.locale, _MORE["en"])}}
    if form == "markdown":
        text = cut(f"**{note.subject}**\n{note.body}", 1500)
        return {"msgtype": form, form: {"content": f"{text}\n[{_MORE.get(note.locale, _MORE['en'])}]({note.url})"}}
    return {"msgtype": "text", "text": {"content": f"{cut(note.text, 1900)}\n{note.url}"}}

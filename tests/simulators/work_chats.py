"""WeCom and DingTalk of a test, written from their public documents: tokens that run out, people, answers by number."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .http_stage import Got, Said


@dataclass
class Chat:
    """A company's account: one application, its people, and what they were sent."""

    company: str = "ww1234"
    secret: str = "s3cret-of-the-app"
    agent: int = 1000002
    people: set[str] = field(default_factory=lambda: {"wangfang", "liwei"})
    tokens: dict[str, bool] = field(default_factory=dict)  # token → still good
    answers: deque[int] = field(default_factory=deque)  # codes that are answered next to a message
    taken: list[dict[str, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=count)
    silent: bool = False  # takes a message, and its answer gets lost

    def expire(self) -> None:
        """The life of all tokens ends."""
        self.tokens = dict.fromkeys(self.tokens, False)

    def token(self, id: str, secret: str) -> Said:
        """Give a token for the right secret; the same one while it lives."""
        if id != self.company:
            return Said(200, {"errcode": 40013, "errmsg": "invalid corpid"})
        if secret != self.secret:
            return Said(200, {"errcode": 40001, "errmsg": "invalid credential"})
        living = [one for one, good in self.tokens.items() if good]
        given = living[0] if living else f"token-{next(self.numbers)}"
        self.tokens[given] = True
        return Said(200, {"errcode": 0, "errmsg": "ok", "access_token": given, "expires_in": 7200})

    def fault(self, got: Got) -> int:
        """What is wrong with a call before it is looked into; 0 when nothing is."""
        good = self.tokens.get(got.query.get("access_token", ""))
        if not good:
            return 41001 if "access_token" not in got.query else 40014 if good is None else 42001
        return self.answers.popleft() if self.answers else 0

    def take(self, to: str, content: Any, answer: dict[str, Any]) -> Said:
        self.taken.append({"to": to, "content": content})
        return Said(502, {"message": "Bad gateway"}) if self.silent else Said(200, answer)


class Wecom(Chat):
    """`qyapi.weixin.qq.com`: gettoken and message/send."""

    def answer(self, got: Got) -> Said:
        if (got.method, got.path) == ("GET", "/cgi-bin/gettoken"):
            return self.token(got.query["corpid"], got.query["corpsecret"])
        assert (got.method, got.path) == ("POST", "/cgi-bin/message/send")
        code, asked = self.fault(got), got.json
        if not code and asked["agentid"] != self.agent:
            code = 40056
        if not code and asked["touser"] not in self.people:
            code = 81013
        if code:
            return Said(200, {"errcode": code, "errmsg": f"code {code}"})
        kind = asked["msgtype"]
        if kind == "textcard":
            assert len(asked[kind]["title"].encode()) <= 128
            assert len(asked[kind]["description"].encode()) <= 512
        return self.take(asked["touser"], asked[kind], {
            "errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": f"m{len(self.taken)}"})


class Dingtalk(Chat):
    """`oapi.dingtalk.com`: gettoken and asyncsend_v2."""

    def answer(self, got: Got) -> Said:
        if (got.method, got.path) == ("GET", "/gettoken"):
            return self.token(got.query["appkey"], got.query["appsecret"])
        assert (got.method, got.path) == ("POST", "/topapi/message/corpconversation/asyncsend_v2")
        code, asked = self.fault(got), got.json
        if code in (40014, 42001):  # the platform's way to say it
            return Said(200, {"errcode": 88, "errmsg": "ding talk error", "sub_code": str(code), "sub_msg": "token"})
        if not code and asked["userid_list"] not in self.people:
            code = 33012
        content = asked["msg"][asked["msg"]["msgtype"]]
        if not code and any(one == {"to": asked["userid_list"], "content": content} for one in self.taken):
            code = 143106
        if code:
            return Said(200, {"errcode": code, "errmsg": f"code {code}", "request_id": "r"})
        return self.take(asked["userid_list"], content, {
            "errcode": 0, "errmsg": "ok", "task_id": 256271667526 + len(self.taken), "request_id": "r"})

"""WeCom and DingTalk, on both databases, against simulators with tokens that run out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.notify.bootstrap import SPEC
from services.notify.store.tables import channel_state
from tests.integration.notify.test_channels import World
from tests.simulators.http_stage import stage
from tests.simulators.work_chats import Chat, Dingtalk, Wecom

ACCOUNTS = {"wecom": {"corp_id": "ww1234", "agent_id": "1000002"},
            "dingtalk": {"app_key": "ww1234", "agent_id": "1000002"}}


class Office(World):
    """The same notify service, with an account at one of the two."""

    channel = ""
    chat: Chat

    def set_up(self, **more: Any) -> None:
        settings = ACCOUNTS[self.channel] | more.pop("settings", {})
        self.call("PUT", f"/channels/{self.channel}", {
            "provider": self.channel, "address": self.address, "settings": settings, "secret": self.chat.secret,
            "per_second": 1000} | more)

    def colleague(self, name: str, address: str | None, status: int = 204) -> str:
        user = self.house.user(name, locale="zh-CN")
        self.call("PUT", "/preferences", {"channels": {"inbox": True, "email": False, self.channel: True},
                                          "digest": "immediate", "quiet": None}, who=user)
        self.call("PUT", f"/addresses/people/{user}/{self.channel}", {"address": address}, status=status)
        return user


@pytest.fixture(params=["wecom", "dingtalk"])
def office(request: pytest.FixtureRequest, tmp_path: Path, own_database: OwnDatabase) -> Iterator[Office]:
    url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
    house = Harness(SPEC, tmp_path, url, env={"FREEHOLD_OUTSIDE_NETWORKS": "127.0.0.1/32"})
    made = Office(house, house.administrator())
    made.channel, made.chat = request.param, {"wecom": Wecom, "dingtalk": Dingtalk}[request.param]()
    made.sms = made.chat  # type: ignore[assignment]
    with stage(made.answer) as made.address:
        yield made
    house.close()


def test_a_message_links_to_the_record_and_a_token_that_ran_out_is_renewed(office: Office) -> None:
    office.set_up()
    user = office.colleague("王芳", "wangfang")
    office.tell(user)
    office.send()
    [first] = office.chat.taken
    assert (first["to"], "/records/lead/" in str(first["content"]), "首次联系" in str(first["content"])) == (
        "wangfang", True, True)
    with office.house.service.db.read() as connection:
        [state] = connection.execute(select(channel_state)).all()
    assert state.token
    assert "token-0" not in state.token
    office.chat.expire()
    office.tell(user)
    office.send()
    office.tell(user)
    office.send()
    assert (office.states(), len(office.chat.taken), len(office.chat.tokens)) == (["sent"] * 3, 3, 2)
    [way] = [one for one in office.call("GET", "/addresses", who=user)["items"] if one["channel"] == office.channel]
    assert way == {"channel": office.channel, "on": True, "address": "wangfang", "own": False}
    [listed] = office.call("GET", f"/addresses/people?channel={office.channel}")["items"]
    assert (listed["address"], listed["origin"]) == ("wangfang", "administrator")


def test_codes_say_what_is_busy_what_is_refused_and_what_is_wrong_with_the_account(office: Office) -> None:
    office.set_up(settings={"form": "markdown"})
    known, stranger = office.colleague("Known", "liwei"), office.colleague("Stranger", "nobody")
    for many in ("@all", "liwei|wangfang", "liwei,wangfang"):
        office.colleague(many, many, status=422)
    busy = {"wecom": 45009, "dingtalk": 143104}[office.channel]
    office.chat.answers.append(busy)
    office.tell(known)
    office.send()
    assert (office.states(), office.log()[0].answer) == (["waiting"], f"{busy}: code {busy}")
    office.tell(stranger)
    office.send()
    assert [row.status for row in office.log()] == ["sent", "failed"]
    office.set_up(settings={"form": "text"}, secret="wrong")
    office.tell(known)
    office.send()
    [row] = [one for one in office.log() if one.status == "waiting"]
    [shown] = [one for one in office.call("GET", "/channels")["items"] if one["channel"] == office.channel]
    assert (row.answer, shown["failures"]) == ("40001: invalid credential", 1)
    office.set_up(settings={"form": "text"})
    office.send()
    office.chat.silent = True
    office.tell(known)
    office.send()
    office.send()
    assert office.states() == ["sent", "failed", "sent", "uncertain"]
    assert [one["to"] for one in office.chat.taken] == ["liwei"] * 3

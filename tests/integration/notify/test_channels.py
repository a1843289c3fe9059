"""SMS by three providers, on both databases, against simulators that check what they are sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.notify.bootstrap import SPEC
from services.notify.consumers import NOTIFICATION_REQUESTED
from services.notify.store.tables import channel_account, channel_state, delivery
from services.notify.usecases.channels import measuring
from services.notify.usecases.deliver import deliver_due, settle_uncertain
from tests.simulators.http_stage import Got, Said, stage
from tests.simulators.sms_providers import Aliyun, Sms, Tencent
from tests.simulators.webhook_receiver import Receiver

REGISTERED = [{"template": "task_assigned", "locale": None, "code": "SMS_1001",
               "params": [{"name": "task", "value": "{task}"}, {"name": "record", "value": "{record}"}]}]


@dataclass
class World:
    """A notify service, and a provider of SMS whose answers a test sets."""

    house: Harness
    admin: str
    address: str = ""
    sms: Sms = field(default_factory=Aliyun)

    def call(self, method: str, path: str, json: Any = None, *, status: int = 200, who: str | None = None) -> Any:
        answer = self.house.call(who or self.admin, method, f"/v1{path}", json)
        assert answer.status_code == status, answer.json
        return answer.json if answer.data else None

    def answer(self, got: Got) -> Said:
        """As the provider does that stands there now."""
        said: Said = self.sms.answer(got)  # type: ignore[attr-defined]
        return said

    def account(self, provider: str = "aliyun", **more: Any) -> dict[str, Any]:
        own = {"aliyun": {"access_key_id": self.sms.key_id}, "gateway": None,
               "tencent": {"secret_id": self.sms.key_id, "sdk_app_id": "1400006666"}}[provider]
        settings = {} if own is None else own | {"sign_name": self.sms.sign, "templates": REGISTERED}
        return {"provider": provider, "address": self.address, "settings": settings, "secret": self.sms.secret,
                "per_second": 1000} | more

    def person(self, name: str = "王芳", phone: str | None = "138 0013 8000") -> str:
        user = self.house.user(name, phone=phone, locale="zh-CN")
        self.call("PUT", "/preferences", {"channels": {"inbox": True, "email": False, "sms": True},
                                          "digest": "immediate", "quiet": None}, who=user)
        return user

    def tell(self, *users: str, **more: Any) -> None:
        self.house.deliver(self.house.message(NOTIFICATION_REQUESTED, {"notifications": [
            {"id": new_id(), "user_id": user, "template": "task_assigned", "bulk": None,
             "params": {"task": {"en": "First contact", "zh-CN": "首次联系"}, "record": "ACME", "due_at": None},
             "link": {"object": "lead", "id": new_id(), "title": "ACME"}} | more for user in users]}))

    def send(self, *, rested: bool = True) -> None:
        """Let time pass, also the rest of a provider when `rested`, and the workers work."""
        past = utcnow() - timedelta(seconds=2)
        with self.house.service.db.unit_of_work() as uow:
            uow.execute(update(delivery).where(delivery.c.status == "waiting").values(due_at=past))
            uow.execute(update(channel_state).values(booked_until=past, **({"paused_until": past} if rested else {})))
        while deliver_due(self.house.service):
            pass

    def log(self) -> list[Any]:
        with self.house.service.db.read() as connection:
            return list(connection.execute(select(delivery).order_by(delivery.c.created_at, delivery.c.id)).all())

    def states(self) -> list[str]:
        return [row.status for row in self.log()]


@pytest.fixture
def world(tmp_path: Path, own_database: OwnDatabase) -> Iterator[World]:
    url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
    house = Harness(SPEC, tmp_path, url, env={"FREEHOLD_OUTSIDE_NETWORKS": "127.0.0.1/32"})
    made = World(house, house.administrator())
    with stage(made.answer) as made.address:
        yield made
    house.close()


@pytest.mark.parametrize(("provider", "kind", "to", "params"), [
    ("aliyun", Aliyun, "13800138000", {"task": "首次联系", "record": "ACME"}),
    ("tencent", Tencent, "+8613800138000", ["首次联系", "ACME"])])
def test_a_registered_text_reaches_a_mobile_once_in_the_readers_language(
        world: World, provider: str, kind: type[Sms], to: str, params: Any) -> None:
    world.sms = sms = kind()
    shown = world.call("PUT", "/channels/sms", world.account(provider))
    assert sms.secret not in str(shown) + str(world.call("GET", "/channels"))
    user = world.person()
    world.tell(user)
    world.send()
    world.send()
    assert [(one["to"], one["params"]) for one in sms.taken] == [(to, params)]
    assert sms.refused == []
    [row] = world.call("GET", "/deliveries?channel=sms")["items"]
    assert (row["status"], row["answer"].split()[0].upper()) == ("sent", "OK")
    assert world.house.published("freehold.notify.delivery.recorded.v1")[0].data["deliveries"][0]["channel"] == "sms"
    assert sms.secret not in str([told.data for told in world.house.published("freehold.notify.audit.recorded.v1")])
    with world.house.service.db.read() as connection:
        assert sms.secret not in str(connection.execute(select(channel_account)).all())


def test_any_gateway_gets_a_signed_message_and_knows_a_repeat(world: World) -> None:
    receiver = Receiver()
    receiver.secrets.append("whsec_" + base64.b64encode(b"k" * 32).decode())
    world.sms = receiver  # type: ignore[assignment]
    receiver.answers.extend([Said(503), Said(409)])
    world.sms.secret, world.sms.key_id = receiver.secrets[0], ""
    world.call("PUT", "/channels/sms", world.account("gateway"))
    world.tell(world.person())
    world.send()
    world.send()
    world.send()
    assert (world.states(), receiver.refused, len(receiver.ids), len(set(receiver.ids))) == (["sent"], 0, 2, 1)
    receiver.answers.append(Said(202, b'{"id": "g-1"}'))
    world.tell(world.person("Other", "+44 7400 123456"))
    world.send()
    [told] = receiver.told.values()
    assert (told["to"], told["template"], told["text"]) == (
        "+447400123456", "task_assigned", "新任务：首次联系\nACME，截止时间 。")


def test_a_code_that_passes_is_tried_again_and_one_for_good_waits_for_a_decision(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    world.tell(world.person())
    world.sms.answers.append("isv.BUSINESS_LIMIT_CONTROL")
    world.send()
    assert [(row.status, row.attempts) for row in world.log()] == [("waiting", 1)]
    world.sms.answers.append("isv.MOBILE_NUMBER_ILLEGAL")
    world.send()
    [row] = world.log()
    assert (row.status, row.answer) == ("failed", "isv.MOBILE_NUMBER_ILLEGAL: because of isv.MOBILE_NUMBER_ILLEGAL")
    world.call("POST", f"/deliveries/{row.id}/send-again", status=204)
    world.send()
    assert (world.states(), len(world.sms.taken)) == (["sent"], 1)


def test_a_provider_in_trouble_is_left_alone_and_one_message_finds_out(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    users = [world.person(f"P{number}", f"1380013800{number}") for number in range(9)]
    world.tell(*users)
    world.sms.answers.extend(["isp.SYSTEM_ERROR"] * 6)
    world.send()
    [shown] = [one for one in world.call("GET", "/channels")["items"] if one["channel"] == "sms"]
    assert (shown["failures"], shown["said"]) == (5, "isp.SYSTEM_ERROR: because of isp.SYSTEM_ERROR")
    assert shown["paused_until"]
    attempts = [row.attempts for row in world.log()]
    assert sorted(attempts) == [0, 0, 0, 0, 1, 1, 1, 1, 1]  # those behind them were given back untouched
    world.send(rested=False)
    assert sum(row.attempts for row in world.log()) == 5
    world.send()  # one finds out: it is not well yet
    assert (sum(row.attempts for row in world.log()), world.sms.taken) == (6, [])
    measuring.measure_channels(world.house.service)
    assert measuring.BREAKERS.labels("sms")._value.get() == 1
    world.send()
    world.send()
    assert set(world.states()) == {"sent"}
    assert set(world.sms.times.values()) == {1}
    assert len(world.sms.taken) == 9


def test_no_more_messages_a_second_than_the_account_allows(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account(per_second=3))
    world.tell(*(world.person(f"P{number}", f"1380013800{number}") for number in range(5)))
    world.send()
    assert len(world.sms.taken) == 3
    with world.house.service.db.unit_of_work() as uow:  # what is booked is not over yet
        uow.execute(update(delivery).where(delivery.c.status == "waiting").values(due_at=utcnow()))
        uow.execute(update(channel_state).values(booked_until=utcnow() + timedelta(minutes=1)))
    assert not deliver_due(world.house.service)
    assert len(world.sms.taken) == 3
    world.send()
    assert len(world.sms.taken) == 5


def test_who_dies_before_the_intent_loses_nothing_and_who_dies_after_it_sends_nothing_twice(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    before, after = world.person("Before"), world.person("After", "13800138001")
    world.tell(before)
    world.tell(after)
    with world.house.service.db.unit_of_work() as uow:  # as the lease and the intent leave them
        uow.execute(update(delivery).where(delivery.c.user_id == before).values(attempts=1))
        uow.execute(update(delivery).where(delivery.c.user_id == after).values(
            attempts=1, status="sending", updated_at=utcnow() - timedelta(days=1)))
    settle_uncertain(world.house.service)
    world.send()
    assert [one["to"] for one in world.sms.taken] == ["13800138000"]
    assert sorted(world.states()) == ["sent", "uncertain"]


def test_an_answer_that_never_comes_is_uncertain(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    world.tell(world.person())

    class Silent(Aliyun):
        def answer(self, got: Got) -> Said:
            super().answer(got)
            return Said(502, b"<html>bad gateway</html>")

    world.sms = Silent()
    world.send()
    world.send()
    assert (world.states(), len(world.sms.taken)) == (["uncertain"], 1)


def test_one_person_gets_his_messages_in_their_order(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    first, other = world.person("First"), world.person("Other", "13800138001")
    for record in ("one", "two", "three"):
        world.tell(first, params={"task": record, "record": record})
    world.tell(other)
    world.sms.answers.append("Throttling.User")
    world.send()
    assert [one["to"] for one in world.sms.taken] == ["13800138001"]
    world.send()
    world.send()
    assert [one["params"]["record"] for one in world.sms.taken if one["to"] == "13800138000"] == ["one", "two", "three"]


def test_who_has_no_number_and_what_has_no_registered_text_are_left_out(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    nobody = world.person("Nobody", None)
    world.tell(nobody)
    world.tell(world.person("Some"), template="lead_assigned")
    world.send()
    assert {row.answer for row in world.log()} == {"the person has no address there",
                                                   "no registered text for this template"}
    world.call("PUT", "/addresses/sms", {"address": "138-0013-8009"}, who=nobody)
    assert world.call("GET", "/addresses", who=nobody)["items"][1] == {
        "channel": "sms", "on": True, "address": "+8613800138009", "own": True}
    assert world.call("PUT", "/addresses/sms", {"address": "12"}, status=422, who=nobody)["errors"][0]["code"] == (
        "bad_mobile")
    world.call("PUT", "/addresses/wecom", {"address": "boss"}, status=403, who=nobody)
    world.tell(nobody)
    world.send()
    assert [one["to"] for one in world.sms.taken] == ["13800138009"]


def test_a_template_has_texts_of_its_own_for_a_channel(world: World) -> None:
    receiver = Receiver()
    world.sms = receiver  # type: ignore[assignment]
    receiver.secrets.append("whsec_" + base64.b64encode(b"k" * 32).decode())
    world.sms.secret, world.sms.key_id = receiver.secrets[0], ""
    world.call("PUT", "/channels/sms", world.account("gateway"))
    texts = {name: {"en": "Long", "zh-CN": "长"} for name in (
        "name", "subject", "body", "digest_subject", "digest_body")}
    short = {"subject": {"en": "Task", "zh-CN": "任务 {task}"}, "body": {"en": "", "zh-CN": ""}}
    assert world.call("PUT", "/templates/task_assigned", texts | {"channels": {"fax": short}}, status=422)
    world.call("PUT", "/templates/task_assigned", texts | {"channels": {"sms": short}})
    preview = {"params": {"task": "电话"}, "channel": "sms", "locale": "zh-CN"}
    assert world.call("POST", "/templates/task_assigned/preview", preview)["subject"] == "任务 电话"
    world.call("PUT", "/templates/task_assigned", texts)  # as a pack does, which knows nothing of channels
    world.tell(world.person())
    world.send()
    assert [told["text"] for told in receiver.told.values()] == ["任务 首次联系"]


def test_a_sender_may_choose_the_channels_that_are_on(world: World) -> None:
    world.call("PUT", "/channels/sms", world.account())
    quiet, loud = world.house.user("Quiet", phone="13800138001"), world.person("Loud")
    world.tell(quiet, channels=["sms", "wecom"])
    world.tell(loud, channels=["inbox"])
    world.tell(loud, channels=["dingtalk"])  # which nobody has set up: he hears it by the way of his own choice
    world.send()
    assert [one["to"] for one in world.sms.taken] == ["13800138001", "13800138000"]


def test_an_account_is_for_those_who_manage_keys_and_a_secret_stays_with_its_address(world: World) -> None:
    user = world.person()
    world.call("GET", "/channels", status=403, who=user)
    world.call("PUT", "/channels/sms", world.account(), status=403, who=user)
    world.call("PUT", "/channels/fax", world.account(), status=404)
    for wrong, pointer in (({"address": "ftp://x"}, "/address"), ({"address": "http://10.1.1.1/"}, "/address"),
                           ({"secret": None}, "/secret"), ({"provider": "gateway", "address": None, "settings": {}},
                                                           "/address"), ({"settings": {}}, "/settings/sign_name"),
                           ({"settings": {"access_key_id": "密钥", "sign_name": "x"}}, "/settings/access_key_id")):
        answer = world.call("PUT", "/channels/sms", world.account(**wrong), status=422)
        assert pointer in [error["pointer"] for error in answer["errors"]]
    world.call("PUT", "/channels/sms", world.account())
    world.call("PUT", "/channels/sms", world.account(secret=None, per_second=5))
    answer = world.call("PUT", "/channels/sms", world.account(secret=None, address="https://elsewhere.test"),
                        status=422)
    assert answer["errors"][0]["pointer"] == "/secret"
    assert world.call("POST", "/channels/sms/test", status=409)["code"] == "no_address_there"
    world.call("PUT", "/addresses/sms", {"address": "13800138007"})
    tried = world.call("POST", "/channels/sms/test")
    assert (tried["works"], tried["outcome"]) == (False, "undeliverable")
    everything = {"template": "message", "code": "SMS_1001", "params": [{"name": "text", "value": "{subject}"}]}
    account = world.account(secret=None)
    world.call("PUT", "/channels/sms", account | {"settings": account["settings"] | {"templates": [everything]}})
    assert world.call("POST", "/channels/sms/test")["works"]
    assert "Freehold" in world.sms.taken[0]["params"]["text"]
    world.call("DELETE", "/channels/sms", status=204)
    world.call("DELETE", "/channels/sms", status=404)
    assert [told.data["action"] for told in world.house.published("freehold.notify.audit.recorded.v1")][-1] == (
        "channel.deleted")

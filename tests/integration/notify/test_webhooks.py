"""Webhooks on both databases, against a receiver that verifies as the standard asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.notify.bootstrap import SPEC
from services.notify.consumers import PERSON_ERASED, RECORD_CHANGED
from services.notify.schedules import forget_webhook_log
from services.notify.store.tables import webhook, webhook_attempt, webhook_message
from services.notify.usecases.webhooks.sending import send_next
from tests.simulators.http_stage import Said, stage
from tests.simulators.webhook_receiver import Receiver

HIDDEN = "margin"


@dataclass
class World:
    """A notify service with one webhook, the receiver behind it, and a customer service that hides one field."""

    house: Harness
    receiver: Receiver
    address: str
    admin: str
    person: str
    unseen: set[str]

    def make(self, **more: Any) -> dict[str, Any]:
        body = {"name": "ERP", "url": f"{self.address}/in", "acts_as": self.person,
                "kinds": ["record.created", "record.updated", "record.deleted"]} | more
        made = self.call("POST", "", body)
        assert made.status_code == 201, made.json
        self.receiver.secrets.append(made.json["secret"])
        return dict(made.json)

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        return self.house.call(self.admin, method, f"/v1/webhooks{path}", json, **more)

    def tell(self, *changes: dict[str, Any], object: str = "lead", bulk: str | None = None) -> None:
        self.house.deliver(self.house.message(RECORD_CHANGED, {
            "object": object, "origin": {"kind": "person", "id": None, "name": None}, "bulk": bulk,
            "changes": list(changes)}))

    def send(self, times: int = 1) -> None:
        """Let time pass and the workers work."""
        past = utcnow() - timedelta(seconds=1)
        for _ in range(times):
            with self.house.service.db.unit_of_work() as uow:
                uow.execute(update(webhook_message).where(webhook_message.c.status == "waiting").values(due_at=past))
                uow.execute(update(webhook).values(paused_until=past, leased_until=past))
            while send_next(self.house.service):
                pass

    def log(self, hook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
        answer = self.call("GET", f"/{hook['id']}/messages{query}")
        assert answer.status_code == 200, answer.json
        return list(answer.json["items"])

    def seen(self, asked: Any) -> tuple[int, Any]:
        """Answer as the customer service: `unseen` records are hidden, and one field always."""
        assert asked["person"] == self.person
        return 200, {"seen": [None if one["after"]["id"] in self.unseen else {
            state: {name: value for name, value in one[state].items() if name != HIDDEN} for state in one}
            for one in asked["changes"]]}


@pytest.fixture
def world(tmp_path: Path, own_database: OwnDatabase) -> Iterator[World]:
    receiver = Receiver()
    with stage(receiver.answer) as address:
        url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
        house = Harness(SPEC, tmp_path, url, env={"FREEHOLD_OUTSIDE_NETWORKS": "127.0.0.1/32"})
        made = World(house, receiver, address, house.administrator(), house.user("Li Wei"), set())
        house.neighbours["customer", "POST", "/v1/records/lead/seen"] = made.seen
        yield made
        house.close()


def change(action: str = "updated", by: str | None = None, **more: Any) -> dict[str, Any]:
    id = new_id()
    return {"id": id, "version": 2, "action": action, "at": "2026-03-02T08:15:30Z", "by": by, "changed": ["name"],
            "before": {"name": "A", HIDDEN: 1} if action == "updated" else {},
            "after": {"id": id, "version": 2, "name": "B", HIDDEN: 2}} | more


def test_a_receiver_is_told_what_the_person_sees_and_nothing_else(world: World) -> None:
    hook = world.make(objects=["lead"], skip_own=True)
    seen, hidden, other_field, own = change(), change(), change(changed=[HIDDEN]), change(by=world.person)
    world.unseen.add(hidden["id"])
    world.tell(seen, hidden, other_field, own)
    world.tell(change(), object="customer")
    world.tell(change(), bulk=new_id())
    world.send()
    assert world.receiver.refused == 0
    [told] = world.receiver.told.values()
    assert (told["type"], told["data"]) == ("record.updated", {
        "object": "lead", "id": seen["id"], "version": 2, "at": seen["at"], "by": None, "changed": ["name"],
        "before": {"name": "A"}, "record": {"id": seen["id"], "version": 2, "name": "B"}})
    [row] = world.log(hook)
    assert (row["status"], row["record_id"], [one["status"] for one in row["log"]]) == ("sent", seen["id"], [204])


def test_a_refused_message_comes_back_under_its_id_while_others_go_on(world: World) -> None:
    hook = world.make()
    world.receiver.answers.extend([Said(500, b"broken"), Said(204)])
    world.tell(change(), change())
    world.send()
    assert sorted(row["status"] for row in world.log(hook)) == ["sent", "waiting"]
    [again] = [row for row in world.log(hook) if row["status"] == "waiting"]
    assert again["log"][0]["answer"] == "broken"
    world.send()
    assert len(world.receiver.told) == 2
    assert world.receiver.ids == [world.receiver.ids[0], world.receiver.ids[1], world.receiver.ids[0]]


def test_an_address_in_trouble_is_left_alone_and_found_well_by_one_message(world: World) -> None:
    hook = world.make()
    world.receiver.answers.extend([Said(503)] * 3)
    world.tell(*(change() for _ in range(10)))
    world.send()
    assert len(world.receiver.ids) == 3
    assert world.call("GET", f"/{hook['id']}").json["failures"] == 3
    assert not send_next(world.house.service)
    world.send()
    assert len(world.receiver.told) == 10
    assert world.call("GET", f"/{hook['id']}").json["failing_since"] is None


def test_a_wish_to_be_left_alone_is_respected(world: World) -> None:
    hook = world.make()
    world.receiver.answers.append(Said(429, b"", {"Retry-After": "3600"}))
    world.tell(change(), change())
    world.send()
    assert len(world.receiver.ids) == 1
    assert world.call("GET", f"/{hook['id']}").json["paused_until"] > to_wire(utcnow() + timedelta(minutes=55))


@pytest.mark.parametrize(("status", "since", "reason"), [(500, 4, "failing"), (410, 0, "gone")])
def test_an_address_that_fails_for_days_or_is_gone_is_switched_off_and_its_keepers_are_told(
        world: World, status: int, since: int, reason: str) -> None:
    hook = world.make()
    with world.house.service.db.unit_of_work() as uow:
        uow.execute(update(webhook).values(failing_since=utcnow() - timedelta(days=since)))
    world.receiver.answers.append(Said(status))
    world.tell(change())
    world.send(2)
    off = world.call("GET", f"/{hook['id']}")
    assert (off.json["state"], off.json["off_reason"], len(world.receiver.ids)) == ("failed", reason, 1)
    [item] = world.house.call(world.admin, "GET", "/v1/inbox").json["items"]
    assert item["title"] == "The webhook “ERP” was switched off"
    assert world.house.call(world.person, "GET", "/v1/inbox").json["items"] == []
    on = world.call("PATCH", f"/{hook['id']}", {"state": "active"}, headers={"If-Match": off.headers["ETag"]})
    assert (on.status_code, on.json["failures"], on.json["off_reason"]) == (200, 0, None)
    world.send()
    assert len(world.receiver.told) == 1


def test_a_webhook_whose_person_has_left_is_switched_off(world: World) -> None:
    hook = world.make()
    world.house.neighbours["customer", "POST", "/v1/records/lead/seen"] = lambda _: (409, {"code": "person_gone"})
    world.tell(change())
    world.send()
    assert world.call("GET", f"/{hook['id']}").json["off_reason"] == "person_gone"
    assert world.receiver.ids == []
    world.house.update("users", dict(world.house.service.directory.user(world.person) or {}) | {"active": False})
    assert world.call("PATCH", f"/{hook['id']}", {"state": "active"}).json["errors"][0]["code"] == "unknown_user"
    assert world.call("PATCH", f"/{hook['id']}", {"state": "off"}).json["state"] == "off"


def test_a_change_that_nobody_can_judge_holds_up_no_other_and_stays_in_the_log(world: World) -> None:
    hook = world.make()
    bad, good = change(), change()

    def seen(asked: Any) -> tuple[int, Any]:
        spoilt = any(one["after"]["id"] == bad["id"] for one in asked["changes"])
        return (500, {"code": "internal"}) if spoilt else world.seen(asked)

    world.house.neighbours["customer", "POST", "/v1/records/lead/seen"] = seen
    world.tell(bad, good)
    world.send()
    assert [told["data"]["id"] for told in world.receiver.told.values()] == [good["id"]]
    [row] = world.log(hook, f"?record_id={bad['id']}")
    assert (row["status"], row["log"][0]["status"]) == ("waiting", None)
    assert "could not tell" in row["log"][0]["answer"]


def test_what_a_dead_worker_had_in_hand_is_sent_again_under_the_same_id(world: World) -> None:
    world.make()
    world.tell(change())
    real = world.house.service.parts["outside"]

    class Dying:
        def post(self, *args: Any) -> Any:
            real.post(*args)
            raise SystemExit

    world.house.service.parts["outside"] = Dying()
    with pytest.raises(SystemExit):
        world.send()
    world.house.service.parts["outside"] = real
    world.send()
    assert len(world.receiver.ids) == 2
    assert len(world.receiver.told) == 1


def test_one_message_and_a_span_are_sent_again(world: World) -> None:
    hook = world.make()
    world.tell(change(), change(), change())
    world.send()
    [first, *_] = world.log(hook)
    assert world.call("POST", f"/{hook['id']}/messages/{first['id']}/replay").status_code == 204
    world.send()
    assert len(world.receiver.ids) == 4
    span = {"since": to_wire(utcnow() - timedelta(hours=1)), "until": to_wire(utcnow() + timedelta(hours=1))}
    assert world.call("POST", f"/{hook['id']}/replay", span).json["count"] == 0
    assert world.call("POST", f"/{hook['id']}/replay", span | {"failed_only": False}).json["count"] == 3
    world.send()
    assert (len(world.receiver.ids), len(world.receiver.told)) == (7, 3)
    wrong = world.call("POST", f"/{hook['id']}/replay", {"since": span["until"], "until": span["since"]})
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "span_order")


def test_a_secret_is_shown_once_kept_sealed_and_replaced_with_an_overlap(world: World) -> None:
    hook = world.make()
    old = hook["secret"]
    assert "secret" not in world.call("GET", f"/{hook['id']}").json
    new = world.call("POST", f"/{hook['id']}/secret", {"overlap_hours": 1}).json["secret"]
    with world.house.service.db.read() as connection:
        kept = str(connection.execute(select(webhook.c.secrets)).scalar_one())
    assert old not in kept
    assert new not in kept
    for secret in (old, new):
        world.receiver.secrets = [secret]
        assert world.call("POST", f"/{hook['id']}/test").json["log"][0]["status"] == 204
    assert world.call("POST", f"/{hook['id']}/secret", {"overlap_hours": 0}).status_code == 200
    tried = world.call("POST", f"/{hook['id']}/test").json
    assert (tried["status"], tried["log"][0]["status"]) == ("failed", 401)
    assert {one["type"] for one in world.receiver.told.values()} == {"webhook.test"}


def test_an_erased_person_leaves_the_log_and_cannot_be_sent_again(world: World) -> None:
    hook = world.make()
    world.receiver.answers.append(Said(200, "took 王五".encode()))
    one, waiting = change(), change()
    world.tell(one)
    world.send()
    world.tell(waiting)
    world.house.deliver(world.house.message(PERSON_ERASED, {
        "object": "lead", "ids": [one["id"], waiting["id"]], "by": None, "at": "2026-03-01T08:00:00Z"}))
    world.send()
    assert len(world.receiver.told) == 1
    assert {row["status"] for row in world.log(hook)} == {"erased"}
    assert "王五" not in str(world.log(hook))
    [found] = world.log(hook, f"?record_id={one['id']}")
    assert world.call("POST", f"/{hook['id']}/messages/{found['id']}/replay").status_code == 409


def test_webhooks_are_for_those_who_hand_out_keys_and_bad_ones_are_refused_with_the_place(world: World) -> None:
    good = {"name": "X", "url": "https://example.com/in", "acts_as": world.person, "kinds": ["record.created"]}
    assert world.house.call(world.person, "POST", "/v1/webhooks", good).status_code == 403
    for wrong, pointer, code in (
            ({"url": "http://10.0.0.1/"}, "/url", "webhook_address_refused"),
            ({"url": "https://a@b.example/"}, "/url", "webhook_address"),
            ({"acts_as": new_id()}, "/acts_as", "unknown_user"),
            ({"kinds": []}, "/kinds", "wrong_length"), ({"objects": ["No Name"]}, "/objects/0", "wrong_type")):
        answer = world.call("POST", "", good | wrong)
        assert answer.status_code == 422
        assert (answer.json["errors"][0]["pointer"], answer.json["errors"][0]["code"]) == (pointer, code)


def test_nobody_gets_more_out_of_a_webhook_than_he_has(world: World) -> None:
    keeper = world.house.user("Keeper", roles=(world.house.role(permissions=("keys.manage",)),))
    mighty = world.make(acts_as=world.admin)
    body = {"name": "X", "url": "https://example.com/", "kinds": ["record.created"], "acts_as": world.admin}
    for method, path, sent in (("POST", "", body), ("PATCH", f"/{mighty['id']}", {"url": "https://evil.example/"}),
                               ("POST", f"/{mighty['id']}/secret", {}), ("DELETE", f"/{mighty['id']}", None)):
        answer = world.house.call(keeper, method, f"/v1/webhooks{path}", sent)
        assert (answer.status_code, answer.json["code"]) == (403, "webhook_person_more_powerful"), (method, path)
    assert world.house.call(keeper, "POST", "/v1/webhooks", body | {"acts_as": world.person}).status_code == 201
    token = world.house.token(world.admin, scopes=["notify:read", "notify:write"])
    answer = world.house.client.post("/v1/webhooks", json=body, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["code"]) == (403, "webhook_people_only")


def test_a_log_is_forgotten_slice_by_slice_when_it_is_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = world.make()
    world.tell(*(change() for _ in range(5)))
    world.send()
    with world.house.service.db.unit_of_work() as uow:
        uow.execute(update(webhook_message).values(created_at=utcnow() - timedelta(days=31)))
    world.tell(change())
    world.send()
    monkeypatch.setattr("chassis.db.slices.SLICE", 2)
    forget_webhook_log(world.house.service)
    [left] = world.log(hook)
    with world.house.service.db.read() as connection:
        assert connection.execute(select(webhook_attempt.c.message_id)).scalars().all() == [left["id"]]


def test_a_webhook_that_is_taken_away_takes_its_log_with_it(world: World) -> None:
    hook = world.make()
    world.tell(change())
    world.send()
    assert world.call("DELETE", f"/{hook['id']}").status_code == 204
    assert world.call("GET", f"/{hook['id']}/messages").status_code == 404
    forget_webhook_log(world.house.service)
    with world.house.service.db.read() as connection:
        for table in (webhook_message, webhook_attempt):
            assert connection.execute(select(table.c.id)).all() == []
    actions = [message.data["action"] for message in world.house.published("freehold.notify.audit.recorded.v1")]
    assert actions == ["webhook.created", "webhook.deleted"]

"""Campaigns: who gets one and who does not, at a pace, once through crashes, paused, cancelled; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.notify.events import MAIL_RECORDED
from services.notify.model.campaigns import turn_of
from services.notify.store.tables import campaign, customer_mail
from services.notify.usecases.campaigns import running
from services.notify.usecases.campaigns.running import run_next
from services.notify.usecases.mails.sending import send_due

from .conftest import World

PURPOSE, AGREED_AT = "newsletter", "2026-01-02T08:00:00Z"
SEGMENT = new_id()
TEXT = {"name": {"en": "News"}, "object": "contact", "purpose": PURPOSE, "language_field": None,
        "subject": {"en": "News for {{ name }}"}, "body": {"en": "Hello"}}


class People:
    """Contacts as the customer service has them, in the order of their ids."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: list[dict[str, Any]] = []
        self.asked: list[Any] = []
        self.hidden: set[str] = set()
        self.answer: tuple[int, Any] | None = None

    def add(self, address: str | None, granted: bool | None = True, at: str = AGREED_AT) -> str:
        row = {"id": new_id(), "name": f"P{len(self.rows)}", "email": address, "granted": granted, "at": at}
        self.rows.append(row)
        house, path = self.world.house, f"/v1/records/contact/{row['id']}"
        house.neighbours["customer", "GET", path] = lambda _: (200, row)
        house.neighbours["customer", "GET", f"{path}/consents"] = lambda _: (200, {"items": [
            {"purpose": PURPOSE, "granted": row["granted"], "at": at}] if row["granted"] is not None else []})
        return str(row["id"])

    def slice(self, json: Any) -> tuple[int, Any]:
        self.asked.append(json)
        if self.answer:
            return self.answer
        rows = [row for row in sorted(self.rows, key=lambda one: one["id"]) if row["id"] > (json["after"] or "")]
        page = rows[:json["limit"]]
        items = [{"id": row["id"], "hidden": row["id"] in self.hidden, "address": row["email"],
                  "granted": row["granted"], "agreed_at": row["at"]} for row in page]
        return 200, {"items": items, "next": page[-1]["id"] if len(page) == json["limit"] else None}


@pytest.fixture
def people(world: World) -> People:
    made = People(world)
    world.house.neighbours["customer", "POST", "/v1/recipients"] = made.slice
    assert world.house.call(world.admin, "PUT", "/v1/mail-templates/news", TEXT).status_code == 200
    return made


def draft(world: World, **more: Any) -> str:
    answer = call(world, "POST", "", {"name": "Spring", "object": "contact", "audience": {"segment": SEGMENT},
                                      "field": "email", "template": "news", "per_minute": 6000} | more)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def call(world: World, method: str, path: str, body: Any = None, **more: Any) -> Any:
    return world.house.call(world.admin, method, f"/v1/campaigns{path}", body, **more)


def start(world: World, id: str, at: str | None = None) -> Any:
    answer = call(world, "POST", f"/{id}/start", {"at": at})
    assert answer.status_code == 200, answer.json
    return answer.json


def work(world: World) -> None:
    """Let time pass until nothing more happens."""
    for _ in range(40):
        with world.house.service.db.unit_of_work() as uow:
            uow.execute(update(campaign).where(campaign.c.state == "sending").values(due_at=utcnow()))
            uow.execute(update(customer_mail).where(customer_mail.c.status == "waiting").values(due_at=utcnow()))
        run_next(world.house.service)
        while send_due(world.house.service):
            pass


def shown(world: World, id: str) -> Any:
    return call(world, "GET", f"/{id}").json


def told(world: World) -> list[str]:
    return [to for to, _ in world.box.letters]


def test_everybody_gets_it_once_and_the_count_before_is_what_comes_of_it(world: World, people: People) -> None:
    for address, granted in (("a@example.com", True), ("b@example.com", True), ("A@example.com", True), (None, True),
                             ("bad address", True), ("c@example.com", None), ("d@example.com", False)):
        people.add(address, granted)
    people.hidden.add(people.add("e@example.com"))
    id = draft(world)
    counted = call(world, "POST", f"/{id}/count")
    assert (counted.status_code, counted.json) == (200, {"recipients": 2, "exact": True, "left_out": {
        "same_address": 1, "no_address": 1, "bad_address": 1, "no_consent": 1, "withdrawn": 1, "not_visible": 1}})
    assert start(world, id)["state"] == "scheduled"
    work(world)
    one = shown(world, id)
    assert one["state"] == "finished"
    assert one["results"] == {"sent": 2, "failed": 0, "uncertain": 0, "waiting": 0, "opted_out": 0,
                              "opened": 0, "clicked": 0, "hard_bounces": 0, "soft_bounces": 0,
                              "left_out": counted.json["left_out"]}
    assert sorted(to.lower() for to in told(world)) == ["a@example.com", "b@example.com"]
    assert {asked["person"] for asked in people.asked} == {world.admin}
    [letter] = [letter for to, letter in world.box.letters if to == "b@example.com"]
    assert letter["Subject"] == "News for P1"
    url = urlsplit(letter["List-Unsubscribe"].strip("<>"))
    assert world.house.client.post(f"{url.path}?{url.query}").status_code == 200
    assert shown(world, id)["results"]["opted_out"] == 1
    for message in world.house.published(MAIL_RECORDED):
        assert violations(loads(message.to_json())) == []
        assert all(mail["campaign"] is True for mail in message.data["mails"])


@pytest.mark.parametrize("dies_at", ["after the slice was asked", "before the commit"])
def test_a_worker_that_dies_leaves_nobody_out_and_writes_to_nobody_twice(
        world: World, people: People, monkeypatch: pytest.MonkeyPatch, dies_at: str) -> None:
    for number in range(7):
        people.add(f"{number}@example.com")
    id = draft(world, per_minute=36)  # three in a turn
    start(world, id)
    run_next(world.house.service)

    def die(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running, "_up_to" if dies_at.startswith("after") else "_order", die)
        with world.house.service.db.unit_of_work() as uow:
            uow.execute(update(campaign).values(due_at=utcnow()))
        with pytest.raises(KeyboardInterrupt):
            run_next(world.house.service)
    assert run_next(world.house.service) is False  # in the hands of the dead one, until that runs out
    work(world)
    assert sorted(told(world)) == [f"{number}@example.com" for number in range(7)]
    assert shown(world, id)["state"] == "finished"


def test_a_pause_holds_everything_back_and_a_late_worker_undoes_none(world: World, people: People) -> None:
    for number in range(6):
        people.add(f"{number}@example.com")
    id = draft(world, per_minute=36)
    start(world, id)
    run_next(world.house.service)  # three wait to be sent
    assert call(world, "POST", f"/{id}/pause").json["state"] == "paused"
    work(world)
    assert (told(world), shown(world, id)["results"]["waiting"]) == ([], 3)
    real = people.slice

    def paused_meanwhile(json: Any) -> tuple[int, Any]:
        call(world, "POST", f"/{id}/pause")
        return real(json)

    assert call(world, "POST", f"/{id}/resume").json["state"] == "sending"
    world.house.neighbours["customer", "POST", "/v1/recipients"] = paused_meanwhile
    run_next(world.house.service)
    assert (shown(world, id)["state"], shown(world, id)["results"]["waiting"]) == ("paused", 3)
    world.house.neighbours["customer", "POST", "/v1/recipients"] = real
    call(world, "POST", f"/{id}/resume")
    work(world)
    assert (len(told(world)), shown(world, id)["state"]) == (6, "finished")
    assert call(world, "POST", f"/{id}/pause").json["code"] == "campaign_state"


def test_what_is_cancelled_stays_unsent_and_messages_of_rules_go_first(world: World, people: People) -> None:
    for number in range(3):
        people.add(f"{number}@example.com")
    first, second = draft(world), draft(world, name="Summer")
    start(world, first)
    run_next(world.house.service)
    world.order()
    assert send_due(world.house.service) is False
    assert told(world)[0] == "wang@example.com"
    assert len(told(world)) == 4
    start(world, second)
    run_next(world.house.service)
    assert call(world, "POST", f"/{second}/cancel").json["state"] == "cancelled"
    work(world)
    assert len(told(world)) == 4
    assert shown(world, second)["results"]["left_out"] == {"cancelled": 3}


def test_it_waits_for_its_moment_and_can_be_taken_back_until_then(world: World, people: People) -> None:
    people.add("a@example.com")
    id = draft(world)
    soon = to_wire(utcnow() + timedelta(hours=1))
    assert call(world, "POST", f"/{id}/start", {"at": "2020-01-01T00:00:00Z"}).json["errors"][0]["pointer"] == "/at"
    assert start(world, id, soon)["starts_at"] == soon
    assert run_next(world.house.service) is False
    assert call(world, "PATCH", f"/{id}", {"name": "Late"}).status_code == 409
    assert call(world, "POST", f"/{id}/recall").json["state"] == "draft"
    changed = call(world, "PATCH", f"/{id}", {"name": "Late", "audience": {"criteria": {"field": "name",
                                                                                       "op": "is_set"}}})
    assert (changed.status_code, changed.json["name"]) == (200, "Late")
    start(world, id)
    work(world)
    assert (told(world), people.asked[-1]["criteria"]) == (["a@example.com"], {"field": "name", "op": "is_set"})
    assert call(world, "DELETE", f"/{id}").status_code == 409
    assert call(world, "DELETE", f"/{draft(world)}").status_code == 204


def test_a_campaign_that_may_not_go_on_stops_and_says_why(world: World, people: People) -> None:
    people.add("a@example.com")
    id = draft(world)
    start(world, id)
    people.answer = 503, {}
    work(world)
    assert (shown(world, id)["state"], shown(world, id)["problem"]) == ("sending", None)
    people.answer = 409, {"code": "person_gone"}
    work(world)
    assert (shown(world, id)["state"], shown(world, id)["problem"]) == ("paused", "person_gone")
    people.answer = 422, {"code": "invalid"}
    assert call(world, "POST", f"/{draft(world)}/start", {}).status_code == 422
    assert call(world, "POST", f"/{draft(world)}/count").status_code == 422
    people.answer = 403, {}
    assert call(world, "POST", f"/{draft(world)}/start", {}).status_code == 403
    people.answer = None
    next_one = world.house.administrator()
    assert world.house.call(next_one, "POST", f"/v1/campaigns/{id}/resume").json["run_by"] == next_one
    work(world)
    assert (told(world), shown(world, id)["state"]) == (["a@example.com"], "finished")
    assert people.asked[-1]["person"] == next_one


def test_while_the_mail_server_is_away_few_wait_and_none_is_lost_however_often_one_tries(
        world: World, people: People) -> None:
    for number in range(9):
        people.add(f"{number}@example.com")
    id = draft(world, per_minute=36)  # three in a turn
    start(world, id)
    for _ in range(4):
        with world.house.service.db.unit_of_work() as uow:
            uow.execute(update(campaign).values(due_at=utcnow()))
        run_next(world.house.service)
    assert shown(world, id)["results"]["waiting"] == 6  # two turns, while nothing is sent
    world.box.reply = "421 not now"
    send_due(world.house.service)
    assert run_next(world.house.service) is False  # it rests until the messages are tried again
    for _ in range(3):
        work(world)
        one = shown(world, id)
        assert (one["state"], one["problem"], one["results"]["failed"]) == ("paused", "mail_away", 0)
        call(world, "POST", f"/{id}/resume")
    world.box.reply = "250 taken"
    work(world)
    assert (shown(world, id)["state"], len(told(world))) == ("finished", 9)


def test_a_text_that_was_put_right_goes_out_when_it_goes_on(world: World, people: People) -> None:
    people.add("a@example.com")
    id = draft(world)
    start(world, id)
    for purpose, state in ((None, ("paused", "template_gone")), (PURPOSE, ("finished", None))):
        world.house.call(world.admin, "PUT", "/v1/mail-templates/news", TEXT | {"purpose": purpose})
        call(world, "POST", f"/{id}/resume")
        work(world)
        assert (shown(world, id)["state"], shown(world, id)["problem"]) == state
    assert told(world) == ["a@example.com"]


def test_who_agreed_anew_is_reached_beside_others_of_his_address_that_did_not(world: World, people: People) -> None:
    people.add("a@example.com")
    start(world, draft(world))
    work(world)
    url = urlsplit(world.box.letters[0][1]["List-Unsubscribe"].strip("<>"))
    assert world.house.client.post(f"{url.path}?{url.query}").status_code == 200
    people.add("a@example.com", at=to_wire(utcnow() + timedelta(seconds=1)))
    people.add("a@example.com")
    id = draft(world, name="Summer")
    assert call(world, "POST", f"/{id}/count").json == {
        "recipients": 1, "left_out": {"opted_out": 2}, "exact": True}
    start(world, id)
    work(world)
    assert shown(world, id)["results"] == shown(world, id)["results"] | {"sent": 1, "left_out": {"opted_out": 2}}


def test_the_text_is_that_of_the_start_and_a_consent_that_is_withdrawn_meanwhile_counts(world: World,
                                                                                       people: People) -> None:
    people.add("a@example.com")
    people.add("b@example.com")
    id = draft(world)
    start(world, id)
    run_next(world.house.service)
    world.house.call(world.admin, "PUT", "/v1/mail-templates/news", TEXT | {"subject": {"en": "Other"}})
    people.rows[1]["granted"] = False
    work(world)
    assert [letter["Subject"] for _, letter in world.box.letters] == ["News for P0"]
    assert shown(world, id)["results"]["left_out"] == {"no_consent": 1}


def test_one_tries_it_on_oneself_and_wrong_drafts_are_refused(world: World, people: People) -> None:
    record = people.add("a@example.com")
    id = draft(world)
    world.house.update("users", world.house.service.directory.user(world.admin) | {"email": None})
    assert call(world, "POST", f"/{id}/trial", {"record_id": record}).json["code"] == "no_own_address"
    world.house.update("users", world.house.service.directory.user(world.admin) | {"email": "me@example.com"})
    tried = call(world, "POST", f"/{id}/trial", {"record_id": record})
    assert (tried.status_code, tried.json["address"], told(world)) == (200, "me@example.com", ["me@example.com"])
    letter = world.box.letters[0][1]
    assert (letter["Subject"], letter["List-Unsubscribe"]) == ("[Test] News for P0", None)
    assert call(world, "POST", f"/{id}/trial", {"record_id": new_id()}).status_code == 404
    world.house.call(world.admin, "PUT", "/v1/mail-templates/answer", TEXT | {"purpose": None})
    for wrong, pointer in (({"template": "gone"}, "/template"), ({"template": "answer"}, "/template"),
                           ({"template": "solved"}, "/template"), ({"audience": {}}, "/audience"),
                           ({"audience": {"segment": SEGMENT, "criteria": {}}}, "/audience"),
                           ({"per_minute": 0}, "/per_minute"), ({"name": ""}, "/name")):
        answer = call(world, "POST", "", {"name": "X", "object": "contact", "audience": {"segment": SEGMENT},
                                          "field": "email", "template": "news"} | wrong)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    nobody = world.house.user("Li Wei")
    assert world.house.call(nobody, "GET", "/v1/campaigns").status_code == 403


@pytest.mark.parametrize("rate", [1, 7, 12, 60, 100, 6000])
def test_the_pace_is_never_exceeded(rate: int) -> None:
    take, pause = turn_of(rate)
    assert take >= 1
    assert take / pause.total_seconds() * 60 <= rate + 1e-9

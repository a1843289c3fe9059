"""From a wish to an inbox item and a mail, on both databases, over the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from chassis.testkit.processes import free_port
from services.notify.bootstrap import SPEC
from services.notify.consumers import BOARD_SENT, IMPORT_FINISHED, NOTIFICATION_REQUESTED, PERSON_ERASED
from services.notify.events import DELIVERY_RECORDED
from services.notify.store.tables import delivery
from services.notify.usecases.deliver import deliver_due, settle_uncertain


class Letterbox:
    """A mail server's handler that keeps what comes, and refuses on demand."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.reply = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            self.letters.append(envelope.content)
        return self.reply


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def house(tmp_path: Path, own_database: OwnDatabase, letterbox: Letterbox) -> Iterator[Harness]:
    port = free_port()
    server = Controller(letterbox, hostname="127.0.0.1", port=port)
    server.start()
    url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
    house = Harness(SPEC, tmp_path, url, env={
        "FREEHOLD_SMTP_HOST": "127.0.0.1", "FREEHOLD_SMTP_PORT": str(port), "FREEHOLD_SMTP_SECURITY": "none",
        "FREEHOLD_STREAM_SECONDS": "2", "FREEHOLD_STREAMS_PER_PROCESS": "1"})
    yield house
    house.close()
    server.stop()


def wish(user: str, *, bulk: str | None = None) -> dict[str, Any]:
    return {"id": new_id(), "user_id": user, "template": "task_assigned", "bulk": bulk,
            "params": {"task": {"en": "First contact", "zh-CN": "首次联系"}, "record": "ACME", "due_at": None},
            "link": {"object": "lead", "id": new_id(), "title": "ACME"}}


def tell(house: Harness, *wishes: dict[str, Any]) -> None:
    house.deliver(house.message(NOTIFICATION_REQUESTED, {"notifications": list(wishes)}))


def with_mail(house: Harness, user: str, **more: Any) -> None:
    answer = house.call(user, "PUT", "/v1/preferences", {
        "channels": {"inbox": True, "email": True}, "digest": "immediate", "quiet": None} | more)
    assert answer.status_code == 200, answer.json


def send_everything(house: Harness) -> None:
    with house.service.db.unit_of_work() as uow:
        uow.execute(update(delivery).where(delivery.c.status == "waiting").values(due_at=utcnow()))
    deliver_due(house.service)


def log_of(house: Harness) -> list[Any]:
    with house.service.db.read() as connection:
        return list(connection.execute(select(delivery).order_by(delivery.c.created_at)).all())


def test_a_thousand_wishes_of_one_import_are_one_item_and_one_mail(house: Harness, letterbox: Letterbox) -> None:
    user, bulk = house.user("Li Wei"), new_id()
    with_mail(house, user)
    for _ in range(10):
        tell(house, *(wish(user, bulk=bulk) for _ in range(100)))
    [item] = house.call(user, "GET", "/v1/inbox").json["items"]
    assert (item["count"], item["title"]) == (1000, "1000 new tasks")
    house.deliver(house.message(IMPORT_FINISHED, {"import_id": bulk}))
    send_everything(house)
    assert len(letterbox.letters) == 1
    assert b"1000 new tasks" in letterbox.letters[0]


def test_news_of_several_kinds_from_one_import_are_still_one_message(house: Harness, letterbox: Letterbox) -> None:
    user, bulk = house.user("Li Wei"), new_id()
    with_mail(house, user)
    for template, count in (("task_assigned", 3), ("lead_assigned", 2), ("task_assigned", 1)):
        tell(house, *(wish(user, bulk=bulk) | {"template": template} for _ in range(count)))
    [item] = house.call(user, "GET", "/v1/inbox").json["items"]
    assert item["title"] == "2 new leads, 4 new tasks"
    send_everything(house)
    assert len(letterbox.letters) == 1


def test_the_same_wish_twice_is_one_message(house: Harness, letterbox: Letterbox) -> None:
    user = house.user("Li Wei")
    with_mail(house, user)
    same = wish(user)
    tell(house, same)
    tell(house, same, wish(user))
    assert len(house.call(user, "GET", "/v1/inbox").json["items"]) == 2
    send_everything(house)
    send_everything(house)
    assert len(letterbox.letters) == 2


def test_a_person_reads_in_his_own_language(house: Harness) -> None:
    user = house.user("王芳", locale="zh-CN")
    tell(house, wish(user))
    [item] = house.call(user, "GET", "/v1/inbox").json["items"]
    assert item["title"] == "新任务：首次联系"
    assert item["link"]["title"] == "ACME"


def test_reading_counts_down_and_is_private(house: Harness) -> None:
    one, other = house.user("One"), house.user("Other")
    tell(house, wish(one), wish(one), wish(other))
    [first, _] = house.call(one, "GET", "/v1/inbox").json["items"]
    assert house.call(other, "POST", f"/v1/inbox/{first['id']}/read").status_code == 404
    assert house.call(one, "POST", f"/v1/inbox/{first['id']}/read").status_code == 204
    assert house.call(one, "GET", "/v1/inbox/summary").json == {"unread": 1}
    assert house.call(one, "POST", "/v1/inbox/read-all").status_code == 204
    assert house.call(one, "GET", "/v1/inbox?unread=true").json["items"] == []
    assert house.call(other, "GET", "/v1/inbox/summary").json == {"unread": 1}


def test_the_inbox_pages_through_everything_once(house: Harness) -> None:
    user = house.user("One")
    tell(house, *(wish(user) for _ in range(45)))
    seen, cursor = [], ""
    while cursor is not None:
        page = house.call(user, "GET", f"/v1/inbox?limit=20&cursor={cursor}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 45


def test_a_sender_that_died_leaves_an_uncertain_delivery_that_is_never_sent_again(
        house: Harness, letterbox: Letterbox) -> None:
    user = house.user("One")
    with_mail(house, user)
    tell(house, wish(user))
    with house.service.db.unit_of_work() as uow:
        uow.execute(update(delivery).values(status="sending", updated_at=utcnow() - timedelta(days=365)))
    settle_uncertain(house.service)
    send_everything(house)
    assert [row.status for row in log_of(house)] == ["uncertain"]
    assert letterbox.letters == []


def test_an_operator_finds_what_did_not_go_out_and_sends_it_again_by_his_own_decision(
        house: Harness, letterbox: Letterbox) -> None:
    one, other, admin = house.user("One"), house.user("Other"), house.administrator()
    for user in (one, other):
        with_mail(house, user)
        tell(house, wish(user))
    letterbox.reply = "550 no such person"
    send_everything(house)
    [row] = house.call(admin, "GET", f"/v1/deliveries?user_id={one}&status=failed&channel=email").json["items"]
    assert house.call(admin, "GET", "/v1/deliveries?template=nothing").json["items"] == []
    assert house.call(admin, "GET", "/v1/deliveries?until=2020-01-01T00:00:00Z").json["items"] == []
    assert len(house.call(admin, "GET", "/v1/deliveries?since=2020-01-01T00:00:00Z").json["items"]) == 2
    assert house.call(one, "GET", f"/v1/deliveries?user_id={other}").json["items"] == []
    assert house.call(admin, "GET", "/v1/deliveries?since=0001-01-01T00:00:00%2B14:00").status_code == 422
    path = f"/v1/deliveries/{row['id']}/send-again"
    assert house.call(one, "POST", path).status_code == 403
    letterbox.reply = "250 taken"
    assert house.call(admin, "POST", path).status_code == 204
    send_everything(house)
    assert len(letterbox.letters) == 1
    assert house.call(admin, "POST", path).json["code"] == "delivery_not_ended"
    [told] = house.published("freehold.notify.audit.recorded.v1")
    assert (told.data["action"], told.data["detail"]["was"]) == ("delivery.sent_again", "failed")


def test_a_server_that_refuses_for_now_is_tried_again_and_one_that_refuses_for_good_is_not(
        house: Harness, letterbox: Letterbox) -> None:
    user = house.user("One")
    with_mail(house, user)
    tell(house, wish(user))
    letterbox.reply = "451 busy"
    send_everything(house)
    [row] = log_of(house)
    assert (row.status, row.attempts) == ("waiting", 1)
    assert row.due_at > utcnow()
    letterbox.reply = "550 no such person"
    send_everything(house)
    [row] = log_of(house)
    assert (row.status, row.answer) == ("failed", "550 no such person")


def test_the_file_that_a_message_is_about_goes_along(house: Harness, letterbox: Letterbox) -> None:
    reader, file = house.user("王芳", locale="zh-CN"), new_id()
    with_mail(house, reader)
    path = ("report", "GET", f"/v1/board-files/{file}")
    house.neighbours[path] = lambda _: (503, {})
    wish = {"id": new_id(), "user_id": reader, "template": "board_sent", "bulk": None, "link": None, "params": {
        "board": {"en": "Sales", "zh-CN": "销售"}, "board_id": new_id(), "file_id": file,
        "file": "销售 2026-03-02.xlsx", "until": "2026-03-09T08:15:30Z"}}
    house.deliver(house.message(BOARD_SENT, {"notifications": [wish]}))
    send_everything(house)
    assert letterbox.letters == []
    assert log_of(house)[0].status == "waiting"
    house.neighbours[path] = lambda _: (200, b"PK\x03\x04 numbers")
    send_everything(house)
    letter = message_from_bytes(letterbox.letters[0], policy=policy.default)
    [attached] = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("销售 2026-03-02.xlsx", b"PK\x03\x04 numbers")
    assert "仪表盘“销售”" in letter["Subject"]
    [item] = house.call(reader, "GET", "/v1/inbox").get_json()["items"]
    assert item["file"] == {"id": file, "name": "销售 2026-03-02.xlsx"}
    house.neighbours[path] = lambda _: (200, b"x" * 7_000_001)  # more than mail servers take
    house.deliver(house.message(BOARD_SENT, {"notifications": [wish | {"id": new_id()}]}))
    send_everything(house)
    del house.neighbours[path]
    house.deliver(house.message(BOARD_SENT, {"notifications": [wish | {"id": new_id()}]}))
    send_everything(house)
    for letter in letterbox.letters[1:3]:
        assert not list(message_from_bytes(letter, policy=policy.default).iter_attachments())


def test_what_became_of_a_delivery_is_published_as_agreed(house: Harness) -> None:
    user = house.user("One")
    with_mail(house, user)
    tell(house, wish(user))
    send_everything(house)
    [message] = house.published(DELIVERY_RECORDED)
    assert message.data["deliveries"][0]["status"] == "sent"
    assert violations(loads(message.to_json())) == []
    assert house.call(user, "GET", "/v1/deliveries").json["items"][0]["status"] == "sent"


def test_a_person_without_an_address_is_skipped(house: Harness) -> None:
    user = house.user("One", email=None)
    with_mail(house, user)
    tell(house, wish(user))
    send_everything(house)
    assert [row.status for row in log_of(house)] == ["skipped"]


def test_somebody_who_switched_the_inbox_off_gets_no_item(house: Harness) -> None:
    user = house.user("One")
    with_mail(house, user, channels={"inbox": False, "email": False})
    tell(house, wish(user))
    assert house.call(user, "GET", "/v1/inbox").json["items"] == []


def test_the_live_inbox_says_what_is_new(house: Harness) -> None:
    user = house.user("One")
    answer = house.call(user, "GET", "/v1/inbox/stream", buffered=False)
    events = iter(answer.response)
    assert '"unread":0' in _text(next(events))
    first = iter_next_in_background(events)
    full = house.call(user, "GET", "/v1/inbox/stream")
    assert (full.status_code, full.headers["Retry-After"]) == (503, "30")
    tell(house, wish(user))
    assert '"unread":1' in first()
    answer.close()


def iter_next_in_background(events: Iterator[Any]) -> Any:
    import threading
    import time

    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(_text(next(events))))
    thread.start()
    time.sleep(0.2)

    def result() -> str:
        thread.join(60)
        return got[0]

    return result


def _text(part: Any) -> str:
    return part.decode() if isinstance(part, bytes) else part


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "/channels"), ({"channels": {"inbox": 3, "email": True}, "digest": "x", "quiet": None}, "/digest"),
    ({"channels": {"inbox": True, "email": True}, "digest": "daily", "quiet": {"from": "25:00", "to": "07:00"}},
     "/quiet/from")])
def test_wrong_preferences_are_refused_with_the_place(house: Harness, body: dict[str, Any], pointer: str) -> None:
    answer = house.call(house.user("One"), "PUT", "/v1/preferences", body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_templates_are_for_those_who_may_manage_them(house: Harness) -> None:
    user, admin = house.user("One"), house.administrator()
    assert house.call(user, "GET", "/v1/templates").status_code == 403
    texts = {name: {"en": "Hello {record}", "zh-CN": "您好 {record}"} for name in (
        "name", "subject", "body", "digest_subject", "digest_body")}
    made = house.call(admin, "PUT", "/v1/templates/welcome", texts)
    assert (made.status_code, made.json["version"]) == (200, 1)
    shown = house.call(admin, "POST", "/v1/templates/welcome/preview", {"params": {"record": "ACME"}})
    assert shown.json == {"subject": "Hello ACME", "body": "Hello ACME"}
    assert house.call(admin, "PUT", "/v1/templates/Bad-Key", texts).status_code == 422
    assert {item["key"] for item in house.call(admin, "GET", "/v1/templates").json["items"]} >= {"welcome", "message"}


def test_messages_about_an_erased_person_keep_no_word_of_him(house: Harness) -> None:
    user = house.user("Wang")
    about, other = wish(user), wish(user)
    tell(house, about, other)
    house.deliver(house.message(PERSON_ERASED, {"object": "lead", "ids": [about["link"]["id"]], "by": None,
                                                "at": "2026-03-01T08:00:00Z"}))
    items = house.call(user, "GET", "/v1/inbox").json["items"]
    found = {item["link"]["id"]: item for item in items}
    assert "ACME" not in str(found[about["link"]["id"]])
    assert "First contact" not in str(found[about["link"]["id"]])
    assert "ACME" in str(found[other["link"]["id"]])
    assert len(items) == 2

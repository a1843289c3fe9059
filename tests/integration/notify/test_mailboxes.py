"""Mail that comes in, on both databases: tickets, replies, and what is left alone; against a small IMAP server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.notify.bootstrap import SPEC
from services.notify.consumers import PERSON_ERASED
from services.notify.imap import Imap
from services.notify.model.incoming import read_incoming
from services.notify.store.tables import mailbox
from services.notify.usecases.mailboxes.polling import poll_next
from tests.simulators.imap_server import Account, imap_server


@dataclass
class Desk:
    """A notify service with one mailbox, the server behind it, and a customer service that keeps what it is given."""

    house: Harness
    account: Account
    admin: str
    box: dict[str, Any]
    made: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    away: bool = False

    def keep(self, name: str) -> Any:
        def answer(json: Any) -> tuple[int, Any]:
            if self.away:
                return 503, {}
            key = self.house.asked[-1].headers["Idempotency-Key"]
            if key not in self.keys:  # the real one remembers its answers
                self.keys.append(key)
                self.made.setdefault(name, []).append({**json, "id": new_id(), "status": "waiting"})
            return 201, self.made[name][-1]
        return answer

    def poll(self) -> None:
        """Let time pass and the workers work."""
        with self.house.service.db.unit_of_work() as uow:
            uow.execute(update(mailbox).values(due_at=utcnow() - timedelta(seconds=1), leased_until=utcnow()))
        assert poll_next(self.house.service)
        assert not poll_next(self.house.service)

    def outcomes(self) -> list[str]:
        return [one["outcome"] for one in reversed(self.call("GET", f"/{self.box['id']}/messages")["items"])]

    def call(self, method: str, path: str, json: Any = None, status: int = 200, **headers: str) -> Any:
        answer = self.house.call(self.admin, method, f"/v1/mailboxes{path}", json, headers=headers)
        assert answer.status_code == status, answer.json
        return answer.json

    def state(self) -> dict[str, Any]:
        return dict(self.call("GET", "")["items"][0])


@pytest.fixture
def desk(tmp_path: Path, own_database: OwnDatabase) -> Iterator[Desk]:
    with imap_server() as account:
        url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
        house = Harness(SPEC, tmp_path, url, env={"FREEHOLD_OUTSIDE_NETWORKS": "127.0.0.1/32"})
        made = Desk(house, account, house.administrator(), {})
        for name in ("ticket", "activity"):
            house.neighbours["customer", "POST", f"/v1/records/{name}"] = made.keep(name)
        for name in ("contact", "customer"):
            house.neighbours["customer", "POST", f"/v1/records/{name}/query"] = lambda _: (200, {"items": []})
        account.put(a_mail(subject="older than the mailbox"))
        made.box = made.call("POST", "", {
            "name": "Support", "address": "support@firm.example", "host": "127.0.0.1", "port": account.port,
            "security": "none", "username": account.username, "password": account.password,
            "presets": {"priority": "high"}}, 201)
        made.poll()
        yield made
        house.close()


def a_mail(sender: str = "王芳 <wang@example.com>", subject: str = "水泵漏水", text: str = "请尽快处理",
           attached: bytes | None = None, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "support@firm.example", subject
    mail["Message-ID"] = headers.pop("Message_ID", f"<{new_id()}@example.com>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if attached is not None:
        mail.add_attachment(attached, maintype="image", subtype="png", filename="照片.png")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_a_mail_becomes_a_ticket_of_its_contact_and_the_answer_joins_it(desk: Desk) -> None:
    contact = {"id": new_id(), "customer_id": new_id()}
    desk.house.neighbours["customer", "POST", "/v1/records/contact/query"] = lambda json: (
        200, {"items": [contact] if json["criteria"]["value"] == "wang@example.com" else []})
    desk.house.neighbours["customer", "POST", "/v1/files?object=ticket&field=documents&name="] = None
    desk.account.put(a_mail(Message_ID="<first@example.com>"))
    desk.poll()
    [ticket] = desk.made["ticket"]
    assert {name: ticket[name] for name in ("subject", "channel", "priority", "contact_id", "customer_id")} == {
        "subject": "水泵漏水", "channel": "email", "priority": "high", "contact_id": contact["id"],
        "customer_id": contact["customer_id"]}
    assert "请尽快处理" in ticket["description"]
    desk.house.neighbours["customer", "GET", f"/v1/records/ticket/{ticket['id']}"] = lambda _: (200, ticket)
    reopened: list[Any] = []
    desk.house.neighbours["customer", "PATCH", f"/v1/records/ticket/{ticket['id']}"] = (
        lambda json: (200, reopened.append(json)))
    desk.account.put(a_mail(subject="Re: 水泵漏水", text="还在漏", In_Reply_To="<first@example.com>"))
    desk.poll()
    [reply] = desk.made["activity"]
    assert (reply["ticket_id"], reply["contact_id"], reopened) == (
        ticket["id"], contact["id"], [{"status": "in_progress"}])
    assert desk.outcomes() == ["ticket", "reply"]


def test_each_message_comes_once_whatever_dies_or_is_numbered_anew(desk: Desk) -> None:
    desk.account.put(a_mail(subject="one", Message_ID="<one@example.com>"))
    desk.away = True
    desk.poll()
    assert (desk.state()["problem"], desk.outcomes()) == ("customer_away", [])
    desk.away = False
    desk.poll()
    desk.account.put(a_mail(subject="one", Message_ID="<one@example.com>"))  # delivered twice
    desk.account.renumber(validity=8)
    desk.poll()
    desk.account.put(a_mail(subject="two"))
    desk.poll()
    subjects = [one["subject"] for one in desk.made["ticket"]]
    assert sorted(subjects) == ["older than the mailbox", "one", "two"]  # the server numbers anew: the older one is new
    assert desk.state()["problem"] is None


@pytest.mark.parametrize(("headers", "outcome"), [
    ({"Auto_Submitted": "auto-replied"}, "automatic"), ({"Precedence": "bulk"}, "automatic"),
    ({"List_Id": "<news.example.com>"}, "automatic"), ({"sender": "support@firm.example"}, "own"),
    ({"sender": "MAILER-DAEMON@example.com"}, "own"), ({"Auto_Submitted": "no"}, "ticket")])
def test_machines_get_no_ticket(desk: Desk, headers: dict[str, str], outcome: str) -> None:
    desk.account.put(a_mail(**headers))
    desk.poll()
    assert desk.outcomes() == [outcome]
    assert len(desk.made.get("ticket", [])) == (outcome == "ticket")


def test_trouble_is_shown_and_the_password_never_is(desk: Desk) -> None:
    assert desk.call("POST", f"/{desk.box['id']}/test") == {
        "works": True, "problem": None, "said": None, "messages": 1}
    version = {"If_Match": f'"{desk.state()["version"]}"'}
    headers = {"If-Match": version["If_Match"]}
    changed = desk.call("PATCH", f"/{desk.box['id']}", {"password": "quite another"}, **headers)
    tried = desk.call("POST", f"/{desk.box['id']}/test")
    assert (tried["works"], tried["problem"]) == (False, "sign_in")
    desk.poll()
    assert desk.state()["problem"] == "sign_in"
    moved = desk.house.call(desk.admin, "PATCH", f"/v1/mailboxes/{desk.box['id']}", {"host": "imap.example.com"},
                            headers={"If-Match": f'"{changed["version"]}"'})
    assert (moved.status_code, moved.json["errors"][0]["pointer"]) == (422, "/password")
    assert desk.house.call(desk.house.user("Li Wei"), "GET", "/v1/mailboxes").status_code == 403
    with desk.house.service.db.read() as connection:
        kept = str(connection.execute(select(mailbox)).one())
    assert "quite another" not in kept
    assert desk.account.password not in kept
    assert "password" not in desk.state()
    assert all(not one.startswith(("STORE", "UID STORE", "SELECT", "UID MOVE")) for one in desk.account.seen)


@pytest.mark.parametrize("raw", [
    b"", b"\xff\xfe\x00", b"Subject: =?nonsense?b?!!!?=\r\nFrom: <a@b>\r\n\r\nx",
    b"From: a@example.com\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000)),
    b"From: a@example.com\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xc4\xe3\xba\xc3",
    b"From: a@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 50_000 + b"x",
    b"From: " + b"(" * 100_000 + b"\r\nReferences: " + b"<a@b> " * 100_000 + b"\r\n\r\nx",
    b'From: a@example.com\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000])
def test_hostile_messages_are_bounded_and_never_an_error(raw: bytes) -> None:
    message = read_incoming(raw)
    assert len(message.text) <= 50_000
    assert len(message.subject) <= 200
    assert len(message.files) <= 10
    assert len(message.replies_to) <= 20


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "utf-8", "no-such"])
def test_chinese_is_read_whatever_it_is_called(charset: str) -> None:
    raw = "你好，水泵漏水。".encode("utf-8" if charset == "utf-8" else "gb18030")
    head = f"From: a@example.com\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert read_incoming(head + raw).text == "你好，水泵漏水。"


def test_a_file_keeps_its_name_and_a_page_its_words() -> None:
    message = read_incoming(a_mail(attached=b"PNG"))
    assert [(one.name, one.content) for one in message.files] == [("照片.png", b"PNG")]
    page = (b"From: a@example.com\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            b"<style>p{}</style><p>One</p><script>bad()</script><p>Two &amp; three</p>")
    assert read_incoming(page).text == "One\nTwo & three"


@pytest.mark.parametrize(("sender", "name", "address"), [
    ("=?utf-8?q?M=C3=BCller=2C_Hans?= <hans@example.com>", "Müller, Hans", "hans@example.com"),
    ("=?utf-8?q?=3Cboss=40firm=2Eexample=3E=2C?= <other@example.com>", "<boss@firm.example>,", "other@example.com"),
    ("王芳 <wang@example.com>", "王芳", "wang@example.com")])
def test_a_name_is_no_address_and_old_programs_are_understood(sender: str, name: str, address: str) -> None:
    raw = f"From: {sender}\r\nSubject: 水泵\r\nContent-Type: text/html; charset=gbk\r\n\r\n".encode("gb18030")
    page = "<head><meta><title>no</title><body><p>您好\u3000王芳</p>A&T"
    message = read_incoming(raw + page.encode("gb18030"))
    assert (message.sender, message.sender_name, message.subject) == (address, name, "水泵")
    assert message.text == "您好 王芳A&T"


def test_a_long_mail_is_cut_and_a_reply_that_was_made_is_not_refused(desk: Desk) -> None:
    desk.account.put(a_mail(text="字 " * 24_000, Message_ID="<long@example.com>"))
    desk.poll()
    [ticket] = desk.made["ticket"]
    assert 19_000 < len(ticket["description"]) <= 20_000
    desk.house.neighbours["customer", "GET", f"/v1/records/ticket/{ticket['id']}"] = lambda _: (
        200, ticket | {"status": "new"})
    given: list[Any] = []
    desk.house.neighbours["customer", "POST", "/v1/records/activity"] = lambda json: (
        given.append(json), (503, {}) if len(given) == 1 else (422, {"code": "idempotency_key_reused"}))[1]
    desk.account.put(a_mail(In_Reply_To="<long@example.com>"))
    desk.poll()
    desk.poll()
    assert given[0] == given[1]  # when it came says the server, not the clock of the second try
    assert given[0]["happened_at"].startswith("2026-03-02T07:15:30")
    assert desk.outcomes() == ["ticket", "reply"]


def test_a_server_that_refuses_loses_no_message(desk: Desk) -> None:
    desk.account.put(a_mail())
    desk.account.refuses = "FETCH"
    desk.poll()
    assert (desk.state()["problem"], desk.state()["said"], desk.outcomes()) == ("server", "busy", [])
    desk.account.refuses = "SEARCH"
    desk.account.renumber(validity=9)
    desk.poll()
    assert desk.state()["problem"] == "server"
    desk.account.refuses = ""
    desk.poll()
    assert "ticket" in desk.outcomes()


def test_who_changes_a_mailbox_while_it_is_looked_at_first_gets_no_old_mail(desk: Desk, monkeypatch: Any) -> None:
    with desk.house.service.db.unit_of_work() as uow:
        uow.execute(update(mailbox).values(uid_validity=None, last_uid=0))
    came_in = Imap.open

    @contextmanager
    def slow(self: Any, box: Any, password: str) -> Iterator[Any]:
        with came_in(self, box, password) as session:
            desk.call("PATCH", f"/{box.id}", {"name": "Help"}, **{"If-Match": f'"{box.version}"'})
            yield session

    monkeypatch.setattr(Imap, "open", slow)
    with desk.house.service.db.unit_of_work() as uow:
        uow.execute(update(mailbox).values(due_at=utcnow() - timedelta(seconds=1)))
    poll_next(desk.house.service)
    monkeypatch.undo()
    desk.poll()
    assert "ticket" not in desk.made


@pytest.mark.parametrize(("changes", "problem"), [
    ({"host": "a:b"}, "unreachable"), ({"password": "密码"}, "sign_in"), ({"username": 'a "b'}, "sign_in"),
    ({"folder": "收件箱 & co"}, None)])
def test_what_people_type_is_never_an_error_of_ours(desk: Desk, changes: dict[str, str], problem: str | None) -> None:
    desk.account.folder = "&ZTZO9nux- &- co" if "folder" in changes else "INBOX"
    desk.call("PATCH", f"/{desk.box['id']}", {"password": desk.account.password, **changes},
              **{"If-Match": f'"{desk.state()["version"]}"'})
    assert desk.call("POST", f"/{desk.box['id']}/test")["problem"] == problem
    for id in ("abc", new_id()):
        desk.call("GET", f"/{id}/messages", status=404)
    desk.call("PATCH", f"/{desk.box['id']}", {"presets": {f"field_{n}": "x" for n in range(11)}}, 422,
              **{"If-Match": f'"{desk.state()["version"]}"'})


def test_a_server_that_never_stops_talking_is_left(desk: Desk) -> None:
    desk.account.put(a_mail())
    desk.account.chatter = 30  # megabytes before an answer, in small pieces
    desk.poll()
    assert (desk.state()["problem"], desk.state()["said"]) == ("server", "command: UID => the answer is too large")


def test_who_wrote_is_forgotten_with_the_contact(desk: Desk) -> None:
    contact = {"id": new_id(), "customer_id": None}
    desk.house.neighbours["customer", "POST", "/v1/records/contact/query"] = lambda _: (200, {"items": [contact]})
    desk.account.put(a_mail())
    desk.poll()
    desk.house.deliver(desk.house.message(PERSON_ERASED, {
        "object": "contact", "id": contact["id"], "ids": [contact["id"]], "at": "2026-03-02T08:15:30Z", "by": None}))
    [one] = desk.call("GET", f"/{desk.box['id']}/messages")["items"]
    assert (one["address"], one["subject"], one["outcome"]) == (None, None, "ticket")

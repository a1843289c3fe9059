"""Mail that comes back: whose it is, what it means for the address, and that nobody can make it up."""

from __future__ import annotations

from collections.abc import Iterator
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
from services.notify.events import MAIL_RECORDED
from services.notify.model.bounces import return_path
from services.notify.model.incoming import read_incoming
from services.notify.store.tables import bounced_address, mailbox
from services.notify.usecases.mailboxes.polling import poll_next
from services.notify.usecases.mails.leaving import secret_of
from tests.simulators.imap_server import Account, imap_server
from tests.simulators.mail_exchange import Exchange, Fault, mail_exchange, report

from .conftest import CONTACT, World
from .test_campaigns import TEXT, People, call, draft, shown, start, work

UNKNOWN = Fault("5.1.1", "User unknown in virtual mailbox table")


class Post(World):
    """A notify service whose mail goes through an exchange, and comes back into a mailbox for reports."""

    exchange: Exchange
    account: Account
    style: str

    def look(self) -> list[str]:
        """Let the mailbox be read; returns what became of everything that came in."""
        with self.house.service.db.unit_of_work() as uow:
            uow.execute(update(mailbox).values(due_at=utcnow() - timedelta(seconds=1), leased_until=utcnow()))
        assert poll_next(self.house.service)
        [box] = self.house.call(self.admin, "GET", "/v1/mailboxes").json["items"]
        rows = self.house.call(self.admin, "GET", f"/v1/mailboxes/{box['id']}/messages").json["items"]
        return [row["outcome"] for row in reversed(rows)]

    def run(self, **more: Any) -> dict[str, Any]:
        """A campaign to everybody; its results."""
        id = draft(self, **more)
        start(self, id)
        work(self)
        self.last = id
        return dict(shown(self, id)["results"])

    def results(self) -> tuple[int, int, int]:
        found = shown(self, self.last)["results"]
        return found["sent"], found["hard_bounces"], found["soft_bounces"]


@pytest.fixture(params=[("bounces+*@firm.example", "exim"), ("bounces@firm.example", "exchange")])
def post(request: Any, tmp_path: Path, own_database: OwnDatabase) -> Iterator[Post]:
    with imap_server() as account, mail_exchange(account) as exchange:
        url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
        env = exchange.env | {"FREEHOLD_DEFAULT_LOCALE": "en", "FREEHOLD_OUTSIDE_NETWORKS": "127.0.0.1/32",
                              "FREEHOLD_NOTIFY_BOUNCE_ADDRESS": request.param[0]}
        house = Harness(SPEC, tmp_path, url, env=env)
        made = Post(house, None, house.administrator(), {}, {}, [])  # type: ignore[arg-type]
        made.exchange, made.account, made.style = exchange, account, request.param[1]
        house.neighbours["customer", "GET", "/v1/objects/contact"] = lambda _: (200, CONTACT)
        answer = house.call(made.admin, "POST", "/v1/mailboxes", {
            "name": "Reports", "address": "bounces@firm.example", "host": "127.0.0.1", "port": account.port,
            "security": "none", "username": account.username, "password": account.password, "kind": "bounces"})
        assert answer.status_code == 201, answer.json
        made.look()
        yield made
        house.close()


@pytest.fixture
def people(post: Post) -> People:
    made = People(post)
    post.house.neighbours["customer", "POST", "/v1/recipients"] = made.slice
    assert post.house.call(post.admin, "PUT", "/v1/mail-templates/news", TEXT).status_code == 200
    return made


def test_who_is_not_there_gets_no_campaign_until_somebody_says_that_the_address_works(
        post: Post, people: People) -> None:
    gone, there = people.add("Gone@example.com"), people.add("there@example.com")
    status = "5.0.0" if post.style == "exim" else "5.1.1"
    post.exchange.faults["Gone@example.com"] = Fault(status, "Unrouteable address: no such user", style=post.style)
    assert post.run()["sent"] == 2
    assert post.look() == ["bounce"]
    assert (post.results(), post.exchange.delivered) == ((1, 1, 0), ["there@example.com"])
    [last] = [mail for message in post.house.published(MAIL_RECORDED) for mail in message.data["mails"]][-1:]
    assert (last["record_id"], last["status"], last["problem"]) == (gone, "failed", "bounced")
    post.account.put(next(iter(post.account.messages.values())))  # the same once more changes nothing
    post.look()
    assert post.results() == (1, 1, 0)
    id = draft(post, name="Summer")
    counted = call(post, "POST", f"/{id}/count").json
    assert (counted["recipients"], counted["left_out"]) == (1, {"undeliverable": 1})
    assert post.run(name="Summer")["left_out"] == {"undeliverable": 1}
    owner, other = post.house.user("Wang"), post.house.user("Li")
    people.rows[0]["owner_id"] = owner
    path = f"/v1/undeliverable/contact/{gone}"
    shown_to = {who: post.house.call(who, "GET", path).json for who in (owner, other)}
    assert [(one["field"], one["status"], one["softs"]) for one in shown_to[owner]["items"]] == [("email", status, 0)]
    assert (shown_to[owner]["may_clear"], shown_to[other]["may_clear"]) == (True, False)
    assert post.house.call(owner, "GET", f"/v1/undeliverable/contact/{there}").json["items"] == []
    assert post.house.call(other, "DELETE", f"{path}/email").status_code == 403
    assert post.house.call(owner, "DELETE", f"{path}/email").status_code == 204
    assert post.house.call(owner, "DELETE", f"{path}/name").status_code == 404
    assert post.house.call(owner, "GET", "/v1/undeliverable/a%3Fb/x").status_code == 404
    post.exchange.faults.clear()
    assert post.run(name="Autumn")["sent"] == 2


def test_a_full_mailbox_and_a_filter_are_counted_and_written_to_again(post: Post, people: People) -> None:
    people.add("full@example.com")
    people.add("filtered@example.com")
    people.add("late@example.com")
    post.exchange.faults |= {"full@example.com": Fault("5.2.2", "mailbox full"),
                             "filtered@example.com": Fault("5.7.1", "rejected by policy"),
                             "late@example.com": Fault("4.4.1", "no answer", action="delayed")}
    assert post.run()["sent"] == 3
    assert sorted(post.look()) == ["bounce", "bounce", "left"]
    assert post.results() == (3, 0, 2)
    assert post.run(name="Summer")["sent"] == 3
    post.look()
    with post.house.service.db.read() as connection:
        assert connection.execute(select(bounced_address.c.softs)).scalars().all() == [2, 2]


def test_what_the_server_refuses_at_once_counts_the_same(post: Post, people: People) -> None:
    people.add("gone@example.com")
    post.exchange.faults["gone@example.com"] = Fault("5.1.1", "no such user", at_once=True)
    results = post.run()
    assert (results["failed"], results["hard_bounces"]) == (1, 1)
    assert post.run(name="Summer")["left_out"] == {"undeliverable": 1}


def test_a_report_is_believed_only_for_a_message_of_ours_to_this_address(post: Post, people: People) -> None:
    people.add("there@example.com")
    assert post.run()["sent"] == 1
    sender = post.exchange.senders[0]
    secret = secret_of(post.house.service)
    forged = return_path("bounces+*@firm.example", new_id(), b"x")
    head = b"Message-ID: <%s@x>\r\n\r\n"
    for to, about, id in ((forged, "there@example.com", new_id()), ("bounces@firm.example", "there@example.com", "x"),
                          ("bounces@firm.example", "there@example.com", new_id()),
                          (return_path("*@x", new_id(), secret), "there@example.com", new_id())):
        post.account.put(report(to, about, head % id.encode(), UNKNOWN))
    for raw in hostile(sender):
        post.account.put(raw)
    assert set(post.look()) == {"left"}
    assert post.results() == (1, 0, 0)
    whose = people.rows[0]
    post.account.put(report(sender, "there@example.com", b"Message-ID: <%s@x>\r\n\r\n" % post_id(post).encode(),
                            Fault("5.1.1", "unknown user", final="moved@elsewhere.example")))
    signed = "+" in sender
    assert post.look()[-1] == ("bounce" if signed else "left")  # only the signed address proves a forwarded one
    assert post.results() == ((0, 1, 0) if signed else (1, 0, 0))
    assert whose["email"] == "there@example.com"


def post_id(post: Post) -> str:
    return str(post.house.call(post.admin, "GET", "/v1/mails").json["items"][0]["id"])


def hostile(to: str) -> list[bytes]:
    """Reports that are none: broken, deep, endless, empty."""
    kind = b'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n'
    head = f"From: <a@b.example>\r\nTo: {to}\r\n".encode()
    status = b"--B\r\nContent-Type: message/delivery-status\r\n\r\n"
    nested = b"".join(b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (at, at) for at in range(900))
    return [head + kind + b"\r\n", head + kind + b"\r\n--B\r\n\r\n--B--\r\n", head + nested,
            head + kind + b"\r\n" + status + b"\xff\xfe\x00" * 1000 + b"\r\n--B--\r\n",
            head + kind + b"\r\n" + status + b"Final-Recipient: rfc822;\r\nAction: failed\r\n\r\n" * 20_000 + b"--B--",
            head + kind + b"\r\n" + status + b"Final-Recipient: " + b"x" * 1_000_000 + b"\r\nAction: failed\r\n\r\n",
            head + b"Content-Type: multipart/report\r\n\r\nnothing", head + kind + b"\r\n" + b"--B\r\n\r\n" * 9000]


@pytest.mark.parametrize("raw", hostile("bounces@firm.example"))
def test_no_bytes_are_an_error(raw: bytes) -> None:
    found = read_incoming(raw)
    assert found.report is None or found.report.failures == ()

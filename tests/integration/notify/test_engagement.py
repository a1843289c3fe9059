"""Openings and links of campaigns: counted here, once told, never a way elsewhere, refused by whom they are about."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.notify.consumers import PERSON_ERASED
from services.notify.events import MAIL_ENGAGED
from services.notify.model.mail_links import new_click, new_link, new_picture
from services.notify.model.marked import as_html, led
from services.notify.store.tables import campaign_link, customer_mail, engagement
from services.notify.usecases.mails import engagement as counting
from services.notify.usecases.mails.leaving import secret_of

from .conftest import World
from .test_campaigns import TEXT, People, call, draft, people, shown, start, work

__all__ = ["people"]

SHOP, TERMS = "https://shop.example.com/spring?a=1&b=2", "https://shop.example.com/terms"
BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/130.0"}
BODY = f"Hello\n\nLook at {SHOP}, and ({TERMS})."


@pytest.fixture
def sent(world: World, people: People) -> list[tuple[str, list[str], str]]:
    """A counted campaign that went out to two: of each its id, the paths of its links, and that of its picture."""
    for address in ("a@example.com", "b@example.com"):
        people.add(address)
    world.house.call(world.admin, "PUT", "/v1/mail-templates/news", TEXT | {"body": {"en": BODY}})
    world.campaign = draft(world, tracked=True)  # type: ignore[attr-defined]
    start(world, world.campaign)  # type: ignore[attr-defined]
    work(world)
    return [paths_of(world, letter) for _, letter in sorted(world.box.letters, key=lambda one: str(one[0]))]


def paths_of(world: World, letter: Any) -> tuple[str, list[str], str]:
    html = letter.get_body(("html",)).get_content()
    links = [urlsplit(one).path for one in re.findall(r'href="([^"]+)"', html) if "/l/" in one]
    [picture] = re.findall(r'<img src="([^"]+)"', html)
    return letter["Message-ID"].strip("<>").partition("@")[0], links, urlsplit(picture).path


def letter_to(world: World, address: str) -> Any:
    return next(letter for to, letter in world.box.letters if to == address)


def visit(world: World, path: str, method: str = "GET", **headers: str) -> Any:
    return world.house.client.open(path, method=method, headers=BROWSER | headers)


def results(world: World) -> tuple[int, int]:
    found = shown(world, world.campaign)["results"]  # type: ignore[attr-defined]
    return found["opened"], found["clicked"]


def followed(world: World) -> list[tuple[str, int, int]]:
    rows = call(world, "GET", f"/{world.campaign}/links").json["items"]  # type: ignore[attr-defined]
    return [(row["url"], row["people"], row["clicks"]) for row in rows]


def told(world: World) -> list[Any]:
    messages = world.house.published(MAIL_ENGAGED)
    assert [violations(loads(one.to_json())) for one in messages] == [[]] * len(messages)
    return [one for message in messages for one in message.data["engagements"]]


def test_links_lead_where_they_were_written_to_and_each_is_counted_once_for_each_person(
        world: World, sent: list[tuple[str, list[str], str]]) -> None:
    (first, links, picture), (_, others, _) = sent
    letter = letter_to(world, "a@example.com")
    assert SHOP not in letter.get_body(("plain",)).get_content()
    assert "/u/" in letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    assert ">https://shop.example.com/terms</a>)." in html  # what stands around an address is not part of it
    assert [visit(world, link).headers["Location"] for link in links] == [SHOP, TERMS]
    answer = visit(world, picture)
    assert (answer.status_code, answer.content_type, answer.headers["Cache-Control"]) == (
        200, "image/gif", "no-store, private")
    visit(world, links[0])
    visit(world, others[0])
    assert results(world) == (2, 2)  # who followed a link has opened it
    assert followed(world) == [(SHOP, 2, 3), (TERMS, 1, 1)]
    events = told(world)
    assert [(one["message_id"] == first, one["url"]) for one in events] == [
        (True, SHOP), (True, TERMS), (False, SHOP)]
    assert all(one["opened_at"] and one["clicked_at"] for one in events)
    with world.house.service.db.read() as connection:
        mine = connection.execute(select(engagement.c.count).where(
            engagement.c.message_id == first).order_by(engagement.c.count)).scalars().all()
    assert mine == [1, 1, 2]


def test_an_opening_is_told_once_and_machines_looks_ahead_and_who_asks_not_to_be_followed_count_nothing(
        world: World, sent: list[tuple[str, list[str], str]]) -> None:
    (_, [link, _], picture), _ = sent
    for path in (link, picture):
        visit(world, path, "HEAD")
        for headers in ({"Sec-Purpose": "prefetch"}, {"DNT": "1"}, {"Sec-GPC": "1"}, {"User-Agent": ""},
                        {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}):
            assert visit(world, path, **headers).status_code in (200, 302)
    assert (results(world), told(world)) == ((0, 0), [])
    for _ in range(2):
        visit(world, picture)
    assert results(world) == (1, 0)
    assert [(one["url"], one["clicked_at"]) for one in told(world)] == [(None, None)]


def test_no_link_can_be_made_up_and_one_that_cannot_be_counted_leads_on(
        world: World, sent: list[tuple[str, list[str], str]], monkeypatch: pytest.MonkeyPatch) -> None:
    (message, [link, _], picture), _ = sent
    secret = secret_of(world.house.service)
    foreign = [f"/l/{new_click(message, 'https://evil.example.com', b'x')}", link[:-6] + "xyxyxy", "/l/x",
               "/l/" + "é" * 90, f"/l/{new_picture(message, secret)}", f"/l/{new_link('leave', [message], secret)}",
               "/l/" + "A" * 6000]
    answers = [visit(world, path) for path in foreign]
    assert {(answer.status_code, answer.headers.get("Location")) for answer in answers} == {(404, None)}
    assert visit(world, "/l/x.gif").content_type == "image/gif"

    def broken(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(counting, "_note", broken)
    assert (visit(world, link).status_code, visit(world, picture).status_code) == (302, 200)
    assert told(world) == []


def test_who_refuses_to_be_counted_is_not_and_still_gets_mail_and_the_erased_leave_nothing(
        world: World, people: People, sent: list[tuple[str, list[str], str]]) -> None:
    (_, links, picture), (_, others, _) = sent
    visit(world, links[0])
    url = urlsplit(letter_to(world, "a@example.com")["List-Unsubscribe"].strip("<>"))
    leave = f"{url.path}?{url.query}"
    assert "Count nothing of mine" in world.house.client.get(leave).text
    assert world.house.client.post(leave, data={"what": "uncounted"}).status_code == 200
    assert "Count nothing of mine" not in world.house.client.get(leave).text
    for path in (*links, picture):
        visit(world, path)
    assert (results(world), len(told(world))) == ((1, 1), 1)
    with world.house.service.db.read() as connection:
        assert connection.execute(select(engagement)).all() == []
    id = draft(world, tracked=True, name="Summer")
    start(world, id)
    work(world)
    to = {str(to): letter for to, letter in world.box.letters[2:]}
    marks = {name: "/l/" in letter.get_body(("html",)).get_content() for name, letter in to.items()}
    assert marks == {"a@example.com": False, "b@example.com": True}
    visit(world, others[1])
    world.house.deliver(world.house.message(PERSON_ERASED, {"object": "contact", "ids": [people.rows[1]["id"]]}))
    visit(world, others[0])
    with world.house.service.db.read() as connection:
        assert connection.execute(select(engagement)).all() == []
        assert connection.execute(select(campaign_link.c.url)).scalars().all() == [SHOP]
        assert connection.execute(select(customer_mail.c.id).where(
            customer_mail.c.opened_at.is_not(None))).all() == []


def test_a_campaign_that_is_not_counted_is_plain_text_with_its_own_links(world: World, people: People) -> None:
    people.add("a@example.com")
    world.house.call(world.admin, "PUT", "/v1/mail-templates/news", TEXT | {"body": {"en": BODY}})
    id = draft(world)
    start(world, id)
    work(world)
    letter = world.box.letters[0][1]
    assert (letter.get_content_type(), SHOP in letter.get_content(), "/l/" in letter.get_content()) == (
        "text/plain", True, False)


@pytest.mark.parametrize(("text", "url"), [
    ("见 https://a.cn/x，谢谢", "https://a.cn/x"), ("(https://a.cn/x_(y))", "https://a.cn/x_(y)"),
    ("https://a.cn/?a=1&b=\"", "https://a.cn/?a=1&b="), ("<https://a.cn>", "https://a.cn"),
    ("https://crm.example.com/u/abc", None), ("https://a.cn/" + "x" * 2000, None), ("ftp://a.cn javascript:1", None)])
def test_what_is_a_link_and_what_is_not(text: str, url: str | None) -> None:
    found: list[str] = []

    def lead(one: str) -> str:
        found.append(one)
        return "L"

    keys = ("https://crm.example.com/u/",)
    assert led(text, lead, keys) == (text.replace(url, "L") if url else text)
    html = as_html(text, "en", lead, keys)
    assert found == ([url, url] if url else [])
    assert "<script" not in as_html("<script>x</script>", "en", lead, keys)
    assert ('href="L"' in html) is bool(url)

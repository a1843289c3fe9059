"""No more messages of a purpose: by the link, by one click of a mail program, for the address, until he agrees anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chassis.clock import to_wire, utcnow
from chassis.ids import new_id
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.notify.events import CONSENT_WITHDRAWN

from .conftest import World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def agree(world: World) -> None:
    at = to_wire(utcnow() + timedelta(seconds=len(world.consents)))
    world.consents.insert(0, {"purpose": "月刊 <b>", "granted": True, "at": at})


def marketing(world: World) -> str:
    """A message of marketing that went out; the path of its link."""
    world.put(purpose="月刊 <b>", language_field=None)
    agree(world)
    world.order()
    assert world.send() == [("sent", None)]
    return path_of(world.box.letters[0][1])


def path_of(letter: Any) -> str:
    url = urlsplit(letter["List-Unsubscribe"].strip("<>"))
    return f"{url.path}?{url.query}"


def withdrawn(world: World) -> list[dict[str, Any]]:
    told = world.house.published(CONSENT_WITHDRAWN)
    assert [violations(loads(one.to_json())) for one in told] == [[]] * len(told)
    return [one for message in told for one in message.data["withdrawals"]]


def test_a_message_of_marketing_says_how_to_leave_and_another_does_not(world: World) -> None:
    path = marketing(world)
    letter = world.box.letters[0][1]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{path}>\r\n" in world.box.sources[0]  # whole, on one line, not encoded
    assert letter.get_content().strip().endswith(path)
    world.put()
    world.order(cause="2")
    world.send()
    answer = world.box.letters[1][1]
    assert (answer["List-Unsubscribe"], answer["List-Unsubscribe-Post"], "/u/" in answer.get_content()) == (
        None, None, False)


def test_looking_changes_nothing_and_one_click_counts_for_the_address_until_he_agrees_anew(
        world: World, caplog: pytest.LogCaptureFixture) -> None:
    path = marketing(world)
    with caplog.at_level("INFO", "freehold.request"):
        world.house.client.get(path)
    assert [line.getMessage() for line in caplog.records if line.name == "freehold.request"] == ["GET /u/… 200"]
    for language, words in (("en", "Send me no more"), ("zh-CN", "退订")):
        page = world.house.client.get(path.replace("lang=en", f"lang={language}"))
        assert (page.status_code, words in page.text, "月刊 &lt;b&gt;" in page.text) == (200, True, True)
        assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert withdrawn(world) == []
    for _ in range(2):
        assert world.house.client.post(path, data=ONE_CLICK).status_code == 200
    first, _ = withdrawn(world)
    assert {name: first[name] for name in ("object", "record_id", "purpose")} == {
        "object": "contact", "record_id": world.contact["id"], "purpose": "月刊 <b>"}
    world.contact["email"] = "WANG@example.com"  # the customer service has not heard of it, and the letters differ
    world.order(cause="2")
    assert world.send()[-1] == ("skipped", "opted_out")
    world.put("other", purpose="invitations")
    world.consents.append({"purpose": "invitations", "granted": True, "at": "2026-01-02T08:00:00Z"})
    world.order(cause="3", template="other")
    assert world.send()[-1] == ("sent", None)
    agree(world)
    world.order(cause="4")
    assert world.send()[-1] == ("sent", None)


def test_what_was_never_a_link_of_ours_takes_nothing_back(world: World) -> None:
    path, _, _ = marketing(world).partition("?")
    forged = path[:-2] + ("AA" if path[-2:] != "AA" else "BB")
    for other in (forged, "/u/x", "/u/" + "é" * 90, "/u/" + "A" * 6000, f"/u/{new_id()}"):
        for answer in (world.house.client.get(other), world.house.client.post(other, data=ONE_CLICK)):
            assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert withdrawn(world) == []

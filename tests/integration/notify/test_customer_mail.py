"""Mail to customers on both databases: what is sent, to whom, once, and what is not."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from chassis.clock import utcnow
from chassis.db import slices
from chassis.ids import new_id
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.notify.consumers import MAIL_REQUESTED, PERSON_ERASED
from services.notify.events import MAIL_RECORDED
from services.notify.schedules import forget_old
from services.notify.store.tables import customer_mail, incoming_mail, notification
from services.notify.usecases.mailboxes.polling import forget_incoming
from services.notify.usecases.mails.sending import settle_stale

from .conftest import RULE, TEMPLATE, TICKET, World


def test_a_customer_reads_his_own_language_and_is_told_once(world: World) -> None:
    mail = world.order()
    world.house.deliver(world.house.message(MAIL_REQUESTED, {"mails": [mail]}))
    world.order()  # another action of the same rule on the same change, for the same address
    assert world.send() == [("sent", None), ("skipped", "same_address")]
    [(to, letter)] = world.box.letters
    assert (to, letter["Subject"]) == ("wang@example.com", "Pump：已解决")
    assert letter.get_content().strip() == "王芳，您好"
    world.contact["language"] = None
    world.order(cause="2")
    world.send()
    assert world.box.letters[1][1].get_content().strip() == "Dear 王芳, PUMP"
    for message in world.house.published(MAIL_RECORDED):
        assert violations(loads(message.to_json())) == []
        assert "example.com" not in str(message.to_json())


def test_marketing_waits_for_consent_and_an_answer_to_the_customer_does_not(world: World) -> None:
    world.put(purpose="newsletter")
    world.order()
    assert world.send() == [("skipped", "no_consent")]
    yes = {"purpose": "newsletter", "granted": True, "at": "2026-01-02T08:00:00Z"}
    world.consents[:] = [yes | {"granted": False}, yes]
    world.order(cause="2")
    assert world.send()[-1] == ("skipped", "no_consent")
    del world.consents[0]
    world.order(cause="3")
    assert world.send()[-1] == ("sent", None)


@pytest.mark.parametrize(("email", "template", "problem"), [
    (None, "solved", "no_address"), ("not an address", "solved", "bad_address"),
    ("a@b\nBcc: x@example.com", "solved", "bad_address"), ("a@example.com", "gone", "template_gone")])
def test_what_cannot_be_sent_says_why(world: World, email: str | None, template: str, problem: str) -> None:
    world.contact["email"] = email
    world.order(template=template)
    assert world.send() == [("skipped", problem)]
    assert world.box.letters == []


def test_a_sender_that_dies_leaves_a_message_that_nobody_sends_again_by_himself(world: World) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    mailer = world.house.service.parts["mailer"]
    world.house.service.parts["mailer"] = type("Dying", (), {"send_letter": lambda *_, **__: die()})()
    world.order()
    with pytest.raises(KeyboardInterrupt):
        world.send()
    world.house.service.parts["mailer"] = mailer
    assert world.send() == [("sending", None)]
    with world.house.service.db.unit_of_work() as uow:
        uow.execute(update(customer_mail).values(updated_at=utcnow() - timedelta(minutes=11)))
    settle_stale(world.house.service)
    assert world.send() == [("uncertain", "interrupted")]
    [one] = world.log()
    assert world.house.call(world.admin, "POST", f"/v1/mails/{one['id']}/send-again").status_code == 204
    assert world.send() == [("sent", None)]


def test_a_server_that_is_away_is_tried_again_and_one_that_refuses_is_not(world: World) -> None:
    world.box.reply = "451 later"
    world.order()
    assert world.send() == [("waiting", None)]
    world.box.reply = "550 no such user"
    assert world.send() == [("failed", "refused")]
    assert "550" in world.log()[0]["answer"]


def test_wrong_places_are_refused_and_a_preview_shows_what_the_caller_may_see(world: World) -> None:
    for part, text, pointer in (("subject", "{{ nonsense }}", "/subject/en"), ("body", "{{ subject", "/body/en"),
                                ("body", "{{ contact_id.secret }}", "/body/en")):
        answer = world.put(**{part: {"en": text}})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    shown = world.house.call(world.admin, "POST", "/v1/mail-templates/draft/preview", {
        "record_id": world.ticket["id"], "draft": TEMPLATE | {"subject": {"en": "Hello {{ contact_id.name }}"}}})
    assert (shown.status_code, shown.json["subject"]) == (200, "Hello 王芳")
    asked = [one for one in world.house.asked if one.path == f"/v1/records/ticket/{world.ticket['id']}"][-1]
    assert asked.headers["Authorization"].startswith("Bearer ")
    nobody = world.house.user("Li Wei")
    assert world.house.call(nobody, "GET", "/v1/mail-templates").status_code == 403


def test_working_time_in_a_message_is_that_of_the_companys_calendar(world: World) -> None:
    world.house.update("calendars", {"id": new_id(), "key": None, "name": {"en": "Always"}, "timezone": "UTC",
                                     "week": [[["00:00", "24:00"]]] * 7, "days": [], "is_default": True})
    week = '{{ WORKHOURS(NOW(), DATEADD(NOW(), -7, "days")) }}'
    shown = world.house.call(world.admin, "POST", "/v1/mail-templates/draft/preview", {
        "record_id": world.ticket["id"], "draft": TEMPLATE | {"subject": {"en": week}}})
    assert (shown.status_code, shown.json["subject"]) == (200, "168")


def test_nothing_of_an_erased_person_stays_in_the_log(world: World) -> None:
    world.order()
    world.send()
    world.house.deliver(world.house.message(PERSON_ERASED, {
        "object": "contact", "id": world.contact["id"], "ids": [world.contact["id"]], "at": "2026-03-02T08:15:30Z",
        "by": None}))
    [one] = world.log()
    assert (one["address"], one["subject"], one["answer"], one["status"]) == (None, None, None, "sent")


def test_services_learn_what_was_written_to_somebody_and_what_he_wrote(world: World) -> None:
    world.order()
    world.order(cause="2", recipient={"object": "customer", "id": new_id(), "field": "email"})
    world.order(cause="3", record_id=new_id(), recipient={"object": "contact", "id": new_id(), "field": "email"})
    world.send()
    came = {"mailbox_id": new_id(), "uid_validity": 1, "outcome": "ticket", "address": "wang@example.com",
            "record_id": new_id(), "at": utcnow() - timedelta(days=1)}
    with world.house.service.db.unit_of_work() as uow:
        uow.execute(incoming_mail.insert(), [
            came | {"id": new_id(), "uid": 1, "person_id": world.contact["id"], "subject": "Help"},
            came | {"id": new_id(), "uid": 2, "person_id": new_id(), "subject": "Somebody else"}])

    def asked(**body: Any) -> Any:
        return world.house.call_as_service("notify", "POST", "/v1/correspondence", body)

    [sent, written] = asked(ids=[world.contact["id"]]).json["items"]
    assert (sent["direction"], sent["subject"], sent["status"]) == ("out", "Pump：已解决", "sent")
    assert (written["direction"], written["subject"], written["status"]) == ("in", "Help", "ticket")
    about = asked(ids=[world.ticket["id"]]).json["items"]
    assert {one["record_id"] for one in about} == {world.ticket["id"]}
    assert len(about) == 2
    assert {asked(ids=ids).status_code for ids in ([], ["x"], None, [new_id()] * 1001)} == {422}
    assert world.house.call(world.admin, "POST", "/v1/correspondence", {"ids": [new_id()]}).status_code == 403


def test_what_is_old_goes_piece_by_piece_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 2)
    mail = {"cause": "x", "object": "ticket", "recipient": {}, "recipient_id": new_id(), "record_id": new_id(),
            "template": "solved", "rule": RULE, "status": "sent", "attempts": 1, "due_at": utcnow()}
    came = {"mailbox_id": new_id(), "uid_validity": 1, "outcome": "ticket"}
    days = [0, 91, 399, 401, 402, 403, 404, 405]
    then = [utcnow() - timedelta(days=one) for one in days]
    with world.house.service.db.unit_of_work() as uow:
        uow.execute(customer_mail.insert(), [mail | {"id": new_id(), "address": str(place), "created_at": at,
                                                     "updated_at": at} for place, at in enumerate(then)])
        uow.execute(incoming_mail.insert(), [came | {"id": new_id(), "uid": place, "sender": "x", "subject": "y",
                                                     "at": at} for place, at in enumerate(then)])
        uow.execute(notification.insert(), [{"id": new_id(), "user_id": new_id(), "received_at": at} for at in then])
    forget_old(world.house.service)
    forget_incoming(world.house.service)
    with world.house.service.db.read() as connection:
        count = [connection.execute(select(func.count()).select_from(table)).scalar_one()
                 for table in (customer_mail, incoming_mail, notification)]
        subjects = connection.execute(select(incoming_mail.c.subject).order_by(incoming_mail.c.uid)).scalars().all()
    assert (count, subjects) == ([3, 3, 3], ["y", None, None])


def test_a_link_to_a_survey_is_asked_for_once_for_one_message(world: World) -> None:
    asked: list[Any] = []

    def invite(json: Any) -> tuple[int, Any]:
        asked.append(json)
        return (200, {"url": f"https://crm.example/s/{json['kind']}"}) if len(asked) > 1 else (503, {})

    world.house.neighbours["customer", "POST", "/v1/survey-invitations"] = invite
    world.put(body={"en": "{{ survey_nps }}"}, language_field=None)
    mail = world.order()
    assert world.send() == [("sent", None)]  # the first try met a customer service that was away for a moment
    assert world.box.letters[0][1].get_content().strip() == "https://crm.example/s/nps"
    assert asked[0] == asked[1]
    assert (asked[0]["record_id"], asked[0]["recipient_id"]) == (mail["record_id"], world.contact["id"])
    world.house.neighbours["customer", "POST", "/v1/survey-invitations"] = lambda _: (409, {})
    world.order(cause="2")
    assert world.send()[-1] == ("skipped", "no_survey")


def test_a_worker_whose_lease_ran_out_undoes_nothing_of_the_next_one(world: World) -> None:
    late: list[Any] = []

    def overtaken(_: Any) -> tuple[int, Any]:
        if not late:
            late.append("slow")
            assert world.send() == [("sent", None)]  # another worker, meanwhile
            return 503, {}
        return 200, world.ticket

    world.house.neighbours["customer", "GET", f"/v1/records/ticket/{world.ticket['id']}"] = overtaken
    world.order()
    assert world.send() == [("sent", None)]
    assert len(world.box.letters) == 1


def test_a_message_that_nobody_foresaw_holds_up_no_other(world: World) -> None:
    world.house.neighbours["customer", "GET", f"/v1/records/ticket/{world.ticket['id']}"] = lambda _: (200, ["?"])
    world.order()
    other = world.ticket | {"id": new_id()}
    world.house.neighbours["customer", "GET", f"/v1/records/ticket/{other['id']}"] = lambda _: (200, other)
    world.order(cause="2", record_id=other["id"])
    assert world.send() == [("waiting", None), ("sent", None)]


def test_an_answer_that_is_lost_and_a_rude_farewell_bring_nothing_twice(world: World) -> None:
    server = world.house.service.parts["mailer"]
    connect = server._connect

    def broken() -> Any:
        line = connect()
        getreply = line.getreply

        def reply() -> Any:
            found = getreply()
            if found[0] == 250 and world.box.letters:
                raise smtplib.SMTPServerDisconnected("the line broke")
            return found

        line.getreply = reply
        return line

    server._connect = broken
    world.order()
    assert world.send() == [("uncertain", "interrupted")]
    server._connect = connect
    world.order(cause="2")
    world.box.on_quit = "421 no time for that"
    assert world.send()[-1] == ("sent", None)
    assert len(world.box.letters) == 2


def test_a_preview_of_what_is_masked_stays_empty(world: World) -> None:
    amount = {"name": "amount", "type": "money", "options": {"currency": "CNY"}}
    world.house.neighbours["customer", "GET", "/v1/objects/ticket"] = lambda _: (
        200, TICKET | {"fields": [*TICKET["fields"], amount]})
    world.ticket["amount"] = "****"
    shown = world.house.call(world.admin, "POST", "/v1/mail-templates/draft/preview", {
        "record_id": world.ticket["id"], "draft": TEMPLATE | {"subject": {"en": "{{ amount }} {{ amount > 3 }}!"}}})
    assert (shown.status_code, shown.json["subject"]) == (200, "!")

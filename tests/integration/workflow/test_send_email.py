"""Rules that write to customers: to whom, what is ordered, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from chassis.jsonio import loads
from chassis.testkit.contracts import violations
from services.workflow.consumers import OBJECT_CHANGED
from services.workflow.events import MAIL_REQUESTED
from tests.integration.workflow.conftest import LEAD, World, a_change, a_rule

CONTACT = {"name": "contact", "label": {"en": "Contact"}, "title_field": "name", "version": 1, "fields": [
    {"name": name, "type": type, "label": {"en": name.title()}, "options": {}}
    for name, type in (("name", "text"), ("email", "email"))]}
REFERS = {"name": "contact_id", "type": "reference", "label": {"en": "Contact", "zh-CN": "联系人"},
          "options": {"object": "contact"}}


@pytest.fixture
def mailing(world: World) -> World:
    lead = LEAD | {"version": 2, "fields": [
        *LEAD["fields"], REFERS, {"name": "email", "type": "email", "label": {"en": "E-mail"}, "options": {}}]}
    for definition in (CONTACT, lead):
        world.deliver(world.harness.message(OBJECT_CHANGED, {"object": definition, "deleted": False}))
    for key, about in (("hello", "lead"), ("other", "ticket")):
        world.harness.neighbours["notify", "GET", f"/v1/mail-templates/{key}"] = (
            lambda _, about=about: (200, {"object": about}))
    return world


def ordered(world: World) -> list[dict[str, Any]]:
    return [mail for message in world.harness.published(MAIL_REQUESTED) for mail in message.data["mails"]]


def action(to: str, template: str = "hello") -> dict[str, Any]:
    return {"type": "send_email", "to": to, "template": template}


def test_a_rule_writes_to_the_record_and_to_whom_it_refers(mailing: World) -> None:
    mailing.rule(actions=[action("email"), action("contact_id.email")])
    contact = new_id()
    change = a_change(email="lead@example.com", contact_id=contact)
    mailing.deliver(mailing.message(change))
    mailing.deliver(mailing.message(change))  # the same change once more
    own, other = ordered(mailing)
    assert own["recipient"] == {"object": "lead", "id": change["id"], "field": "email"}
    assert other["recipient"] == {"object": "contact", "id": contact, "field": "email"}
    assert own["cause"] == other["cause"]
    assert own["id"] != other["id"]
    [run] = mailing.rows("rule_run")
    assert run["actions"][1]["detail"]["zh-CN"] == "向联系人发送邮件“hello”"
    assert "example.com" not in str(run["actions"])
    for message in mailing.harness.published(MAIL_REQUESTED):
        assert violations(loads(message.to_json())) == []


def test_a_record_without_anybody_to_write_to_says_so(mailing: World) -> None:
    mailing.rule(actions=[action("contact_id.email")])
    mailing.deliver(mailing.message(a_change(contact_id=None)))
    [run] = mailing.rows("rule_run")
    assert (run["outcome"], run["error"]["en"]) == ("failed", "There is nobody with an address to write to")
    assert ordered(mailing) == []


@pytest.mark.parametrize(("to", "template", "pointer", "code"), [
    ("name", "hello", "to", "not_an_email_field"), ("contact_id.name", "hello", "to", "not_an_email_field"),
    ("nothing.email", "hello", "to", "not_an_email_field"), ("", "hello", "to", "required"),
    ("email", "gone", "template", "template_unknown"), ("email", "other", "template", "template_of_other_object")])
def test_what_a_rule_cannot_send_is_refused_when_it_is_written(
        mailing: World, to: str, template: str, pointer: str, code: str) -> None:
    answer = mailing.call("POST", "/v1/rules", a_rule(actions=[action(to, template)]))
    [error] = answer.json["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, f"/actions/0/{pointer}", code)

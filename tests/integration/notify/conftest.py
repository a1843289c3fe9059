"""A notify service with a mail server and a customer service that has one ticket of one contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.notify.bootstrap import SPEC
from services.notify.consumers import MAIL_REQUESTED
from services.notify.store.tables import customer_mail
from services.notify.usecases.mails.sending import send_due
from tests.support.letterbox import Letterbox, letterbox

RULE = {"id": new_id(), "name": {"en": "Ticket solved", "zh-CN": "工单已解决"}}
STATUS = [{"value": "solved", "label": {"en": "Solved", "zh-CN": "已解决"}}]
TICKET = {"name": "ticket", "version": 1, "fields": [
    {"name": "subject", "type": "text"}, {"name": "status", "type": "choice", "options": {"choices": STATUS}},
    {"name": "contact_id", "type": "reference", "options": {"object": "contact"}}]}
CONTACT = {"name": "contact", "version": 1, "fields": [
    {"name": "name", "type": "text"}, {"name": "email", "type": "email"}, {"name": "language", "type": "text"}]}
TEMPLATE = {
    "name": {"en": "Solved"}, "object": "ticket", "language_field": "language",
    "subject": {"en": "{{ subject }} is {{ status }}", "zh-CN": "{{ subject }}：{{ status }}"},
    "body": {"en": "Dear {{ contact_id.name }}, {{ IF(ISBLANK(subject), \"\", UPPER(subject)) }}",
             "zh-CN": "{{ contact_id.name }}，您好"}}


@dataclass
class World:
    """A notify service with a template, a mail server, and a customer service with one ticket of one contact."""

    house: Harness
    box: Letterbox
    admin: str
    ticket: dict[str, Any]
    contact: dict[str, Any]
    consents: list[dict[str, Any]]

    def put(self, key: str = "solved", **more: Any) -> Any:
        return self.house.call(self.admin, "PUT", f"/v1/mail-templates/{key}", TEMPLATE | more)

    def order(self, cause: str = "1", **more: Any) -> dict[str, Any]:
        mail = {"id": new_id(), "cause": cause, "object": "ticket", "record_id": self.ticket["id"], "rule": RULE,
                "recipient": {"object": "contact", "id": self.contact["id"], "field": "email"},
                "template": "solved", "at": "2026-03-02T08:15:30.120Z"} | more
        self.house.deliver(self.house.message(MAIL_REQUESTED, {"mails": [mail]}))
        return mail

    def send(self) -> list[tuple[str, str | None]]:
        """Let time pass and the workers work; returns how the messages stand, oldest first."""
        with self.house.service.db.unit_of_work() as uow:
            uow.execute(update(customer_mail).where(customer_mail.c.status == "waiting").values(due_at=utcnow()))
        while send_due(self.house.service):
            pass
        return [(one["status"], one["problem"]) for one in reversed(self.log())]

    def log(self) -> list[dict[str, Any]]:
        return list(self.house.call(self.admin, "GET", "/v1/mails").json["items"])


@pytest.fixture
def world(tmp_path: Path, own_database: OwnDatabase) -> Iterator[World]:
    with letterbox() as box:
        url, _ = own_database.begin("notify", lambda url: Harness(SPEC, tmp_path / "begun", url).close())
        house = Harness(SPEC, tmp_path, url, env=box.env | {"FREEHOLD_DEFAULT_LOCALE": "en"})
        contact = {"id": new_id(), "name": "王芳", "email": "wang@example.com", "language": "zh_CN"}
        ticket = {"id": new_id(), "subject": "Pump", "status": "solved", "contact_id": contact["id"],
                  "owner_id": None}
        made = World(house, box, house.administrator(), ticket, contact, [])
        for name, answer in {"/v1/objects/ticket": TICKET, "/v1/objects/contact": CONTACT,
                             f"/v1/records/ticket/{ticket['id']}": ticket,
                             f"/v1/records/contact/{contact['id']}": contact}.items():
            house.neighbours["customer", "GET", name] = lambda _, answer=answer: (200, answer)
        house.neighbours["customer", "GET", f"/v1/records/contact/{contact['id']}/consents"] = lambda _: (
            200, {"items": made.consents, "next_cursor": None})
        assert made.put().status_code == 200
        yield made
        house.close()

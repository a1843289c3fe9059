"""One message that came in: a new ticket, a reply to one, a report on one of ours that came back, or nothing.

All calls to the customer service carry keys made from the message, so whoever dies in between does them again and
nothing comes twice. A reply is known by the messages that it answers: those that were written about a ticket, and
those of which tickets were made.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from chassis.calls import Answer
from chassis.clock import to_wire, utcnow
from chassis.ids import is_id
from services.notify.model.incoming import Attached, Incoming
from services.notify.store.tables import customer_mail, incoming_mail
from services.notify.usecases.mails.bouncing import take_report
from services.notify.usecases.mails.composing import CustomerAway

if TYPE_CHECKING:
    from chassis.service import Service

BOUNCES = "bounces"  # a mailbox of nothing but reports
TICKET, REPLY = "ticket", "activity"  # of the shipped CRM
MOST_PER_HOUR = 30  # tickets of one sender, and as many replies: two machines that answer each other come to an end
LONGEST_NOTE = 20_000  # what a long text of the shipped objects takes
_SPACE = uuid.UUID("c5b8c0f5-6b39-4d0b-9a3b-0f1d6a5f2f10")
_OWN = frozenset({"mailer-daemon", "postmaster", "no-reply", "noreply"})
_REOPENED = frozenset({"waiting", "solved"})


@dataclass(frozen=True)
class Taken:
    """What became of a message."""

    outcome: str  # ticket, reply, bounce, left, automatic, own, unreadable, flood, refused
    record_id: str | None = None
    detail: str = ""
    person_id: str | None = None  # the contact or customer whom it came from


def key_of(box: Any, uid: int, validity: int, message: Incoming) -> str:
    """What a message is known by: its own id, or its place in the mailbox when it has none."""
    known = f"id:{message.message_id}" if message.message_id else f"uid:{validity}:{uid}"
    return str(uuid.uuid5(_SPACE, f"{box.id}:{known}"))


def sender_digest(address: str) -> str:
    """A sender as he is counted: enough to know him again."""
    return hashlib.sha256(address.encode()).hexdigest()[:32]


class Taker:
    """Takes in the messages of one mailbox."""

    def __init__(self, service: Service, box: Any) -> None:
        self._service, self._box = service, box

    def take(self, key: str, message: Incoming, came_at: datetime) -> Taken:
        """Make a ticket or a reply of a message; raises CustomerAway."""
        bounced = take_report(self._service, message.report) if message.report is not None else None
        if bounced is not None:
            return Taken("bounce", person_id=bounced.recipient_id)
        if unwanted := self._unwanted(message):
            return Taken(unwanted)
        ticket = self._answered(message)
        if self._came_lately(message.sender, "ticket" if ticket is None else "reply") >= MOST_PER_HOUR:
            return Taken("flood")
        return self._reply(key, ticket, message, came_at) if ticket is not None else self._ticket(key, message)

    def _unwanted(self, message: Incoming) -> str:
        """Why nothing becomes of a message; empty when something does."""
        if self._box.kind == BOUNCES:
            return "left"
        if message.automatic:
            return "automatic"
        if not message.sender:
            return "unreadable"
        is_own = message.sender in self._own_addresses() or message.sender.partition("@")[0] in _OWN
        return "own" if is_own else ""

    def _own_addresses(self) -> set[str]:
        return {self._box.address.lower(), parseaddr(self._service.settings.mail_from)[1].lower()}

    def _came_lately(self, sender: str, outcome: str) -> int:
        came = incoming_mail.c
        with self._service.db.read() as connection:
            return connection.execute(select(func.count()).where(
                came.sender == sender_digest(sender), came.outcome == outcome,
                came.at > utcnow() - timedelta(hours=1))).scalar() or 0

    def _answered(self, message: Incoming) -> Mapping[str, Any] | None:
        """The ticket that a message is about; None for a new matter, also when the ticket is gone."""
        sent = [id.partition("@")[0] for id in message.replies_to]
        with self._service.db.read() as connection:
            about = connection.execute(select(customer_mail.c.record_id).where(
                customer_mail.c.id.in_([id for id in sent if is_id(id)]), customer_mail.c.object == TICKET).limit(1)
            ).scalar() or connection.execute(select(incoming_mail.c.record_id).where(
                incoming_mail.c.mailbox_id == self._box.id, incoming_mail.c.record_id.is_not(None),
                incoming_mail.c.message_id.in_(message.replies_to)).limit(1)).scalar()
        if about is None:
            return None
        answer = self._ask("GET", f"/v1/records/{TICKET}/{about}")
        return dict(answer.json) if answer.status == 200 else None

    def _ticket(self, key: str, message: Incoming) -> Taken:
        files, notes = self._files(key, TICKET, message)
        who = self._who(message.sender)
        values = {**self._box.presets, "subject": message.subject or "—", "channel": "email",
                  "description": _body(message, notes), **who}
        answer = self._ask("POST", f"/v1/records/{TICKET}", values | files, f"mail:{key}")
        return _taken("ticket", answer, _person(who))

    def _reply(self, key: str, ticket: Mapping[str, Any], message: Incoming, came_at: datetime) -> Taken:
        files, notes = self._files(key, REPLY, message)
        links = {name: ticket[name] for name in ("customer_id", "contact_id", "owner_id") if ticket.get(name)}
        answer = self._ask("POST", f"/v1/records/{REPLY}", {
            "subject": message.subject or "—", "channel": "email", "content": _body(message, notes),
            "happened_at": to_wire(came_at), "ticket_id": ticket["id"], **links, **files}, f"mail:{key}")
        taken = _taken("reply", answer, _person(links))
        if taken.outcome == "reply" and ticket.get("status") in _REOPENED:
            self._ask("PATCH", f"/v1/records/{TICKET}/{ticket['id']}", {"status": "in_progress"}, f"mail-open:{key}")
        return replace(taken, record_id=ticket["id"])

    def _who(self, address: str) -> dict[str, Any]:
        """The contact with this address and his customer, or the customer."""
        for name in ("contact", "customer"):
            answer = self._ask("POST", f"/v1/records/{name}/query", {
                "criteria": {"field": "email", "op": "eq", "value": address}, "limit": 2, "sort": ["created_at"]})
            found = answer.json["items"] if answer.status == 200 else []
            if found and name == "customer":
                return {"customer_id": found[0]["id"]}
            if found:
                customer = found[0].get("customer_id")
                return {"contact_id": found[0]["id"]} | ({"customer_id": customer} if customer else {})
        return {}

    def _files(self, key: str, name: str, message: Incoming) -> tuple[dict[str, Any], list[str]]:
        """The attachments as the record takes them, and what is said of those that it does not take."""
        kept, notes = [], []
        for place, one in enumerate(message.files):
            answer = self._upload(f"mail-file:{key}:{place}", name, one)
            if answer.status == 201:
                kept.append({"id": answer.json["id"]})
            else:
                notes.append(f"[{one.name}: {(answer.json or {}).get('title') or answer.status}]")
        if message.left_out:
            notes.append(f"[+{message.left_out} …]")
        return ({"documents": kept} if kept else {}), notes

    def _upload(self, key: str, name: str, one: Attached) -> Answer:
        query = urlencode({"object": name, "field": "documents", "name": one.name})
        return _there(self._service.calls.request("customer", "POST", f"/v1/files?{query}", content=one.content,
                                                  idempotency_key=key, timeout=60))

    def _ask(self, method: str, path: str, json: Any = None, key: str | None = None) -> Answer:
        return _there(self._service.calls.request("customer", method, path, json=json, idempotency_key=key))


def _there(answer: Answer) -> Answer:
    if answer.status >= 500 or answer.status in (401, 408, 425, 429):
        raise CustomerAway(f"{answer.status}")
    return answer


def _body(message: Incoming, notes: list[str]) -> str:
    head = f"{message.sender_name} <{message.sender}>".strip()
    said = "\n".join(notes)
    room = LONGEST_NOTE - len(head) - len(said) - 4  # what a mail quotes at its end is cut first
    text = message.text if len(message.text) <= room else f"{message.text[:room - 1]}…"
    return "\n\n".join(part for part in (head, text, said) if part)


def _person(links: Mapping[str, Any]) -> str | None:
    return links.get("contact_id") or links.get("customer_id")


def _taken(outcome: str, answer: Answer, person_id: str | None) -> Taken:
    if answer.status < 300:
        return Taken(outcome, answer.json["id"], person_id=person_id)
    body = answer.json or {}
    if body.get("code") == "idempotency_key_reused":  # made by who died since; what it refers to has changed meanwhile
        return Taken(outcome, person_id=person_id)
    first = next(iter(body.get("errors") or ()), {})
    said = " ".join(str(one) for one in (body.get("title"), first.get("pointer"), first.get("detail")) if one)
    return Taken("refused", detail=said[:300])

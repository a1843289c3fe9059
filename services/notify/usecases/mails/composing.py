"""One message to a customer, put together: the record as it stands, the address, the consent, the texts.

Everything is asked of the customer service at the moment of sending, so what waits holds no personal data, and a
consent that was withdrawn meanwhile counts. A preview asks with the caller's own token: he sees what he may see.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import TYPE_CHECKING, Any

from chassis.calls import Answer
from chassis.clock import from_wire, utcnow
from chassis.i18n import LOCALES, t
from services.notify.model.mail_texts import SURVEYS, Definition, Facts, fill, paths_in, schema_for, uses
from services.notify.model.templates import Reader, Rendered
from services.notify.usecases.mails.leaving import Leaving, leaving_url, who_left

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
Ask = Callable[[str], Answer]


class Unsendable(Exception):
    """The message cannot go out; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CustomerAway(Exception):
    """The customer service does not answer."""


@dataclass(frozen=True)
class Letter:
    """A message ready to go out; a preview may have no address."""

    address: str
    message: Rendered
    locale: str
    leave_url: str | None = None  # where its reader takes his consent back; None: it needs none
    html: str | None = None  # the same once more, for mail programs that show it


class Composer:
    """Puts messages together with what one way of asking the customer service answers."""

    def __init__(self, service: Service, ask: Ask | None = None) -> None:
        self._service = service
        self._ask = ask or (lambda path: service.calls.request("customer", "GET", path))
        self._definitions: dict[str, Definition | None] = {}

    def definition(self, name: str) -> Definition | None:
        """The definition of an object, asked for once."""
        if name not in self._definitions:
            self._definitions[name] = self._get(f"/v1/objects/{name}") if name else None
        return self._definitions[name]

    def record(self, name: str, id: str) -> Row | None:
        """A record as it stands; None when it is gone or not to be seen."""
        return self._get(f"/v1/records/{name}/{id}")

    def letter(self, template: Row, record_id: str, recipient: Mapping[str, str], key: str) -> Letter:
        """Put a message together; raises Unsendable and CustomerAway."""
        record = self.record(template["object"], record_id)
        if record is None:
            raise Unsendable("record_gone")
        person = record if recipient["id"] == record_id else self.record(recipient["object"], recipient["id"])
        address = checked_address((person or {}).get(recipient["field"]))
        purpose, locale = template.get("purpose"), self._locale(template, person or {})
        if purpose:
            self._check_consent(recipient, purpose, address)
        links = self._surveys(template, record_id, recipient, key, locale)
        message = self.filled(template, record, locale, links)
        if not purpose:
            return Letter(address, message, locale)
        leaving = Leaving(recipient["object"], recipient["id"], purpose, key)
        return with_way_out(address, message, locale, leaving_url(self._service, leaving, locale))

    def trial(self, template: Row, record: Row, address: str, locale: str) -> Letter:
        """What would be sent about a record, to try it; its links lead nowhere."""
        return with_way_out(address, self.filled(template, record, locale), locale,
                            f"{self._service.settings.public_url}/u/…")

    def filled(self, template: Row, record: Row, locale: str, links: Mapping[str, str] | None = None) -> Rendered:
        """The texts of a template about a record; without `links` those to surveys lead nowhere."""
        name = template["object"]
        paths = paths_in(template, schema_for(name, self.definition))
        zone = self._service.settings.default_timezone
        owner = self._service.directory.name_of(record.get("owner_id") or "") or ""
        known = {**record, "owner_name": owner, **(links or self._nowhere())}
        facts = Facts(known, self._related(name, record, paths), zone, utcnow(),
                      lambda id: self._service.directory.snapshot().calendar_of(id, zone))
        return fill(template, facts, Reader(locale, zone), name, self.definition)

    def _surveys(self, template: Row, record_id: str, recipient: Mapping[str, str], key: str,
                 locale: str) -> dict[str, str]:
        """The addresses of the surveys that the texts ask for; the same message gets the same ones however often."""
        return {name: self._invited({
            "id": str(uuid.uuid5(uuid.UUID(key), kind)), "kind": kind, "object": template["object"],
            "record_id": record_id, "recipient_object": recipient["object"], "recipient_id": recipient["id"],
            "locale": locale, "survey": template["name"].get(locale) or next(iter(template["name"].values()))})
            for name, kind in SURVEYS.items() if uses(template, name)}

    def _invited(self, invitation: Row) -> str:
        answer = self._service.calls.request("customer", "POST", "/v1/survey-invitations", json=invitation,
                                             idempotency_key=f"survey:{invitation['id']}")
        if answer.status == 409:
            raise Unsendable("no_survey")
        if answer.status != 200:
            raise CustomerAway(f"{answer.status}")
        return str(answer.json["url"])

    def _nowhere(self) -> dict[str, str]:
        return dict.fromkeys(SURVEYS, f"{self._service.settings.public_url}/s/…")

    def _related(self, name: str, record: Row, paths: set[tuple[str, ...]]) -> dict[str, Row]:
        found: dict[tuple[str, ...], tuple[str, Row]] = {(): (name, record)}
        for path in sorted(paths, key=len):
            base = found.get(path[:-1])
            target = self._target(base[0], path[-1]) if base else None
            id = base[1].get(path[-1]) if base else None
            beyond = self.record(target, id) if target and id else None
            if beyond is not None:
                found[path] = target or "", beyond
        return {".".join(path): row for path, (_, row) in found.items() if path}

    def _target(self, name: str, field: str) -> str | None:
        rows = (self.definition(name) or {}).get("fields", ())
        return next(((row.get("options") or {}).get("object") for row in rows if row["name"] == field), None)

    def _check_consent(self, recipient: Mapping[str, str], purpose: str, address: str) -> None:
        """Raise Unsendable unless the latest answer to a purpose is yes, and nobody took it back at this address since.
        """
        lines = self._get(f"/v1/records/{recipient['object']}/{recipient['id']}/consents") or {"items": []}
        latest = next((line for line in lines["items"] if line["purpose"] == purpose), None)
        if latest is None or not latest["granted"]:
            raise Unsendable("no_consent")
        if who_left(self._service, {recipient["id"]: (address, from_wire(latest["at"]))}, purpose):
            raise Unsendable("opted_out")

    def _locale(self, template: Row, person: Row) -> str:
        said = str(person.get(template.get("language_field") or "") or "").replace("_", "-").lower()
        known = next((one for one in LOCALES if said and (one.lower() == said or one.lower().split("-")[0] == said)),
                     None)
        return known or self._service.settings.default_locale

    def _get(self, path: str) -> Any:
        answer = self._ask(path)
        if answer.status in (403, 404, 410, 422):
            return None
        if answer.status != 200:
            raise CustomerAway(f"{answer.status}")
        return answer.json


def with_way_out(address: str, message: Rendered, locale: str, url: str) -> Letter:
    """A letter of marketing: below the text it says how to get no more of them."""
    foot = t("mail.leave", locale, url=url)
    return Letter(address, Rendered(message.subject, f"{message.body}\n\n-- \n{foot}"), locale, url)


def checked_address(address: Any) -> str:
    """An address that a mail can be sent to; raises Unsendable."""
    if not address:
        raise Unsendable("no_address")
    try:
        Address(addr_spec=str(address))
    except (HeaderParseError, ValueError, IndexError):
        raise Unsendable("bad_address") from None
    if not str(address).isascii() or any(sign.isspace() for sign in str(address)):
        raise Unsendable("bad_address")
    return str(address)

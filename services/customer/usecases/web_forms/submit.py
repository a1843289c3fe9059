"""Take in what a stranger sends: guard first, then one record, made by the form's own identity.

That identity may create records of one object and write the fields of one form, nothing else; what is created
publishes its event as always, so rules act. A page's number is used up with the first message that passes as a
person's or fails the riddle, so one page is good for one message and one guess.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chassis.auth.principal import ObjectPolicy, Principal
from chassis.clock import utcnow
from chassis.context import Cause, Origin, current_cause
from chassis.criteria import CriteriaError, Scope, parse, to_predicate
from chassis.db import UnitOfWork
from services.customer.metrics import WEB_FORM_MESSAGES
from services.customer.model.labels import label_in
from services.customer.model.web_forms import Submitted, WebForm, read_submitted
from services.customer.model.web_forms.inputs import Texts
from services.customer.model.web_forms.riddles import is_worked
from services.customer.model.web_forms.tokens import LONGEST_SECONDS, Token, answer_digest
from services.customer.store import web_forms
from services.customer.store.record_type import RecordType
from services.customer.usecases.create_records import create_records

if TYPE_CHECKING:
    from chassis.service import Service

KEEP = timedelta(days=90)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Message:
    """What came back of a page besides its fields."""

    token: Token | None
    address: str
    trap: str  # of the field that people do not see
    found: str  # what the browser has found for the riddle, or the visitor's answer
    agreed: bool
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a message: `sent`, or the reason why the page is shown again (`code`)."""

    sent: bool
    code: str = ""
    wrong: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None


SENT = Outcome(True)


def read_message(service: Service, form: WebForm, record_type: RecordType, texts: Texts) -> Submitted:
    """What a visitor has typed so far, and what his form shows and demands because of it."""
    fields, scope = record_type.criteria_fields(lambda _: True), Scope(utcnow(), service.settings.default_timezone)

    def judge(condition: Any, values: Mapping[str, Any]) -> bool | None:
        try:
            return None if condition is None else to_predicate(parse(condition, fields))(values, scope)
        except CriteriaError:
            return None

    return read_submitted(form.sections, record_type.fields, judge, texts)


def submit(service: Service, uow: UnitOfWork, form: WebForm, record_type: RecordType, message: Message,
           submitted: Submitted) -> Outcome:
    """Judge a message and make its record."""
    outcome = _guarded(service, uow, form, message) or _complete(form, message, submitted)
    if outcome is None:
        outcome = _made(service, uow, form, record_type, message, submitted)
    WEB_FORM_MESSAGES.labels(form.object, "trapped" if message.trap else outcome.code or "sent").inc()
    return outcome


def _guarded(service: Service, uow: UnitOfWork, form: WebForm, message: Message) -> Outcome | None:
    """The outcome for what no person sends; a machine in the trap hears that all went well."""
    if message.trap:
        return SENT
    token, now = message.token, time.time()
    if token is None or not 0 <= token.age(now) <= LONGEST_SECONDS:
        return Outcome(False, "page_too_old")
    if token.age(now) < form.min_seconds:
        return Outcome(False, "too_fast")
    since = utcnow() - _HOUR
    if web_forms.sent_since(uow.connection, form.id, digest_of(service, message.address), since) >= form.per_hour:
        return Outcome(False, "too_many_messages")
    return None


def _complete(form: WebForm, message: Message, submitted: Submitted) -> Outcome | None:
    if submitted.wrong:
        return Outcome(False, "values_wrong", submitted.wrong)
    if form.consent and not message.agreed:
        return Outcome(False, "consent_missing")
    return None


def _made(service: Service, uow: UnitOfWork, form: WebForm, record_type: RecordType, message: Message,
          submitted: Submitted) -> Outcome:
    assert message.token is not None
    if not web_forms.use_up(uow, message.token.nonce, form.id, digest_of(service, message.address)):
        return SENT  # the same page again: somebody pressed the button twice
    if not _is_solved(service, form, message):
        return Outcome(False, "riddle_wrong")
    values = {**_sources(form, record_type, message.sources), **form.values, **submitted.values}
    if form.owner_id is not None:
        values["owner_id"] = form.owner_id
    cause = _cause(form)
    result = create_records(service, uow, identity(service, form), record_type, [values], cause=cause)[0]
    if result.problem is not None:
        return Outcome(False, "values_wrong", {
            error.pointer.lstrip("/"): (error.code, error.params) for error in result.problem.errors})
    web_forms.note_record(uow, message.token.nonce, result.unwrap()["id"], message.sources)
    return SENT


def _is_solved(service: Service, form: WebForm, message: Message) -> bool:
    assert message.token is not None
    if form.guard == "work":
        return is_worked(message.token.nonce, message.found)
    wanted = answer_digest(message.found.strip()[:10], service.signer.secret_for("web-form"))
    return form.guard == "none" or hmac.compare_digest(message.token.answer, wanted)


def _sources(form: WebForm, record_type: RecordType, sources: Mapping[str, str]) -> dict[str, Any]:
    """Where the visitor came from, in the fields that keep it; what does not fit is left out."""
    found = {}
    for source, name in form.tracking.items():
        field = record_type.fields.get(name)
        if field is not None and sources.get(source):
            room = field.options.get("max_length") or 255
            found[name] = sources[source][:room]
    return found


def identity(service: Service, form: WebForm) -> Principal:
    """Who creates the record: the form, with the right to create and to write its own fields."""
    members = service.parts["types"].get(form.object).members
    own = {one["field"] for one in form.placed} | form.values.keys() | set(form.tracking.values()) | {"owner_id"}
    policy = ObjectPolicy(frozenset({"create"}), frozenset({"own"}),
                          {name: "none" for name in members if name not in own and name not in ("id", "version")})
    name = label_in(form.label, service.settings.default_locale, form.slug)
    return Principal(kind="form", name=name, locale=service.settings.default_locale,
                     timezone=service.settings.default_timezone,
                     policy_of=lambda asked: policy if asked == form.object else ObjectPolicy())


def _cause(form: WebForm) -> Cause:
    return current_cause().because_of(origin=Origin("system", form.id, label_in(form.label, "en", form.slug)))


def digest_of(service: Service, address: str) -> str:
    """A visitor's address as it is kept: enough to count, not to find him."""
    secret = service.signer.secret_for("web-form")
    return hmac.new(secret, b"address:" + address.encode(), hashlib.sha256).hexdigest()[:24]


def purge_messages(service: Service) -> None:
    """Forget the messages of public forms after three months; their records stay."""
    with service.db.unit_of_work() as uow:
        web_forms.forget_messages(uow, utcnow() - KEEP)

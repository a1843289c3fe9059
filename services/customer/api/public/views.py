"""`/f/{slug}`: a public form, opened and sent by anybody.

The page needs no sign-in, sets no cookie and reads none, so there is nothing that another site could misuse in a
visitor's name; a message must still carry the token of a page that this form has shown, and come from this very host.
Whatever is wrong, a visitor gets a page in his language.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException

from chassis.auth.guard import public
from chassis.criteria import CriteriaError, fields_used, parse
from chassis.http.current import current_service, json_answer
from chassis.http.public_page import wanted_locale
from chassis.i18n import t
from chassis.service import Service
from services.customer.api.public.page import TRAP, Sheet, form_page, sorry_page, thanks_page
from services.customer.model.web_forms import Submitted, WebForm
from services.customer.model.web_forms.document import TRACKED
from services.customer.model.web_forms.inputs import Texts
from services.customer.model.web_forms.riddles import new_sum
from services.customer.model.web_forms.tokens import answer_digest, new_token, read_token, sign
from services.customer.store.record_type import RecordType
from services.customer.store.web_forms import form_of_slug
from services.customer.usecases.web_forms.submit import Message, Outcome, read_message, submit

MAX_BYTES, MAX_SOURCE = 64 * 1024, 300
_STATUS = {"too_many_messages": 429, "page_too_old": 409}
_public = Blueprint("public_forms", __name__, url_prefix="/f")
View = Callable[..., Response]


def serve_forms(service: Service, app: Flask, _api: Any) -> None:
    """Answer at the public addresses of forms."""
    app.register_blueprint(_public)


def _for_visitors(view: View) -> View:
    """Look for the form, and answer with a readable page whatever happens."""

    @wraps(view)
    def wrapped(slug: str) -> Any:
        service, locale = current_service(), wanted_locale()
        try:
            with service.db.read() as connection:
                form = form_of_slug(connection, slug[:80])
            record_type = service.parts["types"].find(form.object) if form is not None else None
            if form is None or record_type is None:
                return sorry_page("not_found", locale, 404)
            return view(form, record_type, locale) if form.active else sorry_page("closed", locale, 410)
        except HTTPException as error:
            return sorry_page("refused", locale, error.code or 400)

    return public(wrapped)


@_public.get("/<slug>")
@_for_visitors
def show(form: WebForm, record_type: RecordType, locale: str) -> Response:
    """The form, empty."""
    return _form(form, record_type, locale, _typed(form, record_type, lambda _: ()), sources=_sources(request.args.get))


@_public.post("/<slug>")
@_for_visitors
def send(form: WebForm, record_type: RecordType, locale: str) -> Response:
    """Take in what was typed; the visitor reads thanks, or the form again with what is wrong.

    Who only wants another language gets the form in it, with what he has typed so far, and nothing is kept.
    """
    if (request.content_length or 0) > MAX_BYTES:
        return sorry_page("too_large", locale, 413)
    if not _comes_from_here():
        return sorry_page("refused", locale, 403)
    service = current_service()
    submitted = _typed(form, record_type, request.form.getlist)
    message = _message(service, form)
    if request.form.get("_language"):
        return _form(form, record_type, locale, submitted, sources=message.sources, agreed=message.agreed)
    with service.db.unit_of_work() as uow:
        outcome = submit(service, uow, form, record_type, message, submitted)
    if not outcome.sent:
        return _again(form, record_type, locale, submitted, message, outcome)
    own = f"/f/{form.slug}/thanks?lang={locale}"
    return redirect(form.redirect.get(locale) or next(iter(form.redirect.values()), own), 303)


@_public.post("/<slug>/parts")
@_for_visitors
def parts(form: WebForm, record_type: RecordType, locale: str) -> Response:
    """Say which parts of the form are hidden, and which demanded, for what was typed so far; nothing is kept."""
    if (request.content_length or 0) > MAX_BYTES:
        return sorry_page("too_large", locale, 413)
    typed = _typed(form, record_type, request.form.getlist)
    said = {"hidden": sorted(typed.hidden), "required": sorted(typed.required)}
    return json_answer(said, headers={"Cache-Control": "no-store"})


@_public.get("/<slug>/thanks")
@_for_visitors
def thanks(form: WebForm, _record_type: RecordType, locale: str) -> Response:
    """What a visitor reads whose message has come in."""
    return thanks_page(form, locale)


def _typed(form: WebForm, record_type: RecordType, texts: Texts) -> Submitted:
    return read_message(current_service(), form, record_type, texts)


def _again(form: WebForm, record_type: RecordType, locale: str, submitted: Submitted, message: Message,
           outcome: Outcome) -> Response:
    """The form with what was typed and what is wrong with it."""
    wrong = {name: t(f"error.{code}", locale, **params) for name, (code, params) in (outcome.wrong or {}).items()}
    placed = {one["field"] for one in form.placed}
    alert = t(f"web_form.{outcome.code}", locale)
    alert = " ".join([alert, *(sentence for name, sentence in wrong.items() if name not in placed)])
    return _form(form, record_type, locale, submitted, wrong=wrong, alert=alert, sources=message.sources,
                 agreed=message.agreed, status=_STATUS.get(outcome.code, 422))


def _form(form: WebForm, record_type: RecordType, locale: str, submitted: Submitted, *, status: int = 200,
          **more: Any) -> Response:
    secret = current_service().signer.secret_for("web-form")
    picture, answer = new_sum() if form.guard == "sum" else ("", "")
    token = new_token(form.id, time.time(), answer_digest(answer, secret) if answer else "")
    sheet = Sheet(sign(token, secret), token.nonce, picture, texts=submitted.texts,
                  hidden=frozenset(submitted.hidden), required=frozenset(submitted.required),
                  live=_deciding(form, record_type), **more)
    return form_page(form, record_type.fields, sheet, locale, status)


def _deciding(form: WebForm, record_type: RecordType) -> tuple[str, ...]:
    """The fields on which the form's conditions depend."""
    fields, names = record_type.criteria_fields(lambda _: True), set()
    for condition in form.conditions:
        with suppress(CriteriaError):
            names |= fields_used(parse(condition, fields))
    return tuple(sorted(names))


def _message(service: Service, form: WebForm) -> Message:
    sent = request.form
    token = read_token(sent.get("_page", ""), form.id, service.signer.secret_for("web-form"))
    return Message(token, _address(), sent.get(TRAP, ""), sent.get("_found", ""), bool(sent.get("_agreed")),
                   _sources(lambda name: sent.get(f"_{name}")))


def _sources(read: Callable[[str], str | None]) -> dict[str, str]:
    """Where the visitor comes from, as the address of the page says."""
    found = {name: "".join(filter(str.isprintable, (read(name) or "").strip()))[:MAX_SOURCE] for name in TRACKED}
    return {name: value for name, value in found.items() if value}


def _address() -> str:
    """The visitor's address as the front door reports it."""
    return request.headers.get("X-Forwarded-For", request.remote_addr or "").rpartition(",")[2].strip()[:64]


def _comes_from_here() -> bool:
    """Whether the page that sends stands on this host; old browsers do not say. Ports may change on the way."""
    origin = request.headers.get("Origin")
    if origin in (None, "null"):
        return origin is None
    host = request.headers.get("X-Forwarded-Host") or request.host
    return urlsplit(origin).hostname == urlsplit(f"//{host}").hostname

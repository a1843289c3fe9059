"""`/u/{token}`: no more messages of a purpose, for whoever got one, without sign-in.

Looking changes nothing: scanners of mail follow every link. The button does, and so does the one click of a mail
program (RFC 8058), which sends a form with `List-Unsubscribe=One-Click` and reads nothing. Whoever got a message whose
opening is counted may also just have that end. What was never a link of ours gets the same sentence, whatever it was.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, request

from chassis.auth.guard import public
from chassis.http.public_page import kept_private, language_links, public_page, said, wanted_locale
from chassis.i18n import t
from chassis.service import Service
from services.notify.api.people import live_service
from services.notify.usecases.mails.engagement import count_no_more, is_counted
from services.notify.usecases.mails.leaving import Leaving, leave, read_leaving

_UNCOUNTED = "uncounted"
_public = Blueprint("public_leaving", __name__, url_prefix="/u")


def serve_leaving(service: Service, app: Flask, _api: Any) -> None:
    """Answer at the addresses that stand in messages."""
    app.register_blueprint(_public)


@_public.get("/<token>")
@public
def show(token: str) -> Response:
    """Ask whether it is meant; nothing changes."""
    leaving, locale = read_leaving(live_service(), token), wanted_locale()
    return _question(token, leaving, locale) if leaving else _said("unknown", locale, 404)


@_public.post("/<token>")
@public
def send(token: str) -> Response:
    """Take the consent back, or have nothing counted any more."""
    service, locale = live_service(), wanted_locale()
    leaving = read_leaving(service, token)
    if leaving is None:
        return _said("unknown", locale, 404)
    only_counting = request.form.get("what") == _UNCOUNTED
    with service.db.unit_of_work() as uow:
        if only_counting:
            count_no_more(service, uow, leaving.message_id)
        else:
            leave(service, uow, leaving)
    return _said(_UNCOUNTED if only_counting else "done", locale, 200, purpose=leaving.purpose)


def _question(token: str, leaving: Leaving, locale: str) -> Response:
    address = f"/u/{quote(token)}"
    form = f'<form method="post" action="{address}?lang={locale}">'
    body = (f"<header><h1>{_say('ask', locale)}</h1>{language_links(lambda one: f'{address}?lang={one}', locale)}"
            f"</header><p>{_say('ask.detail', locale, purpose=leaving.purpose)}</p>"
            f"{form}<button>{_say('button', locale)}</button></form>")
    if is_counted(live_service(), leaving.message_id):
        body += (f"<h2>{_say('counting', locale)}</h2><p>{_say('counting.detail', locale)}</p>"
                 f'{form}<input type="hidden" name="what" value="{_UNCOUNTED}">'
                 f'<button class="second">{_say("counting.button", locale)}</button></form>')
    return kept_private(public_page(t("leaving.ask", locale), body, locale))


def _said(code: str, locale: str, status: int, **params: str) -> Response:
    return said(t(f"leaving.{code}", locale), t(f"leaving.{code}.detail", locale, **params), locale, status)


def _say(key: str, locale: str, **params: str) -> str:
    return escape(t(f"leaving.{key}", locale, **params))

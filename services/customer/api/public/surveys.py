"""`/s/{token}`: a survey, answered by whoever got the link, once.

The page needs no sign-in, no cookie and no script. A link that was used, is too old or was never one is answered by the
same page with the same status, so nobody learns which it was. Looking uses nothing up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException

from chassis.auth.guard import public
from chassis.http.current import current_service
from chassis.http.public_page import kept_private, language_links, public_page, said, wanted_locale
from chassis.i18n import t
from chassis.service import Service
from services.customer.model.surveys import MAX_COMMENT, SCALES
from services.customer.usecases.surveys import Given, NotAnswered, answer, open_survey

MAX_BYTES = 64 * 1024
_public = Blueprint("public_surveys", __name__, url_prefix="/s")
View = Callable[..., Any]


def serve_surveys(service: Service, app: Flask, _api: Any) -> None:
    """Answer at the public addresses of surveys."""
    app.register_blueprint(_public)


def _for_the_invited(view: View) -> View:
    @wraps(view)
    def wrapped(token: str) -> Any:
        locale = wanted_locale()
        try:
            invitation = open_survey(current_service(), token)
            return _sorry(locale) if invitation is None else view(token, invitation, locale)
        except HTTPException:
            return _sorry(locale)

    return public(wrapped)


@_public.get("/thanks")
@public
def thanks() -> Response:
    """What somebody reads who has answered."""
    return _said("thanks", wanted_locale(), 200)


@_public.get("/<token>")
@_for_the_invited
def show(token: str, invitation: Any, locale: str) -> Response:
    """The question; nothing is used up."""
    return _page(token, invitation, locale)


@_public.post("/<token>")
@_for_the_invited
def send(token: str, invitation: Any, locale: str) -> Any:
    """Take the answer; who only wants another language gets the page in it with what he typed, and keeps his link."""
    if (request.content_length or 0) > MAX_BYTES:
        return _page(token, invitation, locale, wrong="too_long", status=413)
    service, form = current_service(), request.form
    given = Given(form.get("score", ""), form.get("comment", "").replace("\r\n", "\n"), bool(form.get("wants_contact")))
    if form.get("_language"):
        return _page(token, invitation, locale, given)
    try:
        with service.db.unit_of_work() as uow:
            taken = answer(service, uow, invitation, given)
    except NotAnswered as problem:
        return _page(token, invitation, locale, given, problem.code, 422)
    return redirect(f"/s/thanks?lang={locale}", 303) if taken else _sorry(locale)


def _page(token: str, invitation: Any, locale: str, given: Given | None = None, wrong: str = "",
          status: int = 200) -> Response:
    kind, address = invitation.kind, f"/s/{quote(token)}"
    links = language_links(lambda one: f"{address}?lang={one}", locale)
    body = [f"<header><h1>{_say(f'question.{kind}', locale)}</h1>{links}</header>"]
    body += [f'<p class="alert" role="alert">{_say(wrong, locale)}</p>'] if wrong else []
    body.append(f'<form method="post" action="{address}?lang={locale}" accept-charset="utf-8">')
    body.append(_scale(kind, given.score if given else "", locale))
    comment = escape(given.comment[:MAX_COMMENT]) if given else ""
    body.append(f'<p></p><label for="comment">{_say("comment", locale)}</label>'
                f'<textarea id="comment" name="comment" rows="4" maxlength="{MAX_COMMENT}">{comment}</textarea>')
    ticked = " checked" if given and given.wants_contact else ""
    body.append(f'<p></p><label class="tick"><input type="checkbox" name="wants_contact" value="1"{ticked}>'
                f'<span>{_say("wants_contact", locale)}</span></label>')
    body.append(f"<button>{_say('send', locale)}</button></form>")
    return kept_private(public_page(t(f"survey.question.{kind}", locale), "".join(body), locale, status))


def _scale(kind: str, chosen: str, locale: str) -> str:
    least, most = SCALES[kind]
    radios = "".join(
        f'<label><input type="radio" name="score" value="{score}" required{" checked" if chosen == str(score) else ""}>'
        f"<span>{score}</span></label>" for score in range(least, most + 1))
    return (f'<fieldset><legend>{_say(f"scale.{kind}", locale)}</legend>'
            f'<div class="scale">{radios}</div></fieldset>')


def _sorry(locale: str) -> Response:
    return _said("unusable", locale, 404)


def _said(code: str, locale: str, status: int) -> Response:
    return said(t(f"survey.{code}", locale), t(f"survey.{code}.detail", locale), locale, status)


def _say(key: str, locale: str) -> str:
    return escape(t(f"survey.{key}", locale))

"""`/l/{token}`: a link of a campaign that is counted, and `/l/{token}.gif`: the picture by which opening is.

A link leads only where it was signed to lead, so nobody can make one that leads elsewhere. A picture is the same
whatever its token: there is nothing to find out. Looks ahead and machines that say what they are get the same answers
and are not counted.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request

from chassis.auth.guard import public
from chassis.http.public_page import kept_private, said, wanted_locale
from chassis.i18n import t
from chassis.service import Service
from services.notify.api.people import live_service
from services.notify.model.mail_links import read_click, read_picture
from services.notify.model.marked import is_person
from services.notify.usecases.mails.engagement import note
from services.notify.usecases.mails.leaving import secret_of

_DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_public = Blueprint("public_following", __name__, url_prefix="/l")


def serve_following(service: Service, app: Flask, _api: Any) -> None:
    """Answer at the addresses that stand in messages."""
    app.register_blueprint(_public)


@_public.get("/<token>")
@public
def follow(token: str) -> Response:
    """Lead on."""
    service = live_service()
    found = read_click(token, secret_of(service))
    if found is None:
        locale = wanted_locale()
        return said(t("following.unknown", locale), t("following.unknown.detail", locale), locale, 404)
    if is_person(request.method, request.headers):
        note(service, *found)
    answer = redirect(found[1], 302)
    answer.headers["Cache-Control"] = "no-store"
    return kept_private(answer)  # type: ignore[arg-type]


@_public.get("/<token>.gif")
@public
def picture(token: str) -> Response:
    """A dot that nobody sees."""
    service = live_service()
    message_id = read_picture(token, secret_of(service))
    if message_id is not None and is_person(request.method, request.headers):
        note(service, message_id)
    return kept_private(Response(_DOT, content_type="image/gif", headers={"Cache-Control": "no-store, private"}))

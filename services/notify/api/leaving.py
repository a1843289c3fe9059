"""`/u/{token}`: no more messages of a purpose, for whoever got one, without sign-in.

Looking changes nothing: scanners of mail follow every link. The button does, and so does the one click of a mail
program (RFC 8058), which sends a form with `List-Unsubscribe=One-Click` and reads nothing. What was never a link of
ours gets the same sentence, whatever it was.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, request

from chassis.auth.guard import public
from chassis.i18n import LOCALES, negotiate, t
from chassis.service import Service
from services.notify.api.people import live_service
from services.notify.usecases.mails.leaving import Leaving, leave, read_leaving

_NAMES = {"en": "English", "zh-CN": "中文"}
_STYLE = """
:root{color-scheme:light dark}
body{margin:0 auto;max-width:560px;padding:32px 20px;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC",sans-serif}
h1{font-size:24px;line-height:1.25}nav a,nav b{margin-right:12px;font-size:14px}
button{min-height:46px;padding:10px 24px;border:0;border-radius:8px;background:#1b6b4e;color:#fff;font:inherit;
font-weight:600;cursor:pointer}
@media(max-width:560px){button{width:100%}}
"""
_DIGEST = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
_POLICY = f"default-src 'none'; style-src {_DIGEST}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

_public = Blueprint("public_leaving", __name__, url_prefix="/u")


def serve_leaving(service: Service, app: Flask, _api: Any) -> None:
    """Answer at the addresses that stand in messages."""
    app.register_blueprint(_public)


@_public.get("/<token>")
@public
def show(token: str) -> Response:
    """Ask whether it is meant; nothing changes."""
    leaving, locale = read_leaving(live_service(), token), _locale()
    return _question(token, leaving, locale) if leaving else _said("unknown", locale, 404)


@_public.post("/<token>")
@public
def send(token: str) -> Response:
    """Take the consent back."""
    service, locale = live_service(), _locale()
    leaving = read_leaving(service, token)
    if leaving is None:
        return _said("unknown", locale, 404)
    with service.db.unit_of_work() as uow:
        leave(service, uow, leaving)
    return _said("done", locale, 200, purpose=leaving.purpose)


def _question(token: str, leaving: Leaving, locale: str) -> Response:
    address = f"/u/{quote(token)}"
    links = "".join(f"<b>{_NAMES[one]}</b>" if one == locale else
                    f'<a lang="{one}" href="{address}?lang={one}">{_NAMES[one]}</a>' for one in LOCALES)
    body = (f'<nav aria-label="{_say("language", locale)}">{links}</nav><h1>{_say("ask", locale)}</h1>'
            f'<p>{_say("ask.detail", locale, purpose=leaving.purpose)}</p>'
            f'<form method="post" action="{address}?lang={locale}"><button>{_say("button", locale)}</button></form>')
    return _page(_say("ask", locale), body, locale, 200)


def _said(code: str, locale: str, status: int, **params: str) -> Response:
    heading = _say(code, locale)
    return _page(heading, f'<h1>{heading}</h1><p role="status">{_say(f"{code}.detail", locale, **params)}</p>',
                 locale, status)


def _page(title: str, body: str, locale: str, status: int) -> Response:
    """The address of a page is its key: it is told to nobody, and no search engine keeps it."""
    html = (f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>")
    return Response(html, status, content_type="text/html; charset=utf-8", headers={
        "Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow"})


def _say(key: str, locale: str, **params: str) -> str:
    return escape(t(f"leaving.{key}", locale, **params))


def _locale() -> str:
    wanted, fallback = request.args.get("lang", ""), live_service().settings.default_locale
    return wanted if wanted in LOCALES else negotiate(request.headers.get("Accept-Language"), fallback)

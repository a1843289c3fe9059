"""Pages for everybody, without sign-in and without the console: forms, surveys, no more messages.

A page is plain HTML that needs nothing else: its style stands in it, and its policy names the digest of that and lets
nothing in from outside. It is in the language that its address asks for, or the visitor's browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from html import escape

from flask import Response, request

from chassis.http.current import current_service
from chassis.i18n import LOCALES, negotiate, t

_NAMES = {"en": "English", "zh-CN": "中文"}
STYLE = """
:root{color-scheme:light dark;--ink:#18221d;--quiet:#5f6c64;--line:#cdd5ce;--ground:#fff;--own:#1b6b4e;--on:#fff;
--bad:#b3261e;--soft:#fbeae8}
@media(prefers-color-scheme:dark){:root{--ink:#e8eee9;--quiet:#a3b0a7;--line:#45524a;--ground:#171d19;--own:#5fb793;
--on:#0d1410;--bad:#ff8a80;--soft:#3a1f1d}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 -apple-system,BlinkMacSystemFont,"Segoe UI",
Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:720px;margin:0 auto;padding:28px 20px 40px}
header{display:flex;align-items:flex-start;justify-content:space-between;gap:16px;margin-bottom:18px}
h1{margin:0 0 4px;font-size:26px;line-height:1.25}h2{margin:26px 0 8px;font-size:17px}
p{margin:0 0 12px}a{color:var(--own)}.quiet,.help{color:var(--quiet)}.help{margin:4px 0 0;font-size:14px}
nav{white-space:nowrap}nav a,nav b{margin-left:10px;font-size:14px;font-weight:400}nav b{color:var(--quiet)}
fieldset{margin:0;padding:0;border:0}.grid{display:grid;grid-template-columns:1fr 1fr;gap:14px 18px}
.one{grid-template-columns:1fr}.full{grid-column:1/-1}
label,legend{display:block;margin-bottom:5px;padding:0;font-size:15px}label.tick{display:flex;gap:9px;margin:3px 0}
label.tick input{flex:none;width:20px;height:20px;margin:2px 0 0}
.must{color:var(--bad)}
input:not([type=checkbox]),select,textarea{width:100%;min-height:44px;padding:9px 12px;border:1px solid var(--line);
border-radius:8px;background:var(--ground);color:inherit;font:inherit}textarea{min-height:110px;resize:vertical}
:focus-visible{outline:2px solid var(--own);outline-offset:1px}
[aria-invalid=true]{border-color:var(--bad)!important}.wrong{margin:4px 0 0;color:var(--bad);font-size:14px}
.alert{margin:14px 0;padding:11px 14px;border-radius:8px;background:var(--soft);color:var(--bad)}
button{min-height:46px;margin-top:22px;padding:10px 26px;border:0;border-radius:8px;background:var(--own);
color:var(--on);font:inherit;font-weight:600;cursor:pointer}button:disabled{opacity:.6;cursor:wait}
button.second{margin-top:6px;border:1px solid var(--line);background:none;color:inherit;font-weight:400}
.scale{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}.scale label{position:relative;margin:0}
.scale input{position:absolute;opacity:0;width:100%;height:100%;min-height:0;margin:0;cursor:pointer}
.scale span{display:block;min-width:46px;padding:10px 0;border:1px solid var(--line);border-radius:8px;
text-align:center}
.scale input:checked+span{border-color:var(--own);background:var(--own);color:var(--on);font-weight:600}
.scale input:focus-visible+span{outline:2px solid var(--own);outline-offset:2px}
.sum{display:flex;align-items:center;gap:14px;flex-wrap:wrap}.sum input{max-width:120px}
.xf{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}
@media(max-width:560px){main{padding:20px 16px 32px}.grid{grid-template-columns:1fr}
h1{font-size:23px}button{width:100%}}
"""


def digest(text: str) -> str:
    """How a policy names an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


STYLE_DIGEST = digest(STYLE)
_POLICY = f"default-src 'none'; style-src {STYLE_DIGEST}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def public_page(title: str, body: str, locale: str, status: int = 200, *, policy: str = _POLICY,
                script: str = "") -> Response:
    """A page in the look of all; `body` is HTML, the title is text."""
    html = (f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="robots" content="noindex"><style>{STYLE}</style></head><body><main>{body}</main>'
            f"{f'<script>{script}</script>' if script else ''}</body></html>")
    return Response(html, status, content_type="text/html; charset=utf-8", headers={
        "Content-Security-Policy": policy, "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cache-Control": "no-store"})


def kept_private(response: Response) -> Response:
    """The address of such a page is its key: it is told to nobody, and no search engine keeps it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def language_links(address: Callable[[str], str], locale: str) -> str:
    """The way to the page in the other languages."""
    links = "".join(f"<b>{_NAMES[one]}</b>" if one == locale else
                    f'<a lang="{one}" href="{escape(address(one))}">{_NAMES[one]}</a>' for one in LOCALES)
    return f'<nav aria-label="{escape(t("page.language", locale))}">{links}</nav>'


def said(heading: str, sentence: str, locale: str, status: int) -> Response:
    """A page that only tells something; nobody else learns its address."""
    body = f'<h1>{escape(heading)}</h1><p role="status">{escape(sentence)}</p>'
    return kept_private(public_page(heading, body, locale, status))


def wanted_locale() -> str:
    """The language that the address asks for, or the browser."""
    wanted, fallback = request.args.get("lang", ""), current_service().settings.default_locale
    return wanted if wanted in LOCALES else negotiate(request.headers.get("Accept-Language"), fallback)

"""The pages of a public form as HTML: the form, the thanks, and sentences for everything that cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response

from chassis.http.public_page import STYLE_DIGEST, language_links, public_page
from chassis.i18n import t
from services.customer.api.public.fields import Standing, field_html
from services.customer.api.public.script import SCRIPT, SCRIPT_DIGEST
from services.customer.model.fields import FieldDef
from services.customer.model.labels import label_in
from services.customer.model.web_forms import WebForm
from services.customer.model.web_forms.riddles import WORK_BITS

TRAP = "contact_me_by_fax"  # a field that people do not see and machines fill in


@dataclass(frozen=True)
class Sheet:
    """What a page of the form shows besides the form: what was typed, what is wrong, its token and riddle."""

    token: str
    nonce: str
    picture: str = ""
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    alert: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    agreed: bool = False
    hidden: frozenset[str] = frozenset()  # fields by name, sections by number
    required: frozenset[str] = frozenset()
    live: tuple[str, ...] = ()  # the fields on which conditions depend


def form_page(form: WebForm, fields: Mapping[str, FieldDef], sheet: Sheet, locale: str, status: int = 200) -> Response:
    """The form, empty or with what was typed."""
    work = f' data-bits="{WORK_BITS}" data-nonce="{sheet.nonce}" data-wait="{_say("web_form.wait", locale)}"'
    heading = f"<h1>{escape(_title(form, locale))}</h1>{_paragraph(form.intro, locale)}"
    body = [f"<header><div>{heading}</div>{_languages(form, sheet, locale)}</header>"]
    body += [f'<p class="alert" role="alert">{escape(sheet.alert)}</p>'] if sheet.alert else []
    body.append(f'<form method="post" action="/f/{form.slug}?lang={locale}" accept-charset="utf-8"'
                f'{work if form.guard == "work" else ""}{_live(form, sheet)}>')
    body += [_section(number, section, fields, sheet, locale) for number, section in enumerate(form.sections)]
    body += [_consent(form, sheet, locale), _riddle(form, sheet, locale), _hidden(sheet, locale)]
    body.append(f'<button>{escape(label_in(form.button, locale, t("web_form.send", locale)))}</button></form>')
    return _page(_title(form, locale), "".join(body), locale, status, form)


def thanks_page(form: WebForm, locale: str) -> Response:
    """What a visitor reads whose message has come in."""
    words = label_in(form.thanks, locale, t("web_form.thanks", locale))
    return _page(_title(form, locale), f'<h1>{_say("web_form.sent", locale)}</h1><p role="status">{escape(words)}</p>',
                 locale, 200, form)


def sorry_page(code: str, locale: str, status: int) -> Response:
    """A sentence for what cannot be answered."""
    heading, sentence = t(f"web_form.{code}", locale), t(f"web_form.{code}.detail", locale)
    return _page(heading, f"<h1>{escape(heading)}</h1><p>{escape(sentence)}</p>", locale, status, None)


def _page(title: str, body: str, locale: str, status: int, form: WebForm | None) -> Response:
    return public_page(title, body, locale, status, policy=policy(form), script=SCRIPT)


def policy(form: WebForm | None) -> str:
    """Nothing from outside; only the pages that the form names may embed it, only its own address gets what is sent."""
    frames = " ".join(form.origins) if form is not None and form.origins else "'none'"
    onward = "".join(sorted({f" {one.scheme}://{one.netloc}" for one in map(urlsplit, form.redirect.values())})
                     ) if form is not None else ""
    asks = "'self'" if form is not None and form.conditions else "'none'"
    return (f"default-src 'none'; style-src {STYLE_DIGEST}; script-src {SCRIPT_DIGEST}; img-src data:; "
            f"connect-src {asks}; form-action 'self'{onward}; base-uri 'none'; frame-ancestors {frames}")


def _title(form: WebForm, locale: str) -> str:
    return label_in(form.title or form.label, locale, form.slug)


def _paragraph(words: Mapping[str, str], locale: str) -> str:
    text = label_in(words, locale, "")
    return f'<p class="quiet">{escape(text)}</p>' if text else ""


def _languages(form: WebForm, sheet: Sheet, locale: str) -> str:
    return language_links(lambda one: f"/f/{form.slug}?{urlencode({'lang': one, **sheet.sources})}", locale)


def _live(form: WebForm, sheet: Sheet) -> str:
    return f' data-live="{" ".join(sheet.live)}" data-ask="/f/{form.slug}/parts"' if sheet.live else ""


def _section(number: int, section: Mapping[str, Any], fields: Mapping[str, FieldDef], sheet: Sheet, locale: str) -> str:
    heading = label_in(section["label"], locale, "")
    cells = [field_html(fields[place["field"]], place, sheet.texts.get(place["field"], ()),
                        sheet.wrong.get(place["field"], ""), locale, _standing(place["field"], sheet))
             for place in section["fields"] if place["field"] in fields]
    columns = " one" if section["columns"] == 1 else ""
    off = " hidden" if str(number) in sheet.hidden else ""
    return (f'<section data-part="{number}"{off}>'
            f"{f'<h2>{escape(heading)}</h2>' if heading else ''}{_paragraph(section['help'], locale)}"
            f'<div class="grid{columns}">{"".join(cells)}</div></section>')


def _standing(name: str, sheet: Sheet) -> Standing:
    return Standing(name in sheet.hidden, name in sheet.required)


def _consent(form: WebForm, sheet: Sheet, locale: str) -> str:
    text = label_in(form.consent, locale, "")
    if not text:
        return ""
    ticked = " checked" if sheet.agreed else ""
    return (f'<p></p><label class="tick"><input type="checkbox" name="_agreed" value="1" required{ticked}>'
            f'<span>{_linked(text)} <span class="must">*</span></span></label>')


def _linked(text: str) -> str:
    """The text with its web addresses as links."""
    return re.sub(r"(https?://[^\s<>&\"']+[^\s<>&\"'.,;:!?)])", r'<a href="\1" target="_blank" rel="noopener">\1</a>',
                  escape(text))


def _riddle(form: WebForm, sheet: Sheet, locale: str) -> str:
    if form.guard == "work":
        return (f'<input type="hidden" name="_found" value=""><noscript><p class="alert">'
                f'{_say("web_form.needs_script", locale)}</p></noscript>')
    if form.guard == "none":
        return ""
    return (f'<p></p><label for="_found">{_say("web_form.sum", locale)} <span class="must">*</span></label>'
            f'<div class="sum">{sheet.picture}<input id="_found" name="_found" inputmode="numeric" autocomplete="off" '
            f'maxlength="4" required></div>')


def _hidden(sheet: Sheet, locale: str) -> str:
    kept = "".join(f'<input type="hidden" name="_{name}" value="{escape(value)}">'
                   for name, value in sheet.sources.items())
    return (f'<div class="xf" aria-hidden="true"><label>{_say("web_form.trap", locale)}'
            f'<input name="{TRAP}" tabindex="-1" autocomplete="off"></label></div>'
            f'<input type="hidden" name="_page" value="{sheet.token}">{kept}')


def _say(key: str, locale: str) -> str:
    return escape(t(key, locale))


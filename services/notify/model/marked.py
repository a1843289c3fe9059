"""A message whose opening and links are counted: the text with its links led through here, and the same as HTML.

Only addresses of the web that stand written out are links. Those to pages of our own whose address is a key (no more
messages, surveys) stay as they are: what such a key is must not get into any list of links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

LONGEST_URL = 1500
_URL = re.compile(r"https?://[A-Za-z0-9\[][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_TRAILING = ".,;:!?'*"
_BODY = ("font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
         "overflow-wrap:anywhere")  # an address is one long word
_HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
_MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scan|monitor|facebookexternalhit|whatsapp|barracuda|mimecast|proofpoint|safelinks"
    r"|trendmicro|python|curl/|wget|java/|go-http|okhttp|headless", re.IGNORECASE)
_LOOKS = ("prefetch", "preview", "prerender")
_AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")

Lead = Callable[[str], str]  # an address → the one that stands in its place


def led(text: str, lead: Lead, keys: tuple[str, ...]) -> str:
    """The text with its links led elsewhere; those that begin with one of `keys` stay."""
    return _URL.sub(lambda found: _replaced(found[0], lead, keys), text)


def as_html(text: str, locale: str, lead: Lead, keys: tuple[str, ...], picture: str | None = None) -> str:
    """The text as a page: paragraphs, lines, links that say where they lead; `picture` is the address of a dot."""
    parts, end = [], 0
    for found in _URL.finditer(text):
        url = _without_tail(found[0])
        target = url if url.startswith(keys) or len(url) > LONGEST_URL else lead(url)
        parts += [escape(text[end:found.start()]), f'<a href="{escape(target)}">{escape(url)}</a>']
        end = found.start() + len(url)
    body = "".join([*parts, escape(text[end:])])
    paragraphs = "".join(f"<p>{one.replace(chr(10), '<br>')}</p>" for one in re.split(r"\n\s*\n", body.strip()))
    dot = f'<img src="{escape(picture)}" width="1" height="1" alt="">' if picture else ""
    return (f'<!doctype html><html lang="{locale}"><head>{_HEAD}</head>'
            f'<body style="{_BODY}">{paragraphs}{dot}</body></html>')


def is_person(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request may come from somebody who reads: not a look ahead, not a machine that says so, and nobody
    whose browser asks not to be followed (Global Privacy Control, Do Not Track)."""
    agent = headers.get("User-Agent", "")
    if method != "GET" or not agent or _MACHINES.search(agent):
        return False
    ahead = any(word in headers.get(name, "").lower() for name in _AHEAD for word in _LOOKS)
    return not ahead and headers.get("Sec-GPC") != "1" and headers.get("DNT") != "1"


def _replaced(written: str, lead: Lead, keys: tuple[str, ...]) -> str:
    url = _without_tail(written)
    if url.startswith(keys) or len(url) > LONGEST_URL:
        return written
    return lead(url) + written[len(url):]


def _without_tail(url: str) -> str:
    """Signs of the sentence around it are not part of an address, nor a bracket that opened before it."""
    while url[-1] in _TRAILING or (url[-1] in ")]" and url.count(url[-1]) > url.count("(["[")]".index(url[-1])])):
        url = url[:-1]
    return url

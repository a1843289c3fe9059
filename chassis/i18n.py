"""Messages in the reader's language, from flat JSON catalogues `locales/<locale>.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from chassis.jsonio import loads

LOCALES = ("en", "zh-CN")
_catalogues: dict[str, dict[str, str]] = {locale: {} for locale in LOCALES}
_known: set[str] = set()


def add_catalogue(package: str) -> None:
    """Add the catalogues that `package` keeps in its `locales/` folder; doing it twice is harmless."""
    if package in _known:
        return
    for locale in LOCALES:
        file = resources.files(package) / "locales" / f"{locale}.json"
        if file.is_file():
            _catalogues[locale].update(loads(file.read_bytes()))
    _known.add(package)


def add_messages(messages: dict[str, dict[str, str]]) -> None:
    """Add messages given as key → {locale: text}."""
    for key, texts in messages.items():
        for locale, text in texts.items():
            _catalogues[locale][key] = text


def t(key: str, locale: str, **params: Any) -> str:
    """Return the text of `key` in `locale`, with `{name}` places filled; an unknown key is returned as it is."""
    text = _catalogues.get(locale, {}).get(key) or _catalogues["en"].get(key)
    if text is None:
        return key
    return re.sub(r"\{(\w+)\}", lambda found: str(params.get(found[1], "")), text)


def localised(texts: Mapping[str, str] | None, locale: str, fallback: str = "") -> str:
    """Return the text for a reader of `locale`: in his language, else in English, else in any."""
    found = texts or {}
    return found.get(locale) or found.get("en") or next(iter(found.values()), fallback)


@lru_cache(maxsize=1024)
def negotiate(accept_language: str | None, fallback: str) -> str:
    """Choose en or zh-CN from an Accept-Language header; ties go to what stands first."""
    wanted = []
    for position, part in enumerate((accept_language or "")[:200].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        locale = "zh-CN" if tag.lower().startswith("zh") else "en" if tag.lower().startswith("en") else None
        if locale:
            wanted.append((-_weight(quality), position, locale))
    return min(wanted)[2] if wanted else fallback


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0

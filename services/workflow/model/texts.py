"""Text in several languages: `{"en": …, "zh-CN": …}`, of which at least one is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.i18n import LOCALES, t

Texts = Mapping[str, str]


def pick(texts: Texts | None, locale: str) -> str:
    """Return the text in `locale`, else in another language, else nothing."""
    if not texts:
        return ""
    return texts.get(locale) or next((text for text in texts.values() if text), "")


def said(key: str, **params: Any) -> dict[str, str]:
    """Return a message of the catalogue in all languages; a parameter may itself be text in several languages."""
    return {locale: t(f"workflow.{key}", locale, **_in(locale, params)) for locale in LOCALES}


def _in(locale: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: pick(value, locale) if isinstance(value, Mapping) else value for name, value in params.items()}

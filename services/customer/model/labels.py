"""Labels: what people read, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.values.text import one_line

LANGUAGES = ("en", "zh-CN")
MAX_LABEL = 120
MAX_HELP = 500
_line = {MAX_LABEL: one_line(MAX_LABEL), MAX_HELP: one_line(MAX_HELP)}


def check_label(value: Any, max_length: int = MAX_LABEL) -> dict[str, str]:
    """The label with its empty languages left out; at least one language must remain."""
    label = check_optional_label(value, max_length)
    if not label:
        raise BadValueError("label_missing")
    return label


def check_optional_label(value: Any, max_length: int = MAX_LABEL) -> dict[str, str]:
    """A label that may be empty."""
    if not isinstance(value, Mapping) or not value.keys() <= set(LANGUAGES):
        raise BadValueError("bad_label")
    texts = {language: _line[max_length](text) for language, text in value.items() if text is not None}
    return {language: text for language, text in texts.items() if text}


def label_in(label: Mapping[str, str], locale: str, fallback: str) -> str:
    """The label in the language, else in any other, else the fallback."""
    return label.get(locale) or next(iter(label.values()), fallback)

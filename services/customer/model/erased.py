"""What stands in the place of words that were erased. It says nothing of anybody, so it makes nobody like another."""

from __future__ import annotations

from typing import Any

ERASED = "[erased]"
ERASED_TEXTS = {"en": ERASED, "zh-CN": "[已删除]"}


def is_erased(value: Any) -> bool:
    """Whether a value only says that something was erased."""
    return isinstance(value, str) and value.startswith(ERASED)

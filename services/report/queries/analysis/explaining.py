"""Why a record has its score, in words: the reader's language, the names that the company gave its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.report.model.analysis.mapping import ValueMapping, WinMapping
from services.report.queries.analysis.words import explain_value
from services.report.queries.answering import Asking

Told = tuple[float | None, float | None, str | None]  # chance, amount, day


def explain(at: Asking, row: Mapping[str, Any], mapping: ValueMapping | WinMapping, told: Told,
            details: Mapping[str, Any]) -> list[str]:
    """The sentences beside a score."""
    card, locale = row["model_card"] or {}, at.principal.locale
    return explain_value(*told, details, card.get("months") or 12, card.get("currency"), locale)

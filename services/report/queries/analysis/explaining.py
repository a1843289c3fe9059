"""Why a record has its score, in words: the reader's language, the names that the company gave its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.i18n import localised, t
from services.report.model.access import Place
from services.report.model.analysis.mapping import ValueMapping, WinMapping
from services.report.queries.analysis.words import explain_value, number, percent
from services.report.queries.answering import Asking

Told = tuple[float | None, float | None, str | None]  # chance, amount, day


def explain(at: Asking, row: Mapping[str, Any], mapping: ValueMapping | WinMapping, told: Told,
            details: Mapping[str, Any]) -> list[str]:
    """The sentences beside a score."""
    card, locale = row["model_card"] or {}, at.principal.locale
    if isinstance(mapping, ValueMapping):
        return explain_value(*told, details, card.get("months") or 12, card.get("currency"), locale)
    return _explain_win(at, mapping, told[0] or 0.0, card, details["reasons"])


def _explain_win(at: Asking, mapping: WinMapping, chance: float, card: Mapping[str, Any],
                 reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    locale, places = at.principal.locale, {place.name: place for place in mapping.features}
    words = []
    if card.get("sample"):
        words.append(t("report.analysis.win.chance", locale, chance=percent(chance),
                       usual=percent(card["won"] / card["sample"])))
    for side, chosen in (("for", [one for one in reasons if one["weight"] > 0]),
                         ("against", [one for one in reversed(reasons) if one["weight"] < 0])):
        told = [f"{_field(at, mapping, places[one['field']])}: {_value(at, places[one['field']], one['value'])}"
                for one in chosen if one["field"] in places]
        if told:
            words.append(t(f"report.analysis.win.{side}", locale, reasons="; ".join(told)))
    return words or [t("report.analysis.win.usual", locale)]


def _field(at: Asking, mapping: WinMapping, place: Place) -> str:
    """The name of a field, behind those of the references that lead to it."""
    model, names = mapping.scored.model, []
    for reference, target in place.path:
        names.append(localised(model.fields[reference].label, at.principal.locale) or reference)
        model = at.view.objects[target]
    root = place.field.name.partition(".")[0]
    own = localised(place.described.label, at.principal.locale)
    if not own and root in ("owner_id", "department_id"):
        own = t(f"report.field.{root}", at.principal.locale)
    return " · ".join([*names, own or root])


def _value(at: Asking, place: Place, value: Any) -> str:
    locale = at.principal.locale
    if value is None:
        return t("report.label.none", locale)
    kind = place.field.kind
    if kind == "boolean":
        return t(f"report.label.{'yes' if value else 'no'}", locale)
    if kind == "choice":
        labels = {one["value"]: localised(one.get("label"), locale) for one in place.described.choices}
        return labels.get(value) or str(value)
    if kind in ("user", "department"):
        snapshot = at.service.directory.snapshot()
        body = (snapshot.users if kind == "user" else snapshot.departments).get(value)
        name = body["name"] if body is not None else None
        return localised(name, locale) if isinstance(name, Mapping) else name or t("report.label.unknown", locale)
    return number(value)

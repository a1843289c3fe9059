"""What the numbers of an analysis say, in sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.i18n import t

_GOOD, _FAIR = 0.15, 0.35
_FEW = 20

Json = Mapping[str, Any]


def explain_model(kind: str, state: str, card: Json | None, locale: str) -> list[str]:
    """Sentences about a version: what it does, and how far it can be believed."""
    if state == "too_little" and card is not None:
        return [t(f"report.analysis.{kind}.too_little", locale, **card["too_little"])]
    if state != "ready":
        return [t(f"report.analysis.state.{state}", locale)]
    words = [t(f"report.analysis.{kind}.about", locale)]
    return words if card is None else [*words, *_CARDS[kind](card, locale)]


def _value_card(card: Json, locale: str) -> list[str]:
    checked = card.get("check")
    if checked is None:
        return [t("report.analysis.value.unchecked", locale)]
    sums = checked["purchases"]
    words = [t("report.analysis.value.checked", locale, customers=checked["customers"], since=checked["from"],
               until=checked["to"], expected=number(sums["expected"]), actual=number(sums["actual"]))]
    return [*words, t(f"report.analysis.value.{_grade(sums['error'])}", locale, error=percent(abs(sums["error"] or 0)))]


def _grade(error: float | None) -> str:
    if error is None:
        return "none"
    return "good" if abs(error) <= _GOOD else "fair" if abs(error) <= _FAIR else "poor"


def _win_card(card: Json, locale: str) -> list[str]:
    words = [t("report.analysis.win.learned", locale, ended=number(card["sample"]), won=number(card["won"]))]
    checked = card.get("check")
    if checked is None:
        return [*words, t("report.analysis.win.unchecked", locale)]
    words.append(t("report.analysis.win.checked", locale, deals=checked["deals"], since=checked["from"],
                   until=checked["to"], expected=number(checked["expected"]), won=checked["won"]))
    auc = checked["auc"]
    grade = "none" if auc is None else _grade_of_order(auc, checked)
    return [*words, t(f"report.analysis.win.{grade}", locale, auc=percent(auc or 0.0))]


def _grade_of_order(auc: float, checked: Json) -> str:
    """No better than guessing is poor, whatever the order: told chances must beat the usual share as well."""
    if checked["brier"] >= checked["brier_without"] or auc < 0.55:
        return "poor"
    return "good" if auc >= 0.7 else "fair"


_CARDS: Mapping[str, Callable[[Json, str], list[str]]] = {"value": _value_card, "win": _win_card}


def number(value: float) -> str:
    """A whole number with its thousands apart."""
    return f"{round(value):,}"


def percent(value: float) -> str:
    """A share."""
    return f"{round(value * 100)} %"


def explain_value(chance: float | None, amount: float | None, due_on: str | None, details: Json, months: int,
                  currency: str | None, locale: str) -> list[str]:
    """Why a customer has his scores."""
    words = [t("report.analysis.value.bought" if details["times"] > 1 else "report.analysis.value.bought_once", locale,
               times=details["times"], first=details["first"], last=details["last"])]
    if chance is None:
        words.append(t("report.analysis.value.untried", locale))
    else:
        word = "gone" if chance < 0.3 else "doubtful" if chance < 0.7 else "alive"
        words.append(t(f"report.analysis.value.{word}", locale, chance=percent(chance)))
    words.append(t("report.analysis.value.expects", locale, months=months, purchases=f"{details['purchases']:.1f}"))
    if amount is not None:
        words.append(t("report.analysis.value.worth", locale, each=number(details["each"]), amount=number(amount),
                       currency=currency or ""))
    if due_on is not None:
        words.append(t("report.analysis.value.next", locale, day=due_on))
    return words

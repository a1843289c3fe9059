"""A rule made ready to judge changes: its condition as a predicate, its reasons as sentences.

The person who made the change is `$me` in a rule's condition, his department `$my_department`. Conditions over related
records are answered by the scope's `around`; what the record alone decides is judged first (`may_fire`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.criteria import (
    AllOf,
    Change,
    Criterion,
    Not,
    Scope,
    atoms,
    describe,
    fields_used,
    names_of,
    places_of,
    related_atoms,
    supposing,
    to_predicate,
)
from chassis.i18n import LOCALES, t
from chassis.ids import is_id
from services.workflow.model.around import Objects, leans_on, told
from services.workflow.model.objects import SYSTEM_KINDS, ObjectModel
from services.workflow.model.rules import BECOMES, Rule, read_criteria
from services.workflow.model.texts import pick, said

Names = Callable[[str], str | None]


class CompiledRule:
    """One version of a rule over one version of its object."""

    def __init__(self, rule: Rule, model: ObjectModel, name_of: Names, objects: Objects | None = None) -> None:
        """`name_of` names users and departments; raises CriteriaError when the condition no longer fits the object."""
        self.rule, self.model, self._name_of = rule, model, name_of
        self._objects: Objects = objects if objects is not None else {}
        self.on: str = rule.trigger["on"]
        self.segment: str = rule.trigger.get("segment", "")
        self.order = rule.position, rule.id  # rules act in this order
        self.criterion: Criterion = read_criteria(rule.criteria, model, self._objects)
        self.asks = tuple(dict.fromkeys(related_atoms(self.criterion)))
        self._places = dict(places_of(self.criterion, model.name))
        self._leans_on = {name: self._objects.get(name) for name in leans_on(self.criterion)}
        self.watched: frozenset[str] | None = self._watched()
        self._holds = to_predicate(self.criterion)
        self._may_hold = to_predicate(supposing(self.criterion)) if self.asks else self._holds
        self._clauses = tuple((atom, to_predicate(atom)) for atom in atoms(self.criterion))
        self._reasons: dict[tuple[bool, ...], dict[str, Any]] = {}

    @property
    def objects(self) -> Objects:
        """The objects that are known beside the rule's own."""
        return self._objects

    def still_fits(self, objects: Objects) -> bool:
        """Tell whether the related objects are what they were when the rule was made ready."""
        return all(_version(objects.get(name)) == _version(then) for name, then in self._leans_on.items())

    def may_fire(self, change: Change, created: bool, scope: Scope) -> bool:
        """Tell whether the rule would act if all that is around the record turned out in its favour."""
        return self._may_hold(change, scope) if self.asks else self.fires(change, created, scope)

    def judged_on(self, change: Change, created: bool) -> tuple[Mapping[str, Any], ...]:
        """Return the states of the record whose surroundings decide."""
        return (change.after,) if created or self.on != BECOMES else (change.after, change.previous)

    def fires(self, change: Change, created: bool, scope: Scope) -> bool:
        """Tell whether the rule acts on this change; the trigger's fields were looked at before."""
        if not self._holds(change, scope):
            return False
        return created or self.on != BECOMES or not self._holds(change.previous, scope)

    def reason(self, change: Change, scope: Scope) -> dict[str, Any]:
        """Return why the rule acted: a sentence in each language, and for each clause whether it held."""
        held = tuple(judge(change, scope) for _, judge in self._clauses)
        known = self._reasons.get(held)
        if known is None:
            known = self._reasons[held] = {"text": self._sentence(held), "clauses": [
                told(atom, true) for (atom, _), true in zip(self._clauses, held, strict=True)]}
        return known

    def _watched(self) -> frozenset[str] | None:
        """The fields one of which must have changed; None for a rule on creation, or on any change."""
        if self.on == BECOMES:
            return fields_used(self.criterion)
        fields = self.rule.trigger.get("fields")
        return frozenset(fields) if fields else None

    def _sentence(self, held: tuple[bool, ...]) -> dict[str, str]:
        shown = self.criterion if _negates(self.criterion) else AllOf(
            tuple(atom for (atom, _), true in zip(self._clauses, held, strict=True) if true))
        conditions = {locale: self._describe(shown, locale) for locale in LOCALES}
        return said(f"reason.{self.on if self._clauses else self.on + '.always'}", criteria=conditions)

    def _describe(self, criterion: Criterion, locale: str) -> str:
        system = {name: t(f"workflow.field.{name}", locale) for name in (*SYSTEM_KINDS, "owner.department")}
        names = names_of(criterion, self.model.name, lambda name: self._model(name).labels(locale, system),
                         lambda name: pick(self._model(name).plural, locale) or name)
        return describe(criterion, names, locale,
                        lambda field, value: self._known_name(field, value, locale))

    def _model(self, name: str) -> ObjectModel:
        return self._leans_on.get(name) or self.model

    def show(self, field: str, value: Any, locale: str) -> str:
        """Return a value of a record as people read it."""
        if value is None:
            return t("workflow.value.none", locale)
        if isinstance(value, Mapping):
            return f"{value['amount']} {value['currency']}"
        if isinstance(value, bool):
            return t(f"workflow.value.{str(value).lower()}", locale)
        values = value if isinstance(value, list) else [value]
        return ", ".join(self._known_name(field, one, locale) or str(one) for one in values)

    def _known_name(self, field: str, value: Any, locale: str) -> str | None:
        object, member = self._places.get(field, (self.model.name, field))
        known = self._model(object).fields.get(member)
        if known is not None and known.choices:
            return pick(known.choices.get(value), locale) or None
        return self._name_of(value) if is_id(value) else None


def _version(model: ObjectModel | None) -> int | None:
    return None if model is None else model.version


def _negates(criterion: Criterion) -> bool:
    if isinstance(criterion, Not):
        return True
    return any(_negates(part) for part in getattr(criterion, "parts", ()))


def change_of(change: Mapping[str, Any]) -> Change:
    """Return an event's change in the form that conditions are judged on."""
    return Change(change["after"], change["before"], frozenset(change["changed"]))


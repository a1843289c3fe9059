"""A criterion for people: as a sentence, and clause by clause for one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.criteria.nodes import AllOf, Clause, Criterion, Duration, Has, Not, atoms, to_json, value_to_json
from chassis.criteria.phrases import CLAUSES, WORDS
from chassis.criteria.predicate import to_predicate
from chassis.criteria.scope import Change, Scope

ShowValue = Callable[[str, Any], str | None]


def explain(criterion: Criterion, record: Mapping[str, Any] | Change, scope: Scope) -> list[dict[str, Any]]:
    """For each clause in order `{"field", "op", "value", "held"}`, for each group `{"related", "op", "where", "held"}`;
    `held` is its own truth, whatever negation stands around it."""
    return [{**_written(atom), "held": to_predicate(atom)(record, scope)} for atom in atoms(criterion)]


def _written(atom: Clause | Has) -> dict[str, Any]:
    if isinstance(atom, Has):
        return to_json(atom)
    return {"field": atom.field, "op": atom.op, "value": value_to_json(atom.value)}


def describe(
    criterion: Criterion, labels: Mapping[str, str], locale: str = "en", show: ShowValue | None = None
) -> str:
    """The criterion as a sentence in English or Chinese (other locales get English).

    `labels` names the fields; `show(field, value)` may name a value (a choice, a person), None leaves it as
    it is.
    """
    return _Teller(labels, locale if locale in WORDS else "en", show).tell(criterion, nested=False)


class _Teller:
    def __init__(self, labels: Mapping[str, str], locale: str, show: ShowValue | None) -> None:
        self.labels, self.locale, self.show = labels, locale, show
        self.words, self.phrases = WORDS[locale], CLAUSES[locale]

    def tell(self, criterion: Criterion, *, nested: bool = True) -> str:
        if isinstance(criterion, Clause):
            return self.clause(criterion)
        if isinstance(criterion, Not):
            return self.negation(criterion)
        if isinstance(criterion, Has):
            return self.group(criterion, "some" if criterion.least == 1 else "at_least")
        conjunction = isinstance(criterion, AllOf)
        if not criterion.parts:
            return self.words["always" if conjunction else "never"]
        if len(criterion.parts) == 1:
            return self.tell(criterion.parts[0], nested=nested)
        told = self.words["all" if conjunction else "any"].join(self.tell(part) for part in criterion.parts)
        return self.words["group"].format(parts=told) if nested else told

    def negation(self, criterion: Not) -> str:
        part = criterion.part
        if isinstance(part, Has) and part.least == 1:
            return self.group(part, "none")
        return self.words["not"].format(part=self.tell(part, nested=False))

    def group(self, group: Has, how: str) -> str:
        name = f"{group.step.object}.{group.step.reference}"
        part = self.beyond(name).tell(group.part, nested=False)
        where = self.words["where"].format(part=part) if list(atoms(group.part)) else ""
        return self.words[how].format(least=group.least, related=self.labels.get(name, group.step.object),
                                        where=where)

    def beyond(self, name: str) -> _Teller:
        """Who tells of the records of a group: their fields are named as `<object>.<reference>.<field>`."""
        labels = {key.removeprefix(f"{name}."): label for key, label in self.labels.items()
                  if key.startswith(f"{name}.")}
        show = self.show
        inner = None if show is None else lambda field, value: show(f"{name}.{field}", value)
        return _Teller(labels, self.locale, inner)

    def clause(self, clause: Clause) -> str:
        label = self.labels.get(clause.field) or self.labels.get(clause.root, clause.field)
        return self.phrases[clause.op].format(field=label, value=self.value(clause))

    def value(self, clause: Clause) -> str:
        if not isinstance(clause.value, tuple):
            return self.one(clause, clause.value)
        joint = self.words["pair" if clause.op == "between" else "list"]
        return joint.join(self.one(clause, value) for value in clause.value)

    def one(self, clause: Clause, value: Any) -> str:
        if isinstance(value, Duration):
            return self.words[value.unit].format(amount=value.amount)
        written = value_to_json(value)
        shown = self.show(clause.field, written) if self.show else None
        if shown is not None:
            return shown
        if isinstance(value, bool):
            return self.words[str(value).lower()]
        if clause.op == "on" or str(value) in ("$me", "$my_department"):
            return self.words.get(str(value), str(value))
        if clause.currency:
            return f"{written} {clause.currency}"
        return self.words["quoted"].format(text=written) if isinstance(value, str) else str(written)

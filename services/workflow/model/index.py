"""Which rules may fire on a change, found without asking each of them.

First by object, kind of change and changed field; then by the most selective equality of the condition ("region is
East"): a rule that demands another region is never looked at. Rules without such an equality are always candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.criteria import selective_equality
from services.workflow.model.compiled import CompiledRule
from services.workflow.model.rules import CHANGED, CREATED, PASSAGES


class EqualityIndex:
    """Rules by what they demand of one member of the record."""

    def __init__(self) -> None:
        self._demands: dict[str, dict[Any, list[CompiledRule]]] = {}
        self._rest: list[CompiledRule] = []

    def add(self, rule: CompiledRule) -> None:
        """Enter a rule."""
        demand = selective_equality(rule.criterion)
        if demand is None:
            self._rest.append(rule)
        else:
            self._demands.setdefault(demand[0], {}).setdefault(demand[1], []).append(rule)

    def candidates(self, record: Mapping[str, Any]) -> Iterator[CompiledRule]:
        """Yield the rules whose demand the record meets."""
        yield from self._rest
        for member, by_value in self._demands.items():
            value = record.get(member)
            if isinstance(value, str | bool):
                yield from by_value.get(value, ())


class ObjectIndex:
    """The active rules of one object."""

    def __init__(self) -> None:
        self._created = EqualityIndex()
        self._any_change = EqualityIndex()
        self._by_field: dict[str, EqualityIndex] = {}
        self._by_segment: dict[tuple[str, str], EqualityIndex] = {}

    def add(self, rule: CompiledRule) -> None:
        """Enter a rule under everything that can make it fire."""
        if rule.on in PASSAGES:
            self._by_segment.setdefault((rule.on, rule.segment), EqualityIndex()).add(rule)
            return
        if rule.on != CHANGED:
            self._created.add(rule)
        if rule.on == CREATED:
            return
        if rule.watched is None:
            self._any_change.add(rule)
        for field in rule.watched or ():
            self._by_field.setdefault(field, EqualityIndex()).add(rule)

    def candidates(self, action: str, changed: Iterable[str], after: Mapping[str, Any]) -> list[CompiledRule]:
        """Return the rules that may fire on this change, each once, in no order."""
        if action == "created":
            return list(self._created.candidates(after))
        touched = [self._by_field[field] for field in changed if field in self._by_field]
        found = dict.fromkeys(self._any_change.candidates(after))
        for index in touched:
            found |= dict.fromkeys(index.candidates(after))
        return list(found)

    def of_segment(self, action: str, segment: str, after: Mapping[str, Any]) -> list[CompiledRule]:
        """Return the rules that may fire when a record enters a segment or leaves it."""
        index = self._by_segment.get((action, segment))
        return list(index.candidates(after)) if index is not None else []

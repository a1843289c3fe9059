"""Layouts made ready to judge records: once for each version of an object and its layouts.

A condition that no longer makes sense (its field is gone) counts as not written: the field is shown, nothing is
demanded, and a layout whose own condition is broken is not chosen. So taking a field away never stops anybody's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.criteria import CriteriaError, Field, Scope, is_related, parse, to_predicate
from chassis.criteria.predicate import Predicate
from services.customer.model.layouts.document import Layout

Record = Mapping[str, Any]
_EMPTY = (None, "", [])


@dataclass(frozen=True)
class Verdict:
    """What the layout that applies says about one record: fields that it hides, fields that it demands."""

    hidden: frozenset[str] = frozenset()
    demanded: frozenset[str] = frozenset()

    def lacks(self, record: Record) -> list[str]:
        """The demanded fields without a value."""
        return [name for name in sorted(self.demanded) if record.get(name) in _EMPTY]


@dataclass(frozen=True)
class _Placement:
    """A field on the form; conditions that may be missing: of its section and its own."""

    name: str
    visible: tuple[Predicate, ...]
    always_demanded: bool
    demanded: tuple[Predicate, ...]

    def is_hidden(self, record: Record, scope: Scope) -> bool:
        return not all(test(record, scope) for test in self.visible)

    def is_demanded(self, record: Record, scope: Scope) -> bool:
        return self.always_demanded or any(test(record, scope) for test in self.demanded)


class CompiledLayout:
    """One active layout, ready to be asked."""

    def __init__(self, layout: Layout, fields: Mapping[str, Field]) -> None:
        self.layout = layout
        self.roles = frozenset(layout.roles)
        self._broken = False
        self.is_related = False  # whether it asks what is around a record
        self._chosen_when = None if layout.default else self._criterion(layout.criteria, fields)
        self._judged = tuple(one for one in self._placements(fields)
                             if one.visible or one.demanded or one.always_demanded)

    def _criterion(self, data: Any, fields: Mapping[str, Field]) -> Predicate | None:
        made = self._predicate(data, fields)
        self._broken = data is not None and made is None
        return made

    def _placements(self, fields: Mapping[str, Field]) -> Iterable[_Placement]:
        for section in self.layout.sections:
            shown, demanded = (self._predicate(section[name], fields) for name in ("visible_when", "required_when"))
            for placed in section["fields"]:
                if placed["field"] not in fields or placed["read_only"]:
                    continue
                own_shown = self._predicate(placed["visible_when"], fields)
                own_demanded = self._predicate(placed["required_when"], fields)
                yield _Placement(placed["field"], _written(shown, own_shown), placed["required"],
                                 _written(demanded, own_demanded))

    def _predicate(self, data: Any, fields: Mapping[str, Field]) -> Predicate | None:
        if data is None:
            return None
        try:
            criterion = parse(data, fields)
        except CriteriaError:
            return None
        self.is_related = self.is_related or is_related(criterion)
        return to_predicate(criterion)

    @property
    def is_broken(self) -> bool:
        """Whether the condition for choosing it speaks of what is not there any more."""
        return self._broken

    @property
    def judges(self) -> bool:
        """Whether it hides or demands anything."""
        return bool(self._judged)

    def is_for(self, roles: frozenset[str]) -> bool:
        """Whether it is meant for somebody with these roles (their keys)."""
        return not self._broken and (self.layout.default or not self.roles or not self.roles.isdisjoint(roles))

    def fits(self, record: Record, scope: Scope) -> bool:
        """Whether it is meant for this record."""
        return self._chosen_when is None or self._chosen_when(record, scope)

    def verdict(self, record: Record, scope: Scope) -> Verdict:
        """What it hides and demands of a record."""
        hidden = frozenset(one.name for one in self._judged if one.visible and one.is_hidden(record, scope))
        return Verdict(hidden, frozenset(one.name for one in self._judged
                                         if one.name not in hidden and one.is_demanded(record, scope)))


def compile_layouts(layouts: Iterable[Layout], fields: Mapping[str, Field]) -> tuple[CompiledLayout, ...]:
    """The active layouts in the order in which they are tried: by position, the default ones last."""
    ordered = sorted((one for one in layouts if one.active), key=lambda one: (one.default, one.position, one.key))
    return tuple(CompiledLayout(one, fields) for one in ordered)


def _written(*predicates: Predicate | None) -> tuple[Predicate, ...]:
    return tuple(one for one in predicates if one is not None)

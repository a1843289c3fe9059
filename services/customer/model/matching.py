"""What makes two records look like one: exact equality of normalised values.

A duplicate rule names fields; its key is the normalised values of all of them, or nothing when one is
missing. Keys are kept beside the records, so a check is one look-up, and the importer compares sheets by
the same keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.customer.model.erased import is_erased
from services.customer.model.values.reach import email_key
from services.customer.model.values.text import folded

if TYPE_CHECKING:
    from services.customer.model.fields import FieldDef
    from services.customer.model.objects import ObjectDef

_BETWEEN = "\x1f"
_LONGEST = 180


@dataclass(frozen=True, slots=True)
class Matcher:
    """One duplicate rule, made ready: its name, its fields, and how the value of each is normalised."""

    rule: str
    names: frozenset[str]
    parts: tuple[tuple[str, Callable[[Any], str]], ...]

    def key_of(self, record: Mapping[str, Any]) -> str | None:
        """The key of a record in wire form; None when one of the fields has no value, or none that says anything."""
        found = []
        for name, normal in self.parts:
            value = record.get(name)
            if value is None or is_erased(value) or not (part := normal(value)):
                return None
            found.append(part)
        key = found[0] if len(found) == 1 else _BETWEEN.join(found)
        return key if len(key) <= _LONGEST else hashlib.sha256(key.encode()).hexdigest()


def rule_name(rule: Mapping[str, Any]) -> str:
    """The name of a rule: its fields, which also say what matched."""
    return "+".join(rule["fields"])


def matchers_of(rules: Iterable[Mapping[str, Any]], fields: Mapping[str, FieldDef]) -> tuple[Matcher, ...]:
    """The rules whose fields records have, in their order."""
    return tuple(Matcher(rule_name(rule), frozenset(rule["fields"]),
                         tuple((name, _normaliser(fields[name].type)) for name in rule["fields"]))
                 for rule in rules if all(name in fields for name in rule["fields"]))


def match_keys(definition: ObjectDef, record: Mapping[str, Any],
               only: Iterable[str] | None = None) -> dict[str, str]:
    """Rule name → key of every rule that the record (wire form) has all values for."""
    asked = definition.matchers
    if only is not None:
        named = frozenset(only)
        asked = tuple(matcher for matcher in asked if not named.isdisjoint(matcher.names))
    return {matcher.rule: key for matcher in asked if (key := matcher.key_of(record)) is not None}


def _normaliser(kind: str) -> Callable[[Any], str]:
    if kind == "email":
        return email_key
    return str if kind == "phone" else _folded


def _folded(value: Any) -> str:
    return folded(value if type(value) is str else str(value))

"""What makes two records look like one: exact equality of normalised values.

A duplicate rule names fields; its key is the normalised values of all of them, or nothing when one is
missing. Keys are kept beside the records, so a check is one look-up, and the importer compares sheets by
the same keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from services.customer.model.objects import ObjectDef
from services.customer.model.values.reach import email_key
from services.customer.model.values.text import folded

_BETWEEN = "\x1f"
_LONGEST = 180


def rule_name(rule: Mapping[str, Any]) -> str:
    """The name of a rule: its fields, which also say what matched."""
    return "+".join(rule["fields"])


def match_keys(definition: ObjectDef, record: Mapping[str, Any],
               only: Iterable[str] | None = None) -> dict[str, str]:
    """Rule name → key of every rule that the record (wire form) has all values for."""
    keys: dict[str, str] = {}
    only = None if only is None else frozenset(only)
    for rule in definition.duplicate_rules:
        fields = [definition.ready[name] for name in rule["fields"] if name in definition.ready]
        if only is not None and not any(field.name in only for field in fields):
            continue
        parts = [_normal(field.type, record.get(field.name)) for field in fields]
        if len(fields) == len(rule["fields"]) and all(parts):
            keys[rule_name(rule)] = _short(_BETWEEN.join(parts))
    return keys


def _normal(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "email":
        return email_key(value)
    return value if kind == "phone" else folded(str(value))


def _short(key: str) -> str:
    if len(key) <= _LONGEST:
        return key
    return hashlib.sha256(key.encode()).hexdigest()

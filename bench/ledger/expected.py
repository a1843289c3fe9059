"""Which rule acts on which change: read from the documents on rules and criteria, and from nothing of the product.

It imports nothing of Freehold on purpose. A rule is the JSON that was sent to create it, a change is what the record
was and is by the fields that people write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A change that was accepted: `before` is None when it made the record."""

    record: str
    version: int
    before: Record | None
    after: Record


@dataclass(frozen=True)
class Effects:
    """Runs and tasks by (rule, record, version), messages by (rule, record), and what the mark of each record is."""

    runs: Counter[tuple[str, str, int]]
    tasks: Counter[tuple[str, str, int]]
    messages: Counter[tuple[str, str]]
    marks: Mapping[str, int]


def expected(rules: Mapping[str, Mapping[str, Any]], changes: Iterable[Change]) -> Effects:
    """The effects of rules (by their names, in the order in which they act) on changes in the order of versions."""
    effects = Effects(Counter(), Counter(), Counter(), marks := {})
    for change in changes:
        for name, rule in rules.items():
            if not acts(rule, change):
                continue
            effects.runs[name, change.record, change.version] += 1
            for action in rule["actions"]:
                if action["type"] == "create_task":
                    effects.tasks[name, change.record, change.version] += 1
                elif action["type"] == "notify":
                    effects.messages[name, change.record] += 1
                elif action["type"] == "set_fields":
                    marks[change.record] = action["values"]["mark"]
    return effects


def acts(rule: Mapping[str, Any], change: Change) -> bool:
    """Whether a rule acts on a change: it is of the kind that triggers it, and its condition holds."""
    trigger, before, after = rule["trigger"], change.before or {}, change.after
    if trigger["on"] == "created":
        return change.before is None and holds(rule["criteria"], before, after)
    if trigger["on"] == "changed":
        changed = {name for name in after if _plain(before.get(name)) != _plain(after[name])}
        return change.before is not None and bool(changed & set(trigger["fields"])) and holds(
            rule["criteria"], before, after)
    was = change.before is not None and holds(rule["criteria"], before, before)
    return holds(rule["criteria"], before, after) and not was


def holds(criteria: Mapping[str, Any], before: Record, after: Record) -> bool:
    """Whether a condition holds for a record that was one thing and is another."""
    if "all" in criteria:
        return all(holds(one, before, after) for one in criteria["all"])
    if "any" in criteria:
        return any(holds(one, before, after) for one in criteria["any"])
    if "not" in criteria:
        return not holds(criteria["not"], before, after)
    name = criteria["field"]
    return _clause(criteria["op"], criteria.get("value"), _plain(before.get(name)), _plain(after.get(name)))


def _clause(op: str, value: Any, was: Any, now: Any) -> bool:
    if op in ("changed", "changed_to", "changed_from"):
        return was != now and {"changed": True, "changed_to": now == value, "changed_from": was == value}[op]
    if op in ("is_set", "is_empty"):
        return (now is None) == (op == "is_empty")
    positive = {"ne": "eq", "not_in": "in", "not_contains": "contains"}.get(op)
    if positive is not None:
        return not _clause(positive, value, was, now)
    return now is not None and _compare(op, value, now)


def _compare(op: str, value: Any, now: Any) -> bool:
    if op == "eq":
        return bool(now == value)
    if op == "in":
        return now in value
    if op == "between":
        return bool(value[0] <= now <= value[1])
    if op == "contains":
        return value.casefold() in now.casefold()
    if op == "starts_with":
        return bool(now.casefold().startswith(value.casefold()))
    return bool({"lt": now < value, "lte": now <= value, "gt": now > value, "gte": now >= value}[op])


def _plain(value: Any) -> Any:
    """The empty text is no value."""
    return None if value == "" else value
